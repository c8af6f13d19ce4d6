"""One event loop at a time, and what a fork leaves behind."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mongolane.errors import ConfigurationError, NotConnectedError
from mongolane.lanes import open_lane
from mongolane.testing import CannedServer

from .replies import LANES, find


@pytest.fixture(scope="module")
def canned() -> Iterator[CannedServer]:
    """A server in another process: it outlives every event loop here."""
    with CannedServer([{"x": 1}]) as server:
        yield server


async def ask(lane: Any) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = (await lane.run(find())).documents()
    return documents


@pytest.mark.parametrize("name", LANES)
def test_second_loop_after_the_first(canned: CannedServer, name: str) -> None:
    """When the first loop is closed, the lane starts anew on the next, silently."""
    lane = open_lane(canned.uri, name)

    async def ask_and_close() -> list[dict[str, Any]]:
        documents = await ask(lane)
        await lane.close()
        return documents

    answers = [asyncio.run(ask(lane)), asyncio.run(ask(lane))]
    answers.append(asyncio.run(ask_and_close()))
    gc.collect()

    assert answers == [[{"x": 1}]] * 3


@pytest.mark.parametrize("name", LANES)
def test_close_on_a_later_loop(canned: CannedServer, name: str) -> None:
    """A lane whose loop is gone can be closed on another one, and is closed then."""
    lane = open_lane(canned.uri, name)
    assert asyncio.run(ask(lane)) == [{"x": 1}]
    asyncio.run(lane.close())
    gc.collect()

    with pytest.raises(NotConnectedError):
        asyncio.run(ask(lane))


@pytest.mark.parametrize("name", LANES)
async def test_living_loop_is_not_left(canned: CannedServer, name: str) -> None:
    """While the first loop lives, another one is refused."""
    lane = open_lane(canned.uri, name)
    await ask(lane)
    caught: list[BaseException] = []

    def elsewhere() -> None:
        try:
            asyncio.run(ask(lane))
        except ConfigurationError as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    await asyncio.to_thread(thread.join)
    await lane.close()

    assert "another event loop" in str(caught[0])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork_forgets_connections_and_sessions(canned: CannedServer) -> None:
    """A child starts with no connection and no session of its parent's."""
    lane: Any = open_lane(canned.uri)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(ask(lane))
    before = (len(lane.pool_stats()), len(lane._sessions))
    child = os.fork()
    if child == 0:
        clean = (len(lane.pool_stats()), len(lane._sessions)) == (0, 0)
        os._exit(0 if clean else 1)
    _, status = os.waitpid(child, 0)
    loop.run_until_complete(lane.close())
    loop.run_until_complete(asyncio.sleep(0.05))
    loop.close()

    assert before == (1, 1)
    assert os.waitstatus_to_exitcode(status) == 0
