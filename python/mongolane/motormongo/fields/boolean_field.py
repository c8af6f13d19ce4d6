"""
``motormongo.fields.boolean_field`` by its old path.
"""

from mongolane.errors import BooleanFieldError
from mongolane.fields import BooleanField, Field

__all__ = ["BooleanField", "BooleanFieldError", "Field"]
