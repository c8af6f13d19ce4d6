"""
Gives classes a life in a collection.
"""

from .bulk import bulk
from .collection import Collection
from .contract import Contract
from .database import DataBase, get_db
from .document import Document
from .embedded import EmbeddedDocument
from .index_plan import IndexPlan
from .known_classes import document_classes
from .metaclass import DocumentMeta

__all__ = [
    "Collection",
    "Contract",
    "DataBase",
    "Document",
    "DocumentMeta",
    "EmbeddedDocument",
    "IndexPlan",
    "bulk",
    "document_classes",
    "get_db",
]
