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

from . import (
    binary_field,
    boolean_field,
    datetime_field,
    embedded_document_field,
    enum_field,
    exceptions,
    field,
    float_field,
    geojson_field,
    integer_field,
    list_field,
    reference_field,
    string_field,
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
    "binary_field",
    "boolean_field",
    "datetime_field",
    "embedded_document_field",
    "enum_field",
    "exceptions",
    "field",
    "float_field",
    "geojson_field",
    "integer_field",
    "list_field",
    "reference_field",
    "string_field",
]
