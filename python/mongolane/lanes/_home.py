"""
Where a lane lives: one event loop, one process, one AsyncMongoClient.

All three lanes keep these rules (``Home`` is their base): nothing happens before the
first use; another event loop is refused while the first one lives; when the first
one is closed, or the process forked, everything that belonged to it is forgotten
without a word to anybody, and the lane starts anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import warnings
import weakref
from collections.abc import Callable, Generator
from typing import Any

from pymongo import AsyncMongoClient

from ..abc import Command
from ..errors import ConfigurationError, NotConnectedError
from ..net import PoolStats
from ._servers import ServerLimits

__all__ = ["Home"]

_lanes: weakref.WeakSet[Home] = weakref.WeakSet()


class Home:
    """
    The life of a lane.

    Args:
        make_client: makes the AsyncMongoClient; called once for each event loop.
        reason: why this lane was chosen, for people.
        owns_client: whether closing the lane closes the client.
    """

    name = ""

    def __init__(
        self,
        make_client: Callable[[], AsyncMongoClient[Any]],
        reason: str,
        *,
        owns_client: bool = True,
    ) -> None:
        self.reason = reason
        self._make_client, self._owns_client = make_client, owns_client
        self._client: AsyncMongoClient[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: asyncio.AbstractEventLoop | None = None
        self._lock: asyncio.Lock | None = None
        self._closed = False
        self._on_close: list[Callable[[], None]] = []
        self._background: set[asyncio.Task[Any]] = set()
        _lanes.add(self)

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open" if self._ready else "not connected"
        return f"<{type(self).__name__} {state}>"

    @property
    def client(self) -> AsyncMongoClient[Any]:
        """PyMongo's own client, for whatever is not wrapped here."""
        if self._closed:
            raise NotConnectedError("the lane is closed")
        if self._client is None:
            self._client = self._make_client()
        return self._client

    def on_close(self, work: Callable[[], None]) -> None:
        """Have something done when the lane has closed."""
        self._on_close.append(work)

    async def connect(self) -> None:
        """
        Be ready on the running event loop.

        Raises:
            ConfigurationError: the lane belongs to another event loop.
            NotConnectedError: it was closed.
        """
        loop = asyncio.get_running_loop()
        if self._ready is loop:
            return
        self._settle(loop)
        assert self._lock is not None
        async with self._lock:
            if self._ready is not loop:
                await self._start()
                self._ready = loop

    def _settle(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._closed:
            raise NotConnectedError("the lane is closed")
        if self._loop is loop:
            return
        if self._loop is not None:
            if not self._loop.is_closed():
                raise ConfigurationError(
                    "this connection belongs to another event loop that is still open;"
                    " connect once for each event loop"
                )
            self._refuse_foreign()
            self._leave()
        self._loop, self._lock = loop, asyncio.Lock()

    def _refuse_foreign(self) -> None:
        if not self._owns_client:
            raise ConfigurationError(
                "the AsyncMongoClient that was given belongs to an event loop that is"
                " closed; give a new one"
            )

    def _leave(self) -> None:
        """Forget what belonged to a loop or process that is no more; never awaits."""
        with warnings.catch_warnings():
            # Sockets of a dead loop cannot be closed in an orderly way; saying so
            # would only frighten people whose tests have a loop each.
            warnings.simplefilter("ignore", ResourceWarning)
            self._forget_all()
            self._background.clear()
            if self._client is not None and self._owns_client:
                self._client._closed = True  # its __del__ would complain
                self._client = None
            gc.collect()

    def _after_fork(self) -> None:
        if self._loop is not None:
            self._leave()
        self._loop = self._ready = self._lock = None

    def forget(self, command: Command, pin: Any) -> None:
        """Send a command in the background and drop its outcome: killCursors."""
        if self._ready is None or self._ready.is_closed() or self._closed:
            return
        self._spawn(self._send_quietly(command, pin))

    def _spawn(self, work: Any) -> None:
        assert self._ready is not None
        task = self._ready.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _send_quietly(self, command: Command, pin: Any) -> None:
        with contextlib.suppress(Exception):
            await self.run(command, pin)

    async def close(self) -> None:
        """End sessions and close every socket. A second call does nothing."""
        if self._closed:
            return
        loop, here = self._loop, asyncio.get_running_loop()
        if loop is not None and loop is not here and not loop.is_closed():
            raise ConfigurationError("close the connection on its own event loop")
        try:
            if loop is here and self._ready is here:
                await self._finish()
            elif loop is not None and loop is not here and self._owns_client:
                self._leave()
        finally:
            self._closed, self._ready = True, None
            await self._close_client()
            while self._on_close:
                self._on_close.pop()()

    async def _close_client(self) -> None:
        client, self._client = self._client, None
        if client is not None and self._owns_client:
            await client.close()

    # -- what each lane adds ---------------------------------------------------------

    async def run(self, command: Command, pin: Any = None) -> Any:
        """Send a command; answer its reply."""
        raise NotImplementedError

    def ask(self, command: Command) -> Generator[Any, None, Any]:
        """``run`` for an ``__await__``: ``yield from`` it."""
        return self.run(command).__await__()

    async def limits(self) -> ServerLimits:
        """The limits of the server that takes the writes."""
        raise NotImplementedError

    def pool_stats(self) -> tuple[PoolStats, ...]:
        """The figures of this lane's own pools; empty when PyMongo keeps them."""
        return ()

    async def _start(self) -> None:
        """Become ready on ``self._loop``."""

    async def _finish(self) -> None:
        """Say goodbye; the loop runs."""

    def _forget_all(self) -> None:
        """Drop everything that holds a socket; the loop is dead."""


def _after_fork_in_child() -> None:
    for lane in list(_lanes):
        lane._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
