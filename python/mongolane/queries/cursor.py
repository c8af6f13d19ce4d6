"""
A cursor's life: the one place where getMore is sent, and killCursors.

A cursor is killed when nobody will read it to its end: a break or an exception in the
loop, cancellation, a document that cannot be decoded, garbage collection. All of these
end in ``close``, which only asks the lane to send something in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, Self, TypeVar

from .. import commands
from ..abc import Lane, Reply
from ..commands import Command
from ..errors import CursorNotFoundError, NetworkError
from ..expressions.values import int64

__all__ = ["Cursor", "Rows", "collect", "replies", "rest"]

T = TypeVar("T")


class Cursor:
    """
    What is left on the server after a first reply.

    Args:
        lane: where the first reply came from.
        command: what was sent; its limit and batch size count.
        reply: the first reply.
    """

    __slots__ = ("_batch", "_collection", "_command", "_id", "_lane", "_left", "_pin")

    def __init__(self, lane: Lane, command: Command, reply: Reply) -> None:
        self._id = reply.cursor_id
        self._lane = lane
        self._command = command
        self._pin = reply.pin
        _, _, self._collection = (reply.namespace or "").partition(".")
        body = command.body
        self._batch = body.get("batchSize") or body.get("cursor", {}).get("batchSize")
        limit = body.get("limit") if "find" in body else None
        self._left = limit - len(reply) if limit else None
        if self._left is not None and self._left <= 0:
            self.close()

    @property
    def alive(self) -> bool:
        """Whether the server has more."""
        return self._id != 0

    async def more(self) -> Reply:
        """The next batch; only while the cursor is alive."""
        try:
            reply = await self._lane.run(self._get_more(), self._pin)
        except (CursorNotFoundError, NetworkError):
            self._id = 0
            raise
        self._id = reply.cursor_id
        if self._left is not None:
            self._left -= len(reply)
            if self._left <= 0:
                self.close()
        return reply

    def _get_more(self) -> Command:
        size = self._batch
        if self._left is not None and size:
            size = min(size, self._left)
        options = {"batchSize": size, "comment": self._command.body.get("comment")}
        return commands.get_more(
            self._command.database, self._collection, int64(self._id), options
        )

    def close(self) -> None:
        """Free the cursor on the server, if it still lives. Waits for nothing."""
        if self._id:
            gone, self._id = int64(self._id), 0
            kill = commands.kill_cursors(
                self._command.database, self._collection, [gone]
            )
            self._lane.forget(kill, self._pin)

    def __del__(self) -> None:
        # A constructor that raised leaves no id behind.
        if getattr(self, "_id", 0):
            self.close()


async def collect(
    lane: Lane, command: Command, read: Callable[[Reply], list[T]]
) -> list[T]:
    """All rows of all batches."""
    reply = await lane.run(command)
    if not reply.cursor_id:
        return read(reply)
    return await rest(lane, command, reply, read)


async def rest(
    lane: Lane, command: Command, reply: Reply, read: Callable[[Reply], list[T]]
) -> list[T]:
    """All rows of a first reply and of the batches behind it."""
    cursor = Cursor(lane, command, reply)
    try:
        rows = read(reply)
        while cursor.alive:
            rows += read(await cursor.more())
    finally:
        cursor.close()
    return rows


async def replies(lane: Lane, command: Command) -> list[Reply]:
    """All batches as they came."""
    return await collect(lane, command, lambda reply: [reply])


class Rows(Generic[T]):
    """
    Rows one after the other, a batch at a time: ``async for``.

    Leaving the loop early frees the cursor; ``async with`` does so at a certain line.
    """

    __slots__ = ("_command", "_cursor", "_lane", "_read", "_rows")

    def __init__(
        self, lane: Lane, command: Command, read: Callable[[Reply], list[T]]
    ) -> None:
        self._lane = lane
        self._command = command
        self._read = read
        self._cursor: Cursor | None = None
        self._rows: Iterator[T] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            if self._rows is not None:
                for row in self._rows:
                    return row
            self._rows = iter(await self._next_batch())

    async def _next_batch(self) -> list[T]:
        try:
            return self._read(await self._next_reply())
        except BaseException:
            self.close()
            raise

    async def _next_reply(self) -> Reply:
        if self._cursor is None and self._rows is None:
            reply = await self._lane.run(self._command)
            if reply.cursor_id:
                self._cursor = Cursor(self._lane, self._command, reply)
            return reply
        if self._cursor is None or not self._cursor.alive:
            raise StopAsyncIteration
        return await self._cursor.more()

    def close(self) -> None:
        """Free the cursor on the server. A second call does nothing."""
        self._rows = iter(())
        if self._cursor is not None:
            self._cursor.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.close()
