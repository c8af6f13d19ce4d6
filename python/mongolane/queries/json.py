"""Documents as JSON, straight from BSON."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from ..abc import Reply
from ..commands import Command
from ._query import Query
from .cursor import collect
from .source import Source

__all__ = ["Json"]


class Json(Query):
    """
    All rows of a query; awaited, the bytes of a JSON array.

    Args:
        parent: the query this one was derived from.
        source: where it goes.
        make: makes the command, when asked.
        write: one batch as JSON objects joined by commas.
    """

    __slots__ = ("_make", "_source", "_write")

    def __init__(
        self,
        parent: Query,
        source: Source[Any],
        make: Callable[[], Command],
        write: Callable[[Reply], bytes],
    ) -> None:
        self._come_from(parent)
        self._source = source
        self._make = make
        self._write = write

    def __await__(self) -> Generator[Any, None, bytes]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> bytes:
        # A batch is written as soon as it is there, and its BSON let go.
        parts = await collect(
            self._source.database.lane, self._make(), lambda reply: [self._write(reply)]
        )
        return b"[" + b",".join(part for part in parts if part) + b"]"

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._make().body)

    def __repr__(self) -> str:
        return f"<Json of {self._source.owner}>"
