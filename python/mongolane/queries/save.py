"""The save of a stored document, as one of several writes."""

from __future__ import annotations

from typing import Any

from ._query import Query
from ._write import Operation, Saving, top_options
from .source import Source

__all__ = ["Save"]


class Save(Query):
    """
    The save of a document that is stored already; a part of a ``bulk``.

    Args:
        source: where it goes.
        saving: what knows the document, and what has changed in it.
    """

    __slots__ = ("_saving", "_source")

    def __init__(self, source: Source[Any], saving: Saving) -> None:
        self._begin()
        self._source = source
        self._saving = saving

    def _operations(self) -> list[Operation]:
        self._used = True
        data = self._saving.statement()
        options = top_options(self._source.options or {})
        return [Operation("update", self._source, data, options, saving=self._saving)]

    def __repr__(self) -> str:
        return f"<Save of one {self._source.owner}>"
