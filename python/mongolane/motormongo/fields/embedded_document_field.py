"""
``motormongo.fields.embedded_document_field`` by its old path.
"""

from mongolane.errors import EmbeddedDocumentTypeError
from mongolane.fields import EmbeddedDocumentField, Field

__all__ = ["EmbeddedDocumentField", "EmbeddedDocumentTypeError", "Field"]
