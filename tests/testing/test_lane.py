"""The pretend lane."""

from __future__ import annotations

import bson
import pytest

from mongolane.commands import Command
from mongolane.errors import CursorNotFoundError
from mongolane.testing import PretendLane

FIND = Command("a", {"find": "b"})


async def test_replies_come_in_order() -> None:
    """Each command gets the next reply, and the last one stays."""
    lane = PretendLane({"n": 1, "ok": 1.0}, {"n": 2, "ok": 1.0})
    replies = [(await lane.run(FIND)).document()["n"] for _ in range(3)]

    assert replies == [1, 2, 2]
    assert lane.commands == [FIND] * 3


async def test_function_sees_the_command() -> None:
    """A function of the command gives the reply."""
    lane = PretendLane(lambda command: {"saw": command.database, "ok": 1.0})

    assert (await lane.run(FIND)).document()["saw"] == "a"


async def test_refusals_are_raised() -> None:
    """A reply with ok: 0 is raised as on any lane."""
    with pytest.raises(CursorNotFoundError):
        await PretendLane({"ok": 0.0, "code": 43}).run(FIND)


async def test_cursors_have_a_pin() -> None:
    """A reply with an open cursor has a pin, and killCursors is remembered."""
    cursor = {"id": bson.Int64(7), "ns": "a.b", "firstBatch": []}
    lane = PretendLane({"cursor": cursor, "ok": 1.0})
    reply = await lane.run(FIND)
    lane.forget(FIND, reply.pin)
    await lane.close()

    assert reply.pin is not None
    assert (lane.forgotten, lane.is_closed) == ([FIND], True)
