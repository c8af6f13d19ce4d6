"""
The errors of ``binary_field`` by their old path.
"""

from mongolane.errors import (
    BinaryDecodingError,
    BinaryFieldError,
    InvalidBinaryTypeError,
    MissingTypeAnnotationError,
)

__all__ = [
    "BinaryDecodingError",
    "BinaryFieldError",
    "InvalidBinaryTypeError",
    "MissingTypeAnnotationError",
]
