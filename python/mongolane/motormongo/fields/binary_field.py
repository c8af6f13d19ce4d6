"""
``motormongo.fields.binary_field`` by its old path.
"""

from mongolane.errors import (
    BinaryDecodingError,
    InvalidBinaryTypeError,
    MissingTypeAnnotationError,
)
from mongolane.fields import BinaryField, Field

__all__ = [
    "BinaryDecodingError",
    "BinaryField",
    "Field",
    "InvalidBinaryTypeError",
    "MissingTypeAnnotationError",
]
