"""
``motormongo.abstracts.document`` by its old path.
"""

from typing import TypeVar

from mongolane.documents import Document, DocumentMeta
from mongolane.errors import (
    DocumentAggregationError,
    DocumentDeleteError,
    DocumentInsertError,
    DocumentNotFoundError,
    DocumentUpdateError,
)

__all__ = [
    "Document",
    "DocumentAggregationError",
    "DocumentDeleteError",
    "DocumentInsertError",
    "DocumentMeta",
    "DocumentNotFoundError",
    "DocumentUpdateError",
    "TDocument",
]

TDocument = TypeVar("TDocument", bound=Document)
