"""The loop stays awake for a quick reply, and sleeps where replies are slow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from mongolane.net import vigil
from mongolane.net.connection import Connection
from mongolane.net.vigil import Vigil


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look takes a tenth of the moment, however busy the machine is."""
    times: Iterator[float] = (look * vigil.MOMENT / 10 for look in count())
    monkeypatch.setattr(vigil, "perf_counter", lambda: next(times))


class Turns(asyncio.SelectorEventLoop):
    """A loop that counts the turns in which it could have slept, and did not."""

    awake = 0

    def _run_once(self) -> None:
        self.awake += bool(self._ready)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def asking(loop: asyncio.AbstractEventLoop) -> Connection:
    """A connection with a request in flight."""
    connection = Connection(loop, "nowhere")
    connection._write = lambda data: None
    connection.request(b"\x05\0\0\0\0")
    return connection


def turns(loop: Turns, keeper: Vigil, connection: Connection) -> int:
    """How many turns a short wait takes."""
    before = loop.awake
    keeper.keep(connection)
    loop.run_until_complete(asyncio.sleep(0.02))
    return loop.awake - before


def test_a_loop_stays_awake_while_a_reply_is_owed() -> None:
    """Many turns in the first moment, none once it is over."""
    loop = Turns()
    try:
        first = turns(loop, Vigil(loop), asking(loop))
        idle = turns(loop, Vigil(loop), Connection(loop, "nowhere"))
    finally:
        loop.close()

    assert first > idle + 3


def test_slow_servers_are_waited_for_ever_more_rarely() -> None:
    """Of a thousand slow requests only a few keep the loop awake."""
    loop = Turns()
    keeper = Vigil(loop)
    connection = asking(loop)
    tries = 0
    try:
        for _ in range(1000):
            keeper.keep(connection)
            tries += keeper._connection is not None
            while keeper._connection is not None:
                loop.run_until_complete(asyncio.sleep(vigil.MOMENT))
    finally:
        loop.close()

    assert 1 < tries < 10


def test_one_reply_at_a_time_keeps_a_loop_awake() -> None:
    """A second request adds no callback of its own."""
    loop = asyncio.new_event_loop()
    keeper = Vigil(loop)
    try:
        keeper.keep(asking(loop))
        waiting = len(loop._ready)  # type: ignore[attr-defined]
        keeper.keep(asking(loop))

        assert len(loop._ready) == waiting  # type: ignore[attr-defined]
    finally:
        loop.close()


def test_a_reply_in_time_keeps_the_habit() -> None:
    """After quick replies the next request is watched again, at once."""
    loop = asyncio.new_event_loop()
    keeper = Vigil(loop)
    try:
        for _ in range(50):
            connection = asking(loop)
            keeper.keep(connection)
            assert keeper._connection is connection
            connection._waiter = None  # as a whole reply leaves it
            loop.run_until_complete(asyncio.sleep(0))
            loop.run_until_complete(asyncio.sleep(0))
    finally:
        loop.close()
