"""
``motormongo.abstracts.embedded_document`` by its old path.
"""

from mongolane.documents import EmbeddedDocument

__all__ = ["EmbeddedDocument"]
