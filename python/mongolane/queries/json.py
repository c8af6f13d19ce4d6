"""Documents as JSON, straight from BSON."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, Protocol

from ..abc import Reply
from ..commands import Command
from ._query import Query
from .cursor import rest
from .source import Source

__all__ = ["Json", "Write", "json_rows"]


class Write(Protocol):
    """One batch as JSON objects joined by commas; in brackets when ``whole``."""

    def __call__(self, reply: Reply, /, *, whole: bool = False) -> bytes: ...


def json_rows(rows: Iterable[bytes], whole: bool) -> bytes:
    """JSON objects joined by commas; an array when ``whole``."""
    joined = b",".join(rows)
    return b"[%b]" % joined if whole else joined


class Json(Query):
    """
    All rows of a query; awaited, the bytes of a JSON array.

    Args:
        parent: the query this one was derived from.
        source: where it goes.
        make: makes the command, when asked.
        write: a codec's ``json_reply``.
    """

    __slots__ = ("_make", "_source", "_write")

    def __init__(
        self,
        parent: Query,
        source: Source[Any],
        make: Callable[[], Command],
        write: Write,
    ) -> None:
        self._come_from(parent)
        self._source = source
        self._make = make
        self._write = write

    def __await__(self) -> Generator[Any, None, bytes]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> bytes:
        lane, command = self._source.database.lane, self._make()
        reply = await lane.run(command)
        if not reply.cursor_id:
            return self._write(reply, whole=True)
        # A batch is written as soon as it is there, and its BSON let go.
        parts = await rest(lane, command, reply, lambda reply: [self._write(reply)])
        return json_rows((part for part in parts if part), whole=True)

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._make().body)

    def __repr__(self) -> str:
        return f"<Json of {self._source.owner}>"
