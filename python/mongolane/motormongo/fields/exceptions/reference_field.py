"""
The errors of ``reference_field`` by their old path.
"""

from mongolane.errors import (
    ReferenceConversionError,
    ReferenceFieldError,
    ReferenceTypeError,
    ReferenceValueError,
)

__all__ = [
    "ReferenceConversionError",
    "ReferenceFieldError",
    "ReferenceTypeError",
    "ReferenceValueError",
]
