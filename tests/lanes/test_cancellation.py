"""Cancellation at any moment: no reply ever reaches the wrong request."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from mongolane import errors
from mongolane.commands import Command
from mongolane.testing import Delay, ScriptedServer

from .replies import batch, get_more


def echo(body: dict[str, Any]) -> Any:
    """The filter comes back; now and then later than other answers."""
    reply = batch([{"n": body["filter"]["n"]}])
    return Delay(0.002, reply) if body["filter"]["n"] % 3 == 0 else reply


def find(number: int) -> Command:
    return Command("a", {"find": "b", "filter": {"n": number}}, retryable=True)


@pytest.mark.parametrize("seed", range(6))
async def test_every_reply_is_its_requests(opened: Any, seed: int) -> None:
    """
    Under load, with tasks cancelled at random moments, each finished request got its
    own answer, and afterwards every connection is free, clean and counted.
    """
    chance = random.Random(seed)
    async with ScriptedServer({"find": echo}) as server:
        lane = opened(server.uri, maxPoolSize=chance.choice([1, 2, 5]))
        wrong: list[Any] = []

        async def ask(number: int) -> None:
            for turn in range(4):
                wanted = number * 10 + turn
                (document,) = (await lane.run(find(wanted))).documents()
                if document["n"] != wanted:
                    wrong.append((wanted, document))

        tasks = [asyncio.create_task(ask(number)) for number in range(60)]
        while any(not task.done() for task in tasks):
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            if chance.random() < 0.3:
                chance.choice(tasks).cancel()
            await asyncio.sleep(chance.random() / 2000)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.02)
        (stats,) = lane.pool_stats()
        idle = next(iter(lane._control.servers.values())).pool._idle
        after = await asyncio.gather(*(lane.run(find(n)) for n in range(50)))

    unexpected = [one for one in outcomes if isinstance(one, Exception)]
    assert (wrong, unexpected) == ([], [])
    assert any(isinstance(one, asyncio.CancelledError) for one in outcomes)
    assert (stats.in_use, stats.waiting, stats.connecting) == (0, 0, 0)
    assert stats.size == stats.idle
    assert not any(connection.in_flight for connection in idle)
    assert [reply.documents()[0]["n"] for reply in after] == list(range(50))


@pytest.mark.parametrize("steps", range(12))
async def test_cancelled_at_each_step(opened: Any, steps: int) -> None:
    """Cancelled after any number of loop turns, a request leaves the pool whole."""
    async with ScriptedServer({"find": echo}) as server:
        lane = opened(server.uri, maxPoolSize=1)
        await lane.run(find(1))
        task = asyncio.create_task(lane.run(find(4)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        reply = await asyncio.wait_for(lane.run(find(7)), 5)
        (stats,) = lane.pool_stats()

    assert reply.documents() == [{"n": 7}]
    assert (stats.size, stats.idle) == (1, 1)


async def test_cancelled_first_use_can_be_repeated(opened: Any) -> None:
    """A lane whose very first request was cancelled still connects later."""
    async with ScriptedServer({"find": echo}) as server:
        lane = opened(server.uri)
        task = asyncio.create_task(lane.run(find(1)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        reply = await lane.run(find(2))

    assert reply.documents() == [{"n": 2}]


async def test_timeout_around_a_request(opened: Any) -> None:
    """asyncio.timeout works as anywhere, and spoils nothing for the next request."""

    def late(body: dict[str, Any]) -> Any:
        answer = echo(body)
        return Delay(0.3, answer) if body["filter"]["n"] == 1 else answer

    async with ScriptedServer({"find": late}) as server:
        lane = opened(server.uri, maxPoolSize=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await lane.run(find(1))
        reply = await lane.run(find(2))

    assert reply.documents() == [{"n": 2}]


async def test_cancelled_getmore_spoils_its_session(opened: Any) -> None:
    """A cursor whose getMore was cancelled gives no session back to others."""
    answers = {"find": batch([], 7), "getMore": Delay(1, batch([], 0, "nextBatch"))}
    async with ScriptedServer(answers) as server:
        lane = opened(server.uri)
        reply = await lane.run(find(1))
        task = asyncio.create_task(lane.run(get_more(7), reply.pin))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])

    assert len(lane._sessions) == 0
    assert reply.pin.session is None


async def test_server_gone_under_load(opened: Any) -> None:
    """When the server goes away, every request ends with an error of ours in time."""
    async with ScriptedServer({"find": Delay(0.5, batch([]))}) as server:
        lane = opened(server.uri, serverSelectionTimeoutMS=200, maxPoolSize=5)
        tasks = [asyncio.create_task(lane.run(find(n))) for n in range(30)]
        await asyncio.sleep(0.1)
        await server.stop()
        outcomes = await asyncio.wait_for(
            asyncio.gather(*tasks, return_exceptions=True), 10
        )

    assert {isinstance(one, errors.MongolaneError) for one in outcomes} == {True}
