"""
``motormongo.fields.reference_field`` by its old path.
"""

from mongolane.errors import ReferenceConversionError, ReferenceTypeError
from mongolane.fields import Field, ReferenceField

__all__ = ["Field", "ReferenceConversionError", "ReferenceField", "ReferenceTypeError"]
