"""Removal of one document or of many."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from .. import codec, commands
from ..commands import Command
from ._query import Query
from ._write import Operation, refuse_unanswered, top_options
from .results import check, counted
from .source import Source

__all__ = ["Delete"]


class Delete(Query):
    """
    Removal of what a query finds; awaited, how many documents that were.

    Args:
        parent: the query this one was derived from.
        source: where it goes.
        filter: the filter document.
        options: in the server's spelling.
        multi: remove all that match, not one.
    """

    __slots__ = ("_filter", "_multi", "_options", "_source")

    def __init__(
        self,
        parent: Query,
        source: Source[Any],
        filter: Mapping[str, Any],
        options: Mapping[str, Any],
        *,
        multi: bool = False,
    ) -> None:
        self._come_from(parent)
        self._source = source
        self._filter = filter
        self._options = options
        self._multi = multi

    def __await__(self) -> Generator[Any, None, int]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> int:
        command = self._command()
        reply = await self._source.database.lane.run(command)
        return counted(check(reply)) if command.acknowledged else 0

    def _statement(self) -> dict[str, Any]:
        refuse_unanswered(self._options)
        return commands.delete_statement(self._filter, self._options, multi=self._multi)

    def _command(self) -> Command:
        source = self._source
        return commands.delete(
            source.database.name, source.collection, self._statement(), self._options
        )

    def _operations(self) -> list[Operation]:
        self._used = True
        data = codec.encode(self._statement())
        options = top_options(self._options)
        return [Operation("delete", self._source, data, options, self._multi)]

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._command().body)

    def __repr__(self) -> str:
        many = "documents" if self._multi else "document"
        return f"<Delete of {self._source.owner} {many}>"
