"""
``motormongo.fields`` by its old path.
"""

from mongolane.fields import (
    BinaryField,
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    EnumField,
    Field,
    FloatField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
)

__all__ = [
    "BinaryField",
    "BooleanField",
    "DateTimeField",
    "EmbeddedDocumentField",
    "EnumField",
    "Field",
    "FloatField",
    "GeoJSONField",
    "IntegerField",
    "ListField",
    "ReferenceField",
    "StringField",
]
