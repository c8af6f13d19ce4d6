"""Change, replace or remove one document and give it, in one step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Generic, TypeVar

from .. import commands
from ..abc import ModelCodec, Reply
from ..commands import Command
from ..errors import DuplicateKeyError
from ._query import Query
from ._write import refuse_unanswered
from .results import check
from .source import Source

__all__ = ["FindAndModify"]

R = TypeVar("R")


class FindAndModify(Query, Generic[R]):
    """
    One document, changed and given.

    Args:
        parent: the query this one was derived from.
        source: where it goes.
        filter: the filter document.
        change: the update document, pipeline or replacement; None removes.
        options: in the server's spelling.
        read: makes the result of the reply.
        new: give the document as it is afterwards.
        upsert: make one when none matches.
    """

    __slots__ = (
        "_change",
        "_filter",
        "_new",
        "_options",
        "_read",
        "_source",
        "_upsert",
    )

    def __init__(
        self,
        parent: Query,
        source: Source[Any],
        filter: Mapping[str, Any],
        change: Any,
        options: Mapping[str, Any],
        read: Callable[[Reply], R],
        *,
        new: bool = False,
        upsert: bool = False,
    ) -> None:
        self._come_from(parent)
        self._source = source
        self._filter = filter
        self._change = change
        self._options = options
        self._read = read
        self._new = new
        self._upsert = upsert

    def __await__(self) -> Generator[Any, None, R]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> R:
        lane = self._source.database.lane
        if self._upsert and (pending := self._source.pending()) is not None:
            await pending
        try:
            reply = await lane.run(self._command())
        except DuplicateKeyError:
            # Two upserts at once: this one finds what the other one has made.
            if not self._upsert:
                raise
            reply = await lane.run(self._command())
        check(reply)
        return self._read(reply)

    def _command(self) -> Command:
        source = self._source
        refuse_unanswered(self._options)
        return commands.find_and_modify(
            source.database.name,
            source.collection,
            self._filter,
            self._change,
            self._options,
            new=self._new,
            upsert=self._upsert,
        )

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._command().body)

    def __repr__(self) -> str:
        return f"<FindAndModify of {self._source.owner}>"


def value_reader(codec: ModelCodec[Any]) -> Callable[[Reply], Any]:
    """Reads the document of a reply, None when there is none."""

    def read(reply: Reply) -> Any:
        data = reply.value()
        return None if data is None else codec.decode(data)

    return read


def upsert_reader(codec: ModelCodec[Any]) -> Callable[[Reply], Any]:
    """Reads the document, and whether it was made."""
    read_value = value_reader(codec)

    def read(reply: Reply) -> Any:
        facts = reply.document().get("lastErrorObject") or {}
        # Not updatedExisting: DocumentDB calls it false for an update without effect.
        return read_value(reply), facts.get("upserted") is not None

    return read
