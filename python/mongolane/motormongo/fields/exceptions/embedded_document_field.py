"""
The errors of ``embedded_document_field`` by their old path.
"""

from mongolane.errors import EmbeddedDocumentFieldError, EmbeddedDocumentTypeError

__all__ = ["EmbeddedDocumentFieldError", "EmbeddedDocumentTypeError"]
