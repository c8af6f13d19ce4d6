"""The pool: who gets which connection, and what becomes of those that break."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from mongolane.errors import NetworkError, WaitQueueTimeoutError
from mongolane.net import Connection, Pool, PoolOptions, Target, open_connection


class Opener:
    """Opens pretend connections, as fast as it is told to, or fails."""

    def __init__(self) -> None:
        self.made: list[Connection] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.active = self.most = 0

    async def __call__(self) -> Connection:
        self.active += 1
        self.most = max(self.most, self.active)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        finally:
            self.active -= 1
        if self.error is not None:
            raise self.error
        connection = Connection(asyncio.get_running_loop(), f"pretend {len(self.made)}")
        self.made.append(connection)
        return connection


@pytest.fixture
async def opener() -> Opener:
    return Opener()


def pool_of(opener: Opener, **options: Any) -> Pool:
    return Pool("server", opener, PoolOptions(**options))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def figures(pool: Pool) -> tuple[int, int, int]:
    stats = pool.stats()
    return stats.in_use, stats.idle, stats.waiting


async def test_free_connection_is_taken_at_once(opener: Opener) -> None:
    """A connection that was given back is taken without waiting."""
    pool = pool_of(opener)
    first = await pool.checkout()
    pool.give(first)

    assert pool.take() is first
    assert pool.take() is None


async def test_last_used_is_used_next(opener: Opener) -> None:
    """Free connections are a stack."""
    pool = pool_of(opener)
    first, second = await pool.checkout(), await pool.checkout()
    pool.give(first)
    pool.give(second)

    assert pool.take() is second


async def test_waiters_are_served_in_order(opener: Opener) -> None:
    """Who waits longest gets the next connection; a newcomer doesn't overtake."""
    pool = pool_of(opener, max_size=1)
    held = await pool.checkout()
    order: list[int] = []

    async def wait(number: int) -> None:
        connection = await pool.checkout()
        order.append(number)
        await asyncio.sleep(0)
        pool.give(connection)

    tasks = [asyncio.create_task(wait(number)) for number in range(5)]
    await settle()
    pool.give(held)
    overtaker = pool.take()
    await asyncio.gather(*tasks)

    assert overtaker is None
    assert order == [0, 1, 2, 3, 4]
    assert figures(pool) == (0, 1, 0)


async def test_size_has_its_limit(opener: Opener) -> None:
    """However many ask, no more than maxPoolSize connections exist."""
    pool = pool_of(opener, max_size=3)

    async def use() -> None:
        connection = await pool.checkout()
        await asyncio.sleep(0)
        pool.give(connection)

    await asyncio.gather(*(use() for _ in range(50)))

    assert len(opener.made) == 3
    assert figures(pool) == (0, 3, 0)


async def test_few_connect_at_once(opener: Opener) -> None:
    """No more than maxConnecting connections are being opened at a time."""
    pool = pool_of(opener, max_connecting=2)
    await asyncio.gather(*(pool.checkout() for _ in range(10)))

    assert opener.most == 2


async def test_returned_connection_serves_a_waiter(opener: Opener) -> None:
    """A waiter may get a returned connection while another is being opened."""
    pool = pool_of(opener)
    held = await pool.checkout()
    opener.gate.clear()
    waiting = asyncio.create_task(pool.checkout())
    await settle()
    pool.give(held)

    assert await waiting is held
    pool.close()


async def test_wait_has_its_limit(opener: Opener) -> None:
    """After waitQueueTimeoutMS the error tells the address and the figures."""
    pool = pool_of(opener, max_size=1, wait_queue_timeout=0.02)
    await pool.checkout()

    with pytest.raises(WaitQueueTimeoutError) as caught:
        await pool.checkout()

    message = str(caught.value)
    assert "server: no free connection within waitQueueTimeoutMS (20 ms)" in message
    assert "1 in use, 0 idle, 0 connecting" in message
    assert "maxPoolSize 1" in message
    assert caught.value.timeout


async def test_wait_limit_spares_the_later(opener: Opener) -> None:
    """Each waiter has its own deadline."""
    pool = pool_of(opener, max_size=1, wait_queue_timeout=0.05)
    held = await pool.checkout()
    early = asyncio.create_task(pool.checkout())
    await asyncio.sleep(0.03)
    late = asyncio.create_task(pool.checkout())
    await asyncio.sleep(0.03)
    pool.give(held)

    with pytest.raises(WaitQueueTimeoutError):
        await early
    assert await late is held


async def test_cancelled_waiter_is_passed_over(opener: Opener) -> None:
    """A waiter that was cancelled gets nothing; the next one does."""
    pool = pool_of(opener, max_size=1)
    held = await pool.checkout()
    gone, next_one = (asyncio.create_task(pool.checkout()) for _ in range(2))
    await settle()
    gone.cancel()
    await settle()
    pool.give(held)

    assert await next_one is held
    assert figures(pool) == (1, 0, 0)


async def test_cancelled_receiver_hands_on(opener: Opener) -> None:
    """One cancelled in the moment it was handed a connection hands it on."""
    pool = pool_of(opener, max_size=1)
    held = await pool.checkout()
    gone, next_one = (asyncio.create_task(pool.checkout()) for _ in range(2))
    await settle()
    pool.give(held)
    gone.cancel()

    assert await next_one is held
    assert gone.cancelled()


async def test_many_cancelled_waiters_are_forgotten(opener: Opener) -> None:
    """The queue doesn't keep what was cancelled."""
    pool = pool_of(opener, max_size=1)
    await pool.checkout()
    tasks = [asyncio.create_task(pool.checkout()) for _ in range(1000)]
    await settle()
    for task in tasks:
        task.cancel()
    await settle()

    assert pool.stats().waiting == 0
    assert len(pool._waiters) < 200


async def test_cancelled_caller_doesnt_stop_the_opening(opener: Opener) -> None:
    """A connection that was being opened for a cancelled caller becomes free."""
    pool = pool_of(opener)
    opener.gate.clear()
    caller = asyncio.create_task(pool.checkout())
    await settle()
    caller.cancel()
    opener.gate.set()
    await settle()

    assert figures(pool) == (0, 1, 0)


async def test_dirty_connection_is_closed(opener: Opener) -> None:
    """A connection that is owed a reply never serves again."""
    pool = pool_of(opener)
    dirty = await pool.checkout()
    dirty._write = lambda data: None
    dirty.request(b"\x05\0\0\0\0").cancel()
    pool.give(dirty)

    assert dirty.is_closed
    assert pool.take() is None
    assert pool.stats().size == 0


async def test_discarded_place_is_filled(opener: Opener) -> None:
    """When a connection dies with the pool full, a waiter gets a new one."""
    pool = pool_of(opener, max_size=1)
    dead = await pool.checkout()
    waiter = asyncio.create_task(pool.checkout())
    await settle()
    pool.discard(dead)

    assert await waiter is not dead


async def test_unreachable_server_fails_all_who_wait(opener: Opener) -> None:
    """With nothing open, one failed attempt is news for every waiter."""
    opener.error = NetworkError("server: refused")
    pool = pool_of(opener)
    results = await asyncio.gather(
        *(pool.checkout() for _ in range(10)), return_exceptions=True
    )

    assert [str(result) for result in results] == ["server: refused"] * 10
    assert figures(pool) == (0, 0, 0)


async def test_one_failure_spares_the_others(opener: Opener) -> None:
    """With connections open, a failed attempt costs one waiter only."""
    pool = pool_of(opener, max_size=2)
    held = await pool.checkout()
    opener.error = NetworkError("server: refused")
    opener.gate.clear()
    first, second = (asyncio.create_task(pool.checkout()) for _ in range(2))
    await settle()
    opener.gate.set()
    with pytest.raises(NetworkError):
        await first
    pool.give(held)

    assert await second is held


async def test_minimum_is_kept_in_the_background(opener: Opener) -> None:
    """minPoolSize connections open without anybody asking."""
    pool = pool_of(opener, min_size=3, max_connecting=2)
    pool.fill()
    await settle()
    await settle()

    assert figures(pool) == (0, 3, 0)


async def test_failed_minimum_waits_for_the_sweep(opener: Opener) -> None:
    """A server that refuses is not asked again and again at once."""
    opener.error = NetworkError("refused")
    pool = pool_of(opener, min_size=1)
    pool.fill()
    await settle()
    opener.error = None
    await settle()
    before = len(opener.made)
    pool.sweep(0.0)
    await settle()

    assert (before, len(opener.made)) == (0, 1)


async def test_long_idle_are_closed(opener: Opener) -> None:
    """The sweep closes what was idle for maxIdleTimeMS, and take doesn't give it."""
    pool = pool_of(opener, max_idle_time=0.01)
    connection = await pool.checkout()
    pool.give(connection)
    await asyncio.sleep(0.02)

    assert pool.take() is None
    assert connection.is_closed


async def test_sweep_ends_overdue_requests(opener: Opener) -> None:
    """A request past its deadline is given up, one before it isn't."""
    pool = pool_of(opener)
    overdue, early = await pool.checkout(), await pool.checkout()
    for connection, deadline in ((overdue, 1.0), (early, 3.0)):
        connection._write = lambda data: None
        connection.deadline = deadline
    futures = [one.request(b"\x05\0\0\0\0") for one in (overdue, early)]
    pool.sweep(2.0)

    assert isinstance(futures[0].exception(), NetworkError)
    assert not futures[1].done()


async def test_cleared_pool_trusts_no_older_connection(opener: Opener) -> None:
    """After clear, free ones are closed and taken ones when they come back."""
    pool = pool_of(opener)
    free, taken = await pool.checkout(), await pool.checkout()
    pool.give(free)
    pool.clear()
    pool.give(taken)

    assert (free.is_closed, taken.is_closed) == (True, True)
    assert await pool.checkout() not in (free, taken)


async def test_opening_during_clear_is_not_trusted(opener: Opener) -> None:
    """A connection begun before clear and ready after it isn't handed out."""
    pool = pool_of(opener)
    opener.gate.clear()
    waiter = asyncio.create_task(pool.checkout())
    await settle()
    pool.clear()
    opener.gate.set()
    got = await waiter

    assert got.generation == pool.generation
    assert opener.made[0].is_closed


async def test_lost_while_free_is_forgotten(opener: Opener) -> None:
    """A free connection whose transport goes away leaves the pool."""
    pool = pool_of(opener)
    connection = await pool.checkout()
    pool.give(connection)
    connection.connection_lost(None)

    assert pool.stats().size == 0


async def test_closed_pool_gives_nothing(opener: Opener) -> None:
    """Closing ends waiting, opening and every connection."""
    pool = pool_of(opener, max_size=1)
    held = await pool.checkout()
    waiter = asyncio.create_task(pool.checkout())
    await settle()
    pool.close()

    with pytest.raises(NetworkError, match="closed"):
        await waiter
    with pytest.raises(NetworkError, match="closed"):
        await pool.checkout()
    assert held.is_closed


async def test_repr_tells_the_figures(opener: Opener) -> None:
    """The repr is an instrument."""
    pool = pool_of(opener, max_size=float("inf"))
    await pool.checkout()

    expected = (
        "<Pool server: 1 in use, 0 idle, 0 connecting, 0 waiting,"
        " maxPoolSize unlimited>"
    )
    assert repr(pool) == expected


@pytest.mark.parametrize("seed", range(5))
async def test_random_cancellation_keeps_the_count(opener: Opener, seed: int) -> None:
    """After random cancellations every connection is free and none is lost."""
    import random

    chance = random.Random(seed)
    pool = pool_of(opener, max_size=3)

    async def use() -> None:
        connection = await pool.checkout()
        try:
            await asyncio.sleep(chance.random() / 1000)
        finally:
            pool.give(connection)

    tasks = [asyncio.create_task(use()) for _ in range(200)]
    for _ in range(100):
        await asyncio.sleep(0)
        chance.choice(tasks).cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await settle()

    assert figures(pool)[0] == figures(pool)[2] == 0
    assert pool.stats().size == pool.stats().idle <= 3


async def test_closing_waits_for_what_is_being_opened(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Connections that close() finds half-open leave no socket to the collector."""
    listener = await asyncio.start_server(lambda _, one: one.close(), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    target = Target("localhost", port)
    pool = Pool("it", lambda: open_connection(target), PoolOptions(min_size=2))
    pool.fill()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    pool.close()
    await pool.wait_closed()

    assert not pool._openers
    listener.close()
    gc.collect()
    assert [w for w in recwarn if issubclass(w.category, ResourceWarning)] == []
