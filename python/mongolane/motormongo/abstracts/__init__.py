"""
``motormongo.abstracts`` by its old path.
"""

from mongolane.documents import Document, EmbeddedDocument

__all__ = ["Document", "EmbeddedDocument"]
