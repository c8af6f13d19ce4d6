"""
``motormongo.fields.list_field`` by its old path.
"""

from mongolane.errors import ListItemTypeError, ListValueTypeError
from mongolane.fields import Field, ListField

__all__ = ["Field", "ListField", "ListItemTypeError", "ListValueTypeError"]
