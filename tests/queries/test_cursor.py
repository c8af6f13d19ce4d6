"""Cursors: getMore while they are read, killCursors when they are not."""

from __future__ import annotations

import asyncio
import gc

import pytest

from mongolane.errors import (
    CursorNotFoundError,
    DocumentDecodeError,
    NetworkError,
    ServerError,
)
from mongolane.queries import Find
from tests.queries.pretend import PretendLane, cursor, people

ROWS = [{"_id": number, "n": str(number)} for number in range(6)]
KILL = ({"killCursors": "people", "cursors": [7]}, "the server")


def find(lane: PretendLane) -> Find:
    return Find(people(lane))


def three_batches() -> PretendLane:
    return PretendLane(
        cursor(ROWS[:2], 7),
        cursor(ROWS[2:4], 7, first=False),
        cursor(ROWS[4:], 0, first=False),
    )


async def test_iteration_reads_all_batches():
    """async for gives every row in order and kills nothing at the end."""
    lane = three_batches()

    assert [row.id async for row in find(lane)] == [0, 1, 2, 3, 4, 5]
    assert len(lane.sent) == 3
    assert lane.forgotten == []


async def test_batches_are_fetched_when_needed():
    """The next batch is fetched when the last row of this one was used."""
    lane = three_batches()
    rows = find(lane).cursor()

    await anext(rows)
    await anext(rows)
    assert len(lane.sent) == 1
    await anext(rows)
    assert len(lane.sent) == 2
    rows.close()


async def test_break_kills_cursor():
    """Leaving the loop early frees the cursor on the server it lives on."""
    lane = three_batches()
    async for _ in find(lane):
        break
    gc.collect()

    assert lane.forgotten == [KILL]


async def test_exception_in_loop_kills_cursor():
    """An exception in the loop's body frees the cursor."""
    lane = three_batches()

    async def loop():
        async for _ in find(lane):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        await loop()
    gc.collect()

    assert lane.forgotten == [KILL]


async def test_context_kills_cursor_once():
    """async with frees the cursor at its end, and only once."""
    lane = three_batches()
    async with find(lane).cursor() as rows:
        await anext(rows)
    rows.close()
    del rows
    gc.collect()

    assert lane.forgotten == [KILL]


async def test_closed_rows_end():
    """Rows that were closed give nothing more."""
    lane = three_batches()
    rows = find(lane).cursor()
    await anext(rows)
    rows.close()

    assert [row async for row in rows] == []


@pytest.mark.parametrize(
    ("error", "kills"),
    [
        (CursorNotFoundError("gone", 43), []),
        (NetworkError("broken"), []),
        (ServerError("other", 1), [KILL]),
        (asyncio.CancelledError(), [KILL]),
    ],
)
@pytest.mark.parametrize("iterate", [False, True])
async def test_failed_get_more(error, kills, iterate):
    """A failed getMore frees the cursor, unless it is gone or the way to it is."""
    lane = PretendLane(cursor(ROWS[:2], 7), error)

    async def read():
        if not iterate:
            return await find(lane)
        return [row async for row in find(lane)]

    with pytest.raises(type(error)):
        await read()
    gc.collect()

    assert kills == lane.forgotten


@pytest.mark.parametrize("iterate", [False, True])
async def test_unfit_document_kills_cursor(iterate):
    """A document that cannot be decoded frees the cursor, also in the first batch."""
    lane = PretendLane(cursor([{"_id": 1, "age": "?"}], 7))

    with pytest.raises(DocumentDecodeError):
        await (find(lane).cursor().__anext__() if iterate else find(lane))
    gc.collect()

    assert lane.forgotten == [KILL]


async def test_limit_reached_kills_cursor():
    """A cursor that is alive although the limit is reached is freed."""
    lane = PretendLane(
        cursor(ROWS[:2], 7),
        cursor(ROWS[2:3], 7, first=False),
    )

    assert len(await find(lane).limit(3).batch_size(2)) == 3
    assert lane.bodies[1] == {"getMore": 7, "collection": "people", "batchSize": 1}
    assert lane.forgotten == [KILL]


async def test_comment_goes_with_get_more():
    """A find's comment is on its getMore, too."""
    lane = PretendLane(cursor([], 7), cursor([], first=False))
    await find(lane).comment("why")

    assert lane.bodies[1]["comment"] == "why"


async def test_small_cursor_id_takes_64_bits():
    """A cursor's id is sent in 64 bits however small it is."""
    from bson import decode
    from bson.int64 import Int64

    from mongolane import codec

    lane = PretendLane(cursor([], 7), cursor([], first=False))
    await find(lane)

    assert type(decode(codec.encode(lane.bodies[1]))["getMore"]) is Int64


async def test_empty_batches_are_passed():
    """An empty batch in between does not end the rows."""
    lane = PretendLane(
        cursor([], 7), cursor([], 7, first=False), cursor(ROWS[:1], first=False)
    )

    assert [row.id async for row in find(lane)] == [0]
