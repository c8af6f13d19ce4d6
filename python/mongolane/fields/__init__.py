"""
What a class may declare: field objects, ``Mapped``, ``field()`` and marks.

Nothing here knows of servers. ``schema`` reads what was declared; ``documents`` makes
the classes.
"""

from .binary_field import BinaryField, Bytes, Hashed
from .boolean_field import BooleanField
from .bson_types import BSONType, jsonable, told, untold
from .datetime_field import DateTimeField, millisecond
from .embedded_document_field import EmbeddedDocumentField
from .enum_field import EnumField
from .field import STORED, Field, without_value
from .float_field import FloatField
from .geojson_field import GeoJSONField
from .integer_field import IntegerField
from .list_field import ListField
from .mapped import Declared, Mapped, field
from .marks import Index, Mark, Stored, Version
from .reference_field import Reference, ReferenceField, ReferenceList, id_key
from .replaced import aliased, filled, given_to
from .steps import Steps
from .string_field import StringField

__all__ = [
    "STORED",
    "BSONType",
    "BinaryField",
    "BooleanField",
    "Bytes",
    "DateTimeField",
    "Declared",
    "EmbeddedDocumentField",
    "EnumField",
    "Field",
    "FloatField",
    "GeoJSONField",
    "Hashed",
    "Index",
    "IntegerField",
    "ListField",
    "Mapped",
    "Mark",
    "Reference",
    "ReferenceField",
    "ReferenceList",
    "Steps",
    "Stored",
    "StringField",
    "Version",
    "aliased",
    "field",
    "filled",
    "given_to",
    "id_key",
    "jsonable",
    "millisecond",
    "told",
    "untold",
    "without_value",
]
