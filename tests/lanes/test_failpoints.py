"""Retry against a server that really writes, made to fail by its own fail points."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import bson
import pytest

from mongolane import errors
from mongolane.commands import Command
from mongolane.lanes import Home

FailPoint = Callable[..., Any]


@pytest.fixture
async def lane(opened: Any, engine: Any) -> Home:
    """The direct lane to the engine."""
    made: Home = opened(engine.uri)
    return made


@pytest.fixture
async def fail(lane: Home) -> AsyncIterator[FailPoint]:
    """``await fail("insert", ...)`` makes the next commands of that name fail."""

    async def set_to(mode: Any, **data: Any) -> None:
        body = {"configureFailPoint": "failCommand", "mode": mode}
        await lane.run(Command("admin", {**body, "data": data} if data else body))

    async def fail_next(name: str, times: int = 1, **data: Any) -> None:
        await set_to({"times": times}, failCommands=[name], **data)

    yield fail_next
    await set_to("off")


def insert(database: str) -> Command:
    return Command(
        database,
        {"insert": "c"},
        sequence=("documents", [bson.encode({"_id": 1})]),
        is_write=True,
        retryable=True,
    )


async def count(lane: Home, database: str) -> int:
    reply = await lane.run(Command(database, {"find": "c"}, retryable=True))
    return len(reply.documents())


@pytest.mark.parametrize(
    "failure",
    [
        {"closeConnection": True},
        {"errorCode": 91, "errorLabels": ["RetryableWriteError"]},
        {"errorCode": 11600, "errorLabels": ["RetryableWriteError"]},
    ],
    ids=["closed", "shutdown", "interrupted"],
)
async def test_write_happens_once(
    lane: Home, fail: FailPoint, database_name: str, failure: dict[str, Any]
) -> None:
    """A retryable write that failed once is there afterwards, and only once."""
    await fail("insert", **failure)
    reply = await lane.run(insert(database_name))

    assert reply.document()["n"] == 1
    assert not reply.has_write_errors
    assert await count(lane, database_name) == 1


async def test_read_is_repeated(
    lane: Home, fail: FailPoint, database_name: str
) -> None:
    """A read whose connection was cut is answered by the second attempt."""
    await lane.run(insert(database_name))
    await fail("find", closeConnection=True)

    assert await count(lane, database_name) == 1


async def test_second_failure_is_told(
    lane: Home, fail: FailPoint, database_name: str
) -> None:
    """A write that fails twice raises, and the lane goes on working."""
    await fail("insert", times=2, closeConnection=True)
    with pytest.raises(errors.NetworkError):
        await lane.run(insert(database_name))

    assert await count(lane, database_name) == 0
