"""
``motormongo.fields.string_field`` by its old path.
"""

from mongolane.errors import StringLengthError, StringPatternError, StringValueError
from mongolane.fields import Field, StringField

__all__ = [
    "Field",
    "StringField",
    "StringLengthError",
    "StringPatternError",
    "StringValueError",
]
