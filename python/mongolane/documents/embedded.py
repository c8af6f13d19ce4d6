"""
``EmbeddedDocument``: a model that lives inside documents.
"""

from __future__ import annotations

from .model import StoredModel

__all__ = ["EmbeddedDocument"]


class EmbeddedDocument(StoredModel):
    """
    A part of a document. It has no collection, and no id unless it declares one.
    """
