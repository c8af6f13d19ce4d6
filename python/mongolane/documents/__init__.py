"""
Gives classes a life in a collection.
"""

from .collection import Collection
from .contract import Contract
from .database import DataBase, get_db
from .document import Document
from .embedded import EmbeddedDocument
from .metaclass import DocumentMeta

__all__ = [
    "Collection",
    "Contract",
    "DataBase",
    "Document",
    "DocumentMeta",
    "EmbeddedDocument",
    "get_db",
]
