"""Which server a command goes to, with several to choose from."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import ReadPreference
from pymongo.read_preferences import Secondary

from mongolane import errors
from mongolane.testing import Delay, ScriptedServer

from .replies import NOT_PRIMARY, batch, find, insert

REPLIES = {"find": batch([{"x": 1}], 0), "insert": {"n": 2, "ok": 1.0}}


class Members:
    """A pretend replica set: its members, and which of them is primary."""

    def __init__(self, *servers: ScriptedServer) -> None:
        self.servers = servers
        self.term = 0
        self.elect(servers[0])

    def elect(self, primary: ScriptedServer | None) -> None:
        """Have hello tell of a new primary."""
        self.term += 1
        hosts = [server.address for server in self.servers]
        for server in self.servers:
            leads = server is primary
            server._changes.update(
                hosts=hosts,
                primary=primary.address if primary else None,
                isWritablePrimary=leads,
                ismaster=leads,
                secondary=not leads,
                setVersion=self.term,
                tags={"dc": "east"},
            )

    @property
    def uri(self) -> str:
        return f"mongodb://{self.servers[0].address}/?replicaSet=scripted"


@pytest.fixture
async def members() -> AsyncIterator[Members]:
    """Three members, the first of them primary."""
    async with contextlib.AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(ScriptedServer(dict(REPLIES)))
            for _ in range(3)
        ]
        yield Members(*servers)


def counts(members: Members, name: str = "find") -> list[int]:
    return [len(server.commands(name)) for server in members.servers]


async def test_writes_and_plain_reads_go_to_the_primary(
    opened: Any, members: Members
) -> None:
    """Without a preference everything goes to the primary."""
    lane = opened(members.uri)
    for _ in range(5):
        await lane.run(find())
        await lane.run(insert())

    assert counts(members) == [5, 0, 0]
    assert counts(members, "insert") == [5, 0, 0]


async def test_secondaries_share_the_reads(opened: Any, members: Members) -> None:
    """Reads from secondaries spread over those that have fewer in flight."""
    for server in members.servers:
        server.script["find"] = Delay(0.01, batch([]))
    lane = opened(members.uri, localThresholdMS=1000)
    preference = Secondary(tag_sets=[{"dc": "east"}])
    await lane.run(find(read_preference=preference))
    await asyncio.sleep(0.2)
    for server in members.servers:
        server.received.clear()
    await asyncio.gather(
        *(lane.run(find(read_preference=preference)) for _ in range(40))
    )
    primary, one, two = counts(members)

    assert primary == 0
    assert one + two == 40
    assert min(one, two) >= 10


async def test_client_preference_is_the_default(opened: Any, members: Members) -> None:
    """The URI's readPreference holds for reads, and never for writes."""
    lane = opened(members.uri + "&readPreference=secondary")
    await lane.run(find())
    await lane.run(insert())

    assert counts(members)[0] == 0
    assert counts(members, "insert") == [1, 0, 0]


async def test_no_suitable_server_is_told_in_time(
    opened: Any, members: Members
) -> None:
    """A preference that nobody fits ends in time, naming it and the servers."""
    lane = opened(members.uri, serverSelectionTimeoutMS=300)
    nowhere = Secondary(tag_sets=[{"dc": "nowhere"}])
    begin = time.monotonic()
    with pytest.raises(errors.ServerSelectionTimeoutError) as caught:
        await lane.run(find(read_preference=nowhere))

    assert time.monotonic() - begin < 2
    assert "nowhere" in str(caught.value)
    assert str(members.servers[1].port) in str(caught.value)


async def test_election_is_followed(opened: Any, members: Members) -> None:
    """After "not primary", a retryable write goes to the newly elected member."""
    old, new, _ = members.servers
    lane = opened(members.uri, heartbeatFrequencyMS=500)
    await lane.run(insert())
    refusal = {**NOT_PRIMARY, "errorLabels": ["RetryableWriteError"]}
    old.script["insert"] = refusal
    members.elect(new)
    reply = await lane.run(insert())

    assert reply.ok
    assert counts(members, "insert") == [2, 1, 0]


async def test_secondary_serves_without_a_primary(
    opened: Any, members: Members
) -> None:
    """Reads that prefer a secondary don't wait for a primary."""
    members.elect(None)
    lane = opened(members.uri)
    preference = ReadPreference.SECONDARY_PREFERRED
    reply = await asyncio.wait_for(lane.run(find(read_preference=preference)), 3)

    assert reply.ok
