"""
``motormongo.abstracts`` by its old path.
"""

from mongolane.documents import Document, EmbeddedDocument

from . import document, embedded_document, exceptions

__all__ = [
    "Document",
    "EmbeddedDocument",
    "document",
    "embedded_document",
    "exceptions",
]
