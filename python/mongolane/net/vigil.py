"""
Waiting for a reply without going to sleep, for a moment.

An event loop that has nothing to do sleeps in the kernel until a socket has bytes. To
be woken costs: 50 microseconds on a virtual machine whose processor had gone idle,
more than a local server needs for most answers. So while one request is all there is,
the loop is kept awake: a callback that puts itself into the next turn makes each turn
ask the sockets and go on at once. Everything else in the loop runs as ever.

Where it does not pay it stops: after a reply that did not come within the moment it
rests for some requests, for more of them each time. A server behind a network is
so asked about a few times in ten thousand requests.
"""

from __future__ import annotations

import asyncio
from time import perf_counter

from .connection import Connection

__all__ = ["Vigil"]

# Seconds. A local server answers sooner; a processor's sleep costs as much.
MOMENT = 100e-6
_MOST_MISSES = 10


class Vigil:
    """
    Keeps a loop awake for one reply at a time.

    Args:
        loop: the loop whose thread calls.
    """

    __slots__ = ("_connection", "_loop", "_misses", "_rest", "_until")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._connection: Connection | None = None
        self._until = 0.0
        self._misses = self._rest = 0

    def keep(self, connection: Connection) -> None:
        """Stay awake for the reply that ``connection`` waits for."""
        if self._rest:
            self._rest -= 1
        elif self._connection is None:
            self._connection = connection
            self._until = perf_counter() + MOMENT
            self._loop.call_soon(self._look)

    def _look(self) -> None:
        connection = self._connection
        if connection is None or not connection.in_flight:
            self._connection, self._misses = None, 0
        elif perf_counter() < self._until:
            self._loop.call_soon(self._look)
        else:
            self._connection = None
            self._misses = min(self._misses + 1, _MOST_MISSES)
            self._rest = 8 << self._misses
