"""
The errors of ``list_field`` by their old path.
"""

from mongolane.errors import ListFieldError, ListItemTypeError, ListValueTypeError

__all__ = ["ListFieldError", "ListItemTypeError", "ListValueTypeError"]
