"""What a find_one costs before it reaches the lane, in Python calls."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import sys
from typing import Any

import pytest

from mongolane import codec
from mongolane.queries import FindOne
from tests.queries.pretend import PersonCodec, cursor, path, people

AGE = path("age")
TWIN = ("/codec/_python/", "/bson/", "<frozen abc>")


class AnsweringLane:
    """Answers the same reply at once."""

    def __init__(self) -> None:
        self.reply = codec.Reply(codec.encode(cursor([{"_id": 1, "n": "Ann"}])))

    async def run(self, command: Any, pin: Any = None) -> Any:
        return self.reply

    def ask(self, command: Any) -> Any:
        return self.reply
        yield


class ReadyCodec(PersonCodec):
    """Decodes nothing: the real one is native."""

    def decode_reply(self, reply: Any) -> list[Any]:
        return [reply]


@pytest.mark.parametrize(
    ("make", "budget"),
    [
        (lambda: (AGE == 3,), 18),
        (lambda: ({"age": 3},), 13),
        (lambda: ({"_id": 3},), 13),
    ],
    ids=["expression", "dict", "id"],
)
async def test_find_one_stays_in_budget(make, budget):
    """From the filter to the result, at most so many Python functions are called."""
    source = dataclasses.replace(people(AnsweringLane()), codec=ReadyCodec())
    await FindOne(source, make())
    calls: list[str] = []

    def count(frame: Any, event: str, arg: Any) -> None:
        file = frame.f_code.co_filename
        # The codec is native; its twin's calls say nothing of the path.
        if event == "call" and not any(part in file for part in TWIN):
            calls.append(frame.f_code.co_qualname)

    sys.setprofile(count)
    try:
        await FindOne(source, make())
    finally:
        sys.setprofile(None)
    own = [name for name in calls if "<l" not in name]

    assert len(own) <= budget, own
    assert own.count("FindOne._found") == 1


class WaitingLane:
    """Answers when told to."""

    def __init__(self) -> None:
        self.reply = asyncio.get_running_loop().create_future()

    def ask(self, command: Any) -> Any:
        return self.reply.__await__()


async def test_who_waits_holds_no_query():
    """While a find_one waits, neither it nor its filter is there for the collector."""
    lane = WaitingLane()
    source = dataclasses.replace(people(lane), codec=ReadyCodec())

    async def ask() -> Any:
        return await FindOne(source, ({"age": 3},))

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    held = [one for one in gc.get_objects() if type(one) is FindOne]
    lane.reply.set_result("Ann")

    assert await task == "Ann"
    assert held == []


@pytest.mark.parametrize(
    "filters",
    [(), ({},), ({"age": 3},), ({"name": "A", "age": 3},), ({"age": {"$gt": 3}},),
     (AGE > 3,), (AGE > 3, {"name": "A"}), ({"tags": "a"},)],
    ids=str,
)  # fmt: skip
async def test_what_is_sent_is_what_is_shown(filters):
    """A find_one is sent as bytes: of just the command that it shows."""
    sent: list[Any] = []

    class Lane(AnsweringLane):
        def ask(self, command: Any) -> Any:
            sent.append(command)
            return super().ask(command)

    query = FindOne(dataclasses.replace(people(Lane()), codec=ReadyCodec()), filters)
    await query

    assert sent[0].elements == codec.encode(query.command())[4:-1]
