"""
``EmbeddedDocument``: a model that lives inside documents.
"""

from __future__ import annotations

from typing import ClassVar

from .model import StoredModel

__all__ = ["EmbeddedDocument"]


class EmbeddedDocument(StoredModel, init=False):
    """
    A part of a document. It has no collection, and no id unless it declares one, or a
    class of field objects is given one.
    """

    __mongolane_part__: ClassVar[bool] = True

    # As it was read: with keys that the class does not declare, which a save keeps.
    __slots__ = ("__mongolane_raw__",)
