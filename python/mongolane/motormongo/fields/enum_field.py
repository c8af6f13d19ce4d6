"""
``motormongo.fields.enum_field`` by its old path.
"""

from mongolane.errors import InvalidEnumTypeError, InvalidEnumValueError
from mongolane.fields import EnumField, Field

__all__ = ["EnumField", "Field", "InvalidEnumTypeError", "InvalidEnumValueError"]
