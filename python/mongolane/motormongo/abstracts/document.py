"""
``motormongo.abstracts.document`` by its old path.
"""

from typing import TypeVar

from mongolane.documents import Document, DocumentMeta

__all__ = ["Document", "DocumentMeta", "TDocument"]

TDocument = TypeVar("TDocument", bound=Document)
