"""Updates of one document or of many."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Self

from .. import codec, commands
from ..commands import Command
from ..errors import DuplicateKeyError
from ._query import Query
from ._write import Operation, refuse_unanswered, top_options
from .results import UpdateResult, check
from .source import Source

__all__ = ["Update"]


class Update(Query):
    """
    A change of what a query finds; awaited, an ``UpdateResult``.

    Args:
        parent: the query this one was derived from.
        source: where it goes.
        filter: the filter document.
        change: the update document, pipeline, or replacement.
        options: in the server's spelling.
        multi: change all that match, not one.
        upsert: make a document when none matches.
    """

    __slots__ = ("_change", "_filter", "_multi", "_options", "_source", "_upsert")

    def __init__(
        self,
        parent: Query,
        source: Source[Any],
        filter: Mapping[str, Any],
        change: Any,
        options: Mapping[str, Any],
        *,
        multi: bool = False,
        upsert: bool = False,
    ) -> None:
        self._come_from(parent)
        self._source = source
        self._filter = filter
        self._change = change
        self._options = options
        self._multi = multi
        self._upsert = upsert

    def __await__(self) -> Generator[Any, None, UpdateResult]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> UpdateResult:
        command = self._command()
        lane = self._source.database.lane
        if self._upsert and (pending := self._source.pending()) is not None:
            await pending
        try:
            reply = await lane.run(command)
            if not command.acknowledged:
                return UpdateResult(0, 0)
            document = check(reply)
        except DuplicateKeyError:
            # Two upserts at once: the other one has made the document, so that
            # this one finds it now. The server itself retries the simple cases.
            if not self._upsert:
                raise
            document = check(await lane.run(self._command()))
        return UpdateResult.of(document)

    def _statement(self) -> dict[str, Any]:
        refuse_unanswered(self._options)
        return commands.update_statement(
            self._filter,
            self._change,
            self._options,
            multi=self._multi,
            upsert=self._upsert,
        )

    def _command(self) -> Command:
        source = self._source
        return commands.update(
            source.database.name, source.collection, self._statement(), self._options
        )

    def _operations(self) -> list[Operation]:
        self._used = True
        data = codec.encode(self._statement())
        options = top_options(self._options)
        return [Operation("update", self._source, data, options, self._multi)]

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._command().body)

    def comment(self, comment: Any) -> Self:
        """Show up in the server's log and profiler under this comment."""
        options = {**self._options, "comment": comment}
        return type(self)(
            self,
            self._source,
            self._filter,
            self._change,
            options,
            multi=self._multi,
            upsert=self._upsert,
        )

    def __repr__(self) -> str:
        many = "documents" if self._multi else "document"
        return f"<Update of {self._source.owner} {many}>"
