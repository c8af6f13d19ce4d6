"""
The errors of ``string_field`` by their old path.
"""

from mongolane.errors import (
    StringFieldError,
    StringLengthError,
    StringPatternError,
    StringValueError,
)

__all__ = [
    "StringFieldError",
    "StringLengthError",
    "StringPatternError",
    "StringValueError",
]
