"""
An async object-document mapper for MongoDB, made for FastAPI.

Nothing happens at import, and nothing connects before it is asked to.
"""

from . import errors
from .documents import DataBase, Document, EmbeddedDocument, bulk, get_db
from .expressions import Path, asc, desc, path_of
from .fields import (
    BinaryField,
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    EnumField,
    Field,
    FloatField,
    GeoJSONField,
    Index,
    IntegerField,
    ListField,
    Mapped,
    Reference,
    ReferenceField,
    Stored,
    StringField,
    Version,
    field,
)

__version__ = "0.1.0"

__all__ = [
    "BinaryField",
    "BooleanField",
    "DataBase",
    "DateTimeField",
    "Document",
    "EmbeddedDocument",
    "EmbeddedDocumentField",
    "EnumField",
    "Field",
    "FloatField",
    "GeoJSONField",
    "Index",
    "IntegerField",
    "ListField",
    "Mapped",
    "Path",
    "Reference",
    "ReferenceField",
    "Stored",
    "StringField",
    "Version",
    "__version__",
    "asc",
    "bulk",
    "desc",
    "errors",
    "field",
    "get_db",
    "path_of",
]
