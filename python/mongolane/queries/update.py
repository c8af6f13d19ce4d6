"""Updates of one document or of many."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Self

from .. import codec, commands
from ..abc import Reply
from ..commands import Command
from ..errors import DuplicateKeyError
from ._query import Query
from ._write import Operation, UpdateOperation, refuse_unanswered, top_options
from .results import UpdateResult, check
from .source import Source

__all__ = ["NO_OPTIONS", "Update"]


NO_OPTIONS: Mapping[str, Any] = {}
"""Those of most updates; the same object for all."""


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
        return self._run()

    def _run(self) -> Generator[Any, None, UpdateResult]:
        command = self._command()
        lane = self._source.database.lane
        if self._upsert and (pending := self._source.pending()) is not None:
            yield from pending.__await__()
        try:
            reply = yield from lane.ask(command)
            if not command.acknowledged:
                return UpdateResult(0, 0)
            return _result(reply)
        except DuplicateKeyError:
            # Two upserts at once: the other one has made the document, so that
            # this one finds it now. The server itself retries the simple cases.
            if not self._upsert:
                raise
        return _result((yield from lane.ask(self._command())))

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
        options = self._options
        if options or self._upsert:
            data = codec.encode(self._statement())
            options = top_options(options)
        elif self._multi:
            data = codec.encode({"q": self._filter, "u": self._change, "multi": True})
        else:
            # As most are: there is nothing to refuse, or to pick.
            data = codec.encode({"q": self._filter, "u": self._change})
        return [UpdateOperation(self._source, data, options, self._multi)]

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


def _result(reply: Reply) -> UpdateResult:
    counts = reply.counts
    return UpdateResult.of(check(reply)) if counts is None else UpdateResult(*counts)
