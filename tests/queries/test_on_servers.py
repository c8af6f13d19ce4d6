"""The same queries on every lane and every server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from mongolane import lanes
from mongolane.errors import BulkWriteError, DuplicateKeyError, ServerError
from mongolane.expressions import FieldSpec, Path, Shape, desc
from mongolane.queries import (
    Aggregate,
    Find,
    FindOne,
    Insert,
    InsertMany,
    Source,
    UpdateResult,
    bulk,
)
from mongolane.queries.reading import DICTS

FIELDS = {name: FieldSpec(name, name) for name in ("age", "name", "at", "flags")}
SHAPE = Shape(
    "Row",
    {
        "id": FieldSpec("id", "_id"),
        **FIELDS,
        "tags": FieldSpec("tags", "tags", list, item=FieldSpec("", "")),
        "items": FieldSpec(
            "items",
            "items",
            list,
            item=FieldSpec(
                "", "", shape=Shape("Item", {n: FieldSpec(n, n) for n in ("k", "n")})
            ),
        ),
    },
)


class Names:
    """``Row.age`` as a class would give it."""

    def __getattr__(self, name: str) -> Path[Any]:
        return Path.of(SHAPE, name)


Row = Names()
ROWS = [
    {"_id": 1, "name": "Ann", "age": 30, "tags": ["a", "b"], "flags": 6,
     "items": [{"k": "x", "n": 1}, {"k": "y", "n": 5}]},
    {"_id": 2, "name": "bob", "age": 25, "tags": ["b"], "flags": 1, "items": []},
    {"_id": 3, "name": "Cid", "age": 41, "tags": [], "items": [{"k": "x", "n": 9}]},
    {"_id": 4, "name": None, "age": 30.5},
    {"_id": 5, "name": {"$gt": ""}, "age": "old"},
]  # fmt: skip


@dataclass
class Database:
    """A name and a lane."""

    name: str
    lane: Any


@pytest.fixture
async def source(server, lane, database_name) -> AsyncIterator[Source[Any]]:
    """An empty collection."""
    opened = lanes.open_lane(server.uri, lane)
    yield Source(Database(database_name, opened), "rows", DICTS, "Row", SHAPE)
    await opened.close()


@pytest.fixture
async def rows(source) -> Source[Any]:
    """A collection with a few rows."""
    await InsertMany(source, ROWS)
    return source


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ([Row.age == 30], [1]),
        ([Row.age > 30], [3, 4]),
        ([Row.age >= 30, Row.age < 41], [1, 4]),
        ([Row.name == None], [4]),  # noqa: E711
        ([Row.name == {"$gt": ""}], [5]),
        ([Row.name.in_(["Ann", "Cid"])], [1, 3]),
        ([Row.age.not_in([30, 25])], [3, 4, 5]),
        ([Row.tags.exists(False)], [4, 5]),
        ([Row.age.type("string")], [5]),
        ([Row.age.mod(5)], [1, 2, 4]),
        ([Row.name.regex("^[AB]", "i")], [1, 2]),
        ([Row.tags.contains("b")], [1, 2]),
        ([Row.tags == ["b"]], [2]),
        ([Row.tags.all(["a", "b"])], [1]),
        ([Row.tags.size(1)], [2]),
        ([Row.tags[0] == "b"], [2]),
        ([Row.items.elem_match(Row.items.k == "x", Row.items.n > 5)], [3]),
        ([(Row.items.k == "x") & (Row.items.n > 4)], [1, 3]),
        ([Row.flags.bits_all_set(6)], [1]),
        ([(Row.age == 25) | (Row.age == 41)], [2, 3]),
        ([~(Row.age > 26)], [2, 5]),
        ([~((Row.age == 30) | (Row.age == 25))], [3, 4, 5]),
        ([(Row.tags == "a") & (Row.tags == "b")], [1]),
        ([Row.age > 20, {"name": "Ann"}], [1]),
        ([{"$expr": {"$eq": ["$_id", 2]}}], [2]),
    ],
)
async def test_filters_match(rows, filters, ids):
    """Each operator matches what MongoDB says it does."""
    found = await Find(rows, tuple(filters)).sort("id")

    assert ids == [row["_id"] for row in found]


async def test_order_skip_limit(rows):
    """Sort, skip and limit cut the same window everywhere."""
    found = await Find(rows, (Row.age < 50,)).sort(desc(Row.age)).skip(1).limit(2)

    assert [row["_id"] for row in found] == [4, 1]


async def test_batches_are_read_to_the_end(rows):
    """Small batches give all rows once, awaited, iterated and as JSON."""
    query = Find(rows).sort("id").batch_size(2)

    assert [row["_id"] for row in await query] == [1, 2, 3, 4, 5]
    assert [row["_id"] async for row in query] == [1, 2, 3, 4, 5]
    assert [row["_id"] for row in json.loads(await query.json())] == [1, 2, 3, 4, 5]
    assert len(await query.limit(3)) == 3


async def test_early_exit_leaves_lane_usable(rows):
    """A loop that is left early frees its cursor and disturbs nobody."""
    async for _ in Find(rows).batch_size(2):
        break
    await asyncio.sleep(0.05)

    assert await Find(rows).count() == 5


async def test_cancelled_find_leaves_lane_usable(source):
    """Finds cancelled between batches, at any moment, disturb no later one."""
    await InsertMany(source, [{"_id": number, "age": number} for number in range(400)])

    for pause in (0, 0.001, 0.003, 0.01):
        task = asyncio.create_task(Find(source).batch_size(5).to_list())
        await asyncio.sleep(pause)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        row = await FindOne(source, (Row.id == 7,)).or_raise()
        assert row["age"] == 7

    assert await Find(source).count() == 400


async def test_single_answers(rows):
    """Counts, existence, distinct values, first rows and plans."""
    query = Find(rows, (Row.age < 50,)).sort(Row.age)

    assert await query.count() == 4
    assert await query.limit(2).count() == 2
    assert await query.exists()
    assert not await Find(rows, (Row.age == 1,)).exists()
    assert sorted(await Find(rows).distinct(Row.tags)) == ["a", "b"]
    assert (await query.first())["_id"] == 2
    assert await FindOne(rows, ({"name": "nobody"},)) is None
    assert await query.only(Row.age).first() == {"age": 25}


async def test_explain_answers_plan(rows):
    """explain() gives the server's plan."""
    assert "queryPlanner" in await Find(rows, (Row.age > 1,)).explain("queryPlanner")


async def test_insert_and_duplicate(source):
    """A second document with the same id is refused with the index and the value."""
    await Insert(source, {"_id": 1, "name": "Ann"})

    with pytest.raises(DuplicateKeyError) as caught:
        await Insert(source, {"_id": 1, "name": "Bob"})
    assert caught.value.index == "_id_"
    assert [row["name"] for row in await Find(source)] == ["Ann"]


@pytest.mark.parametrize("ordered", [True, False])
async def test_partial_insert_many(source, ordered):
    """A refusal among many is told by its own number, with what was stored."""
    rows = [{"_id": number % 40} for number in range(50)]

    with pytest.raises(BulkWriteError) as caught:
        await InsertMany(source, rows, ordered=ordered, batch_size=7)
    refused = [error["index"] for error in caught.value.details["writeErrors"]]
    assert refused == ([40] if ordered else list(range(40, 50)))
    assert caught.value.details["nInserted"] == 40
    assert await Find(source).count() == 40


async def test_updates(rows):
    """Updates of one and of many change what they say."""
    many = Find(rows, (Row.age >= 30,))

    assert (await many.update(Row.age.inc(1), {"name": "x"})).modified == 3
    found = await FindOne(rows, (Row.id == 1,)).update(
        Row.tags.push(each=["c", "d"], slice=-3), Row.flags.unset()
    )
    assert found == UpdateResult(1, 1)
    row = await FindOne(rows, (Row.id == 1,)).or_raise()
    assert (row["age"], row["name"], row["tags"]) == (31, "x", ["b", "c", "d"])
    assert "flags" not in row


async def test_array_filters(rows):
    """Elements chosen by an array filter are changed, and no others."""
    item = Row.items.filtered("i")

    await FindOne(rows, (Row.id == 1,)).update(
        item.n.set(0), array_filters=[item.k == "y"]
    )

    row = await FindOne(rows, (Row.id == 1,)).or_raise()
    assert [one["n"] for one in row["items"]] == [1, 0]


async def test_pipeline_update(rows):
    """A pipeline computes from the document itself."""
    await FindOne(rows, (Row.id == 1,)).update(
        [{"$set": {"age": {"$add": ["$age", 5]}}}]
    )

    assert (await FindOne(rows, (Row.id == 1,)).or_raise())["age"] == 35


async def test_replace_and_delete(rows):
    """A replacement keeps the id alone; a delete says how many went."""
    await FindOne(rows, (Row.id == 1,)).replace({"_id": 9, "name": "new"})

    assert await FindOne(rows, (Row.id == 1,)) == {"_id": 1, "name": "new"}
    assert await FindOne(rows).delete() == 1
    assert await Find(rows).delete() == 4
    assert await Find(rows).delete() == 0


async def test_find_and_modify(rows):
    """The document is given as it was or is, in all three forms."""
    query = FindOne(rows, (Row.age < 50,)).sort(-Row.age)

    assert (await query.and_update(Row.age.inc(1)))["age"] == 42
    assert (await query.and_update(Row.age.inc(1), new=False))["age"] == 42
    assert (await query.and_replace({"name": "new", "age": 49}))["name"] == "new"
    assert (await query.and_delete())["_id"] == 3
    assert await FindOne(rows, (Row.id == 3,)).and_delete() is None


async def test_upsert_makes_one(source):
    """Many upserts at once make one document, and one of them says so."""
    query = Find(source, (Row.name == "Ann",))

    found = await asyncio.gather(
        *(query.upsert(Row.age.inc(1), insert={"tags": ["new"]}) for _ in range(5))
    )

    assert sorted(created for _, created in found) == [False] * 4 + [True]
    rows = await Find(source).raw()
    assert [(row["name"], row["age"], row["tags"]) for row in rows] == [
        ("Ann", 5, ["new"])
    ]


async def test_upsert_without_effect(rows):
    """An upsert that finds a document and changes nothing has not made one."""
    query = FindOne(rows, (Row.name == "Ann",))

    _, created = await query.upsert(insert={"age": 99})

    assert created is False
    assert (await query.or_raise())["age"] == 30


async def test_bulk(rows):
    """Several writes of all kinds are done in order and counted."""
    found = await bulk(
        Insert(rows, {"_id": 6, "age": 1}),
        Find(rows, (Row.age == 1,)).update(Row.age.inc(1)),
        FindOne(rows, (Row.id == 7,)).update(Row.age.set(7), upsert=True),
        FindOne(rows, (Row.age == 2,)).delete(),
    )

    assert (found.inserted, found.matched, found.modified, found.deleted) == (
        1,
        1,
        1,
        1,
    )
    assert found.upserted_ids == {2: 7}
    assert await Find(rows).count() == 6


async def test_aggregate(rows):
    """A pipeline gives its rows; a find in front narrows it."""
    stages = [
        {"$unwind": "$tags"},
        {"$group": {"_id": "$tags", "n": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]

    assert await Aggregate(rows, stages) == [{"_id": "a", "n": 1}, {"_id": "b", "n": 2}]
    assert await Find(rows, (Row.id == 2,)).aggregate(stages) == [{"_id": "b", "n": 1}]
    assert await Aggregate(
        rows, [{"$match": Row.age > 40}, {"$count": "n"}]
    ).first() == {"n": 1}


async def test_server_refusal_is_ours(rows):
    """What the server does not understand is our ServerError with its code."""
    with pytest.raises(ServerError) as caught:
        await Find(rows, ({"$expr": {"$nonsense": 1}},))
    assert caught.value.code


async def test_insert_many_thousands(source):
    """Tens of thousands of documents are stored and read back."""
    told: list[int] = []
    rows = [{"_id": number, "name": "x" * 20} for number in range(20_000)]

    assert len(
        await InsertMany(source, rows, progress=told.append, batch_size=8_000)
    ) == (20_000)
    assert told == [8_000, 16_000, 20_000]
    assert len(await Find(source)) == 20_000
