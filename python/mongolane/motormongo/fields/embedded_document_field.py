"""
``motormongo.fields.embedded_document_field`` by its old path.
"""

from mongolane.fields import EmbeddedDocumentField

__all__ = ["EmbeddedDocumentField"]
