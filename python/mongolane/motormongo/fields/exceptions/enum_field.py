"""
The errors of ``enum_field`` by their old path.
"""

from mongolane.errors import EnumFieldError, InvalidEnumTypeError, InvalidEnumValueError

__all__ = ["EnumFieldError", "InvalidEnumTypeError", "InvalidEnumValueError"]
