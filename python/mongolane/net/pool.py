"""
Many sockets to one server: who may use which, and when there are more.

Theory of operation. Free connections are a stack: the one used last is used next,
so the others grow idle and can go. Waiters are a queue: first come, first served.
At most one of the two is not empty, because ``give`` hands a connection directly
to the first waiter; nobody overtakes. All of it runs on one event loop, between
two awaits, so nothing needs a lock, and everything a request does is O(1).

Connections are opened by tasks of the pool, ``max_connecting`` at a time, never
by the caller's own: a cancelled caller doesn't interrupt a handshake, and gets
neither a connection nor the blame. A caller that was handed a connection and
cancelled in the same moment hands it on (``checkout``). A request may also wait in
the queue itself (``queue``): whoever gives a connection back sends it.

Clearing is a number: ``generation`` goes up, and a connection of an older one is
closed when it comes back.

Specification: connection-monitoring-and-pooling.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..errors import NetworkError, WaitQueueTimeoutError
from .connection import Connection
from .vigil import Vigil

__all__ = ["Pool", "PoolOptions", "PoolStats", "Waiting"]


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """
    Limits, by the names of the URI options; times in seconds, None for no limit.
    """

    max_size: float = 100
    min_size: int = 0
    max_connecting: int = 2
    max_idle_time: float | None = None
    wait_queue_timeout: float | None = None
    socket_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class PoolStats:
    """A pool's figures at one moment, for ``/health`` and for error messages."""

    address: str
    size: int
    idle: int
    in_use: int
    connecting: int
    waiting: int
    max_size: float
    generation: int

    def __str__(self) -> str:
        most = "unlimited" if math.isinf(self.max_size) else f"{self.max_size:g}"
        return (
            f"{self.in_use} in use, {self.idle} idle, {self.connecting} connecting,"
            f" {self.waiting} waiting, maxPoolSize {most}"
        )


class Waiting:
    """
    One who waits in line for a connection.

    Attributes:
        waiter: what it awaits; set by ``Pool.queue``.
        deadline: when it is told that it waited in vain, in loop time; set there, too.
    """

    __slots__ = ("deadline", "waiter")

    deadline: float
    waiter: asyncio.Future[Any]

    def start(self, connection: Connection) -> bool:
        """
        Take a connection; False if it could not be used, and ``waiter`` knows why.

        Here the Future gets the connection. Who sends a request at once, with the
        same Future for the reply, is woken once instead of twice.
        """
        self.waiter.set_result(connection)
        return True


class Pool:
    """
    The connections to one server.

    Args:
        address: for messages.
        opener: opens one connection; may raise.
        options: the limits.
    """

    address: str
    options: PoolOptions

    def __init__(
        self,
        address: str,
        opener: Callable[[], Awaitable[Connection]],
        options: PoolOptions,
    ) -> None:
        self.address, self.options = address, options
        self.generation: int = 0
        self.is_closed: bool = False
        self._opener = opener
        self._loop = asyncio.get_running_loop()
        self._all: set[Connection] = set()
        self._idle: deque[Connection] = deque()
        self._waiters: deque[Waiting] = deque()
        self._waiting = 0  # the queue's length without those that were cancelled
        self._openers: set[asyncio.Task[None]] = set()
        self._connecting = 0
        self._alarm: asyncio.TimerHandle | None = None
        self._max_idle = options.max_idle_time
        self._vigil = Vigil(self._loop)

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else str(self.stats())
        return f"<Pool {self.address}: {state}>"

    def stats(self) -> PoolStats:
        """The figures of this moment."""
        return PoolStats(
            address=self.address,
            size=len(self._all),
            idle=len(self._idle),
            in_use=self.in_use,
            connecting=self._connecting,
            waiting=self._waiting,
            max_size=self.options.max_size,
            generation=self.generation,
        )

    @property
    def in_use(self) -> int:
        """How many connections are with a caller."""
        return len(self._all) - len(self._idle)

    @property
    def load(self) -> int:
        """How many requests are here, those that wait for a connection included."""
        return len(self._all) - len(self._idle) + self._waiting

    # -- taking and giving: the path of each request ----------------------------

    def take(self) -> Connection | None:
        """A free connection at once, or None; the caller then awaits ``checkout``."""
        while self._idle:
            connection = self._idle.pop()
            if (
                connection.generation == self.generation
                and not connection.is_closed
                and (self._max_idle is None or not self._has_idled(connection))
            ):
                return connection
            self.discard(connection)
        return None

    def sent(self, connection: Connection) -> None:
        """A request was just sent: the only one, or one among others."""
        if len(self._all) - len(self._idle) == 1:
            self._vigil.keep(connection)

    async def checkout(self) -> Connection:
        """
        A connection, when there is one.

        Raises:
            WaitQueueTimeoutError: none became free in time; tells the figures.
            NetworkError: none could be opened.
        """
        connection = self.take()
        if connection is not None:
            return connection
        waiter: asyncio.Future[Connection] = self.queue(Waiting())
        try:
            return await waiter
        except BaseException:
            if waiter.cancelled():
                self.left()
            elif waiter.exception() is None:
                self.give(waiter.result())  # handed over as the caller went away
            raise

    def queue(self, waiting: Waiting) -> asyncio.Future[Any]:
        """
        Wait in line, until ``waiting.start`` is given a connection.

        The Future is ``waiting.waiter``. It gets an error when there is no connection.
        Whoever awaited it in vain, and was never started, says so (``left``) if
        cancelled.
        """
        if self.is_closed:
            raise NetworkError(f"{self.address}: the pool is closed")
        waiter = waiting.waiter = self._loop.create_future()
        limit = self.options.wait_queue_timeout
        waiting.deadline = math.inf if limit is None else self._loop.time() + limit
        if limit is not None and self._alarm is None:
            self._alarm = self._loop.call_at(waiting.deadline, self._expire_waiters)
        self._waiters.append(waiting)
        self._waiting += 1
        if len(self._all) < self.options.max_size:
            self._open_more()
        return waiter

    def give(self, connection: Connection) -> None:
        """Take a connection back: to the first waiter, or to the free ones."""
        if (
            connection.in_flight
            or connection.is_closed
            or connection.generation != self.generation
            or self.is_closed
        ):
            self.discard(connection)
            return
        if self._waiters and self._hand_over(connection):
            return
        if self._max_idle is not None:
            connection.idle_since = self._loop.time()
        self._idle.append(connection)

    def _has_idled(self, connection: Connection) -> bool:
        return self._loop.time() - connection.idle_since > (self._max_idle or 0)

    def _hand_over(self, connection: Connection) -> bool:
        while self._waiters:
            waiting = self._waiters.popleft()
            if waiting.waiter.done():
                continue
            self._waiting -= 1
            if waiting.start(connection):
                return True
        return False

    def discard(self, connection: Connection) -> None:
        """Close a connection that is with the caller, and fill its place if needed."""
        self._all.discard(connection)
        connection.on_lost = None
        connection.abort()
        self._open_more()

    # -- waiting ------------------------------------------------------------------

    def _expire_waiters(self) -> None:
        """One alarm for the whole queue: deadlines in it only ever grow."""
        self._alarm = None
        now = self._loop.time()
        while self._waiters:
            first = self._waiters[0]
            if not first.waiter.done() and first.deadline > now:
                self._alarm = self._loop.call_at(first.deadline, self._expire_waiters)
                return
            if not first.waiter.done():
                first.waiter.set_exception(self._wait_error())
                self._waiting -= 1
            self._waiters.popleft()

    def _wait_error(self) -> WaitQueueTimeoutError:
        limit = (self.options.wait_queue_timeout or 0) * 1000
        return WaitQueueTimeoutError(
            f"{self.address}: no free connection within waitQueueTimeoutMS"
            f" ({limit:g} ms): {self.stats()}"
        )

    def left(self) -> None:
        """A waiter was cancelled; drop the dead ones before they are the most."""
        self._waiting -= 1
        dead = len(self._waiters) - self._waiting
        if dead > 64 and dead > self._waiting:
            alive = [one for one in self._waiters if not one.waiter.done()]
            self._waiters.clear()
            self._waiters.extend(alive)

    def _fail_waiters(self, error: BaseException, most: float = math.inf) -> None:
        while self._waiters and most > 0:
            waiter = self._waiters.popleft().waiter
            if not waiter.done():
                waiter.set_exception(error)
                self._waiting -= 1
                most -= 1

    # -- opening ------------------------------------------------------------------

    def _open_more(self, *, least: bool = True) -> None:
        """
        Begin to open what waiters, and the minimum if ``least``, ask for.
        """
        if self.is_closed:
            return
        lacking = self.options.min_size - len(self._all) if least else 0
        room = self.options.max_size - len(self._all)
        most = min(max(self._waiting, lacking), room, self.options.max_connecting)
        while self._connecting < most:
            self._connecting += 1
            opener = self._loop.create_task(self._open_one())
            self._openers.add(opener)
            opener.add_done_callback(self._openers.discard)

    async def _open_one(self) -> None:
        generation = self.generation
        try:
            connection = await self._opener()
        except Exception as error:
            self._connecting -= 1
            # With nothing open the server is out of reach for all who wait; else
            # it was this one attempt, and those behind get the others' connections.
            self._fail_waiters(error, math.inf if not self._all else 1)
            # Only waiters are a reason to try again at once; the minimum is left to
            # the next sweep.
            self._open_more(least=False)
            return
        self._connecting -= 1
        connection.generation = generation
        connection.on_lost = self._lost
        self._all.add(connection)
        self.give(connection)
        self._open_more()

    def _lost(self, connection: Connection) -> None:
        """The transport went away by itself; if the connection is free, forget it."""
        if connection in self._idle:
            self._idle.remove(connection)
            self.discard(connection)

    def fill(self) -> None:
        """Begin to open ``min_size`` connections."""
        self._open_more()

    # -- housekeeping ---------------------------------------------------------------

    def sweep(self, now: float) -> None:
        """Give up requests past their deadline, close the long idle, refill."""
        for connection in [c for c in self._all if c.in_flight and c.deadline <= now]:
            connection.expire()
        if self._max_idle is not None:
            while self._idle and now - self._idle[0].idle_since > self._max_idle:
                self.discard(self._idle.popleft())
        self._open_more()

    def clear(self) -> None:
        """Trust no connection made before this moment."""
        self.generation += 1
        while self._idle:
            self.discard(self._idle.popleft())

    def close(self) -> None:
        """Close everything, at once; whoever waits gets an error."""
        self.is_closed = True
        if self._alarm is not None:
            self._alarm.cancel()
        for opener in self._openers:
            opener.cancel()
        self._fail_waiters(NetworkError(f"{self.address}: the pool was closed"))
        self._idle.clear()
        for connection in list(self._all):
            self.discard(connection)

    async def wait_closed(self) -> None:
        """
        After ``close``: let connections that were being opened come to their end.

        A cancelled attempt closes its socket in the loop's next turns; a loop that
        ends before them leaves it to the garbage collector.
        """
        if self._openers:
            await asyncio.wait(self._openers)
            # The attempts at a name's several addresses are tasks of their own.
            for _ in range(3):
                await asyncio.sleep(0)

    def forget(self) -> None:
        """Drop everything without a word: the event loop, or the process, is gone."""
        self.is_closed = True
        for connection in self._all:
            connection.forget()
        self._all.clear()
        self._idle.clear()
        self._waiters.clear()
        self._openers.clear()
        self._alarm = None
