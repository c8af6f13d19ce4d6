"""Pipelines: what is sent, and what rows become."""

from __future__ import annotations

import pytest

from mongolane.errors import QueryError
from mongolane.queries import Aggregate, Find
from tests.queries.pretend import Person, PretendLane, cursor, path, people

AGE = path("age")
ANN = {"_id": 1, "n": "Ann", "age": 3}
GROUP = {"$group": {"_id": "$n"}}


async def test_rows_are_dicts_or_instances():
    """Results are dicts unless they are read as a model."""
    lane = PretendLane(*[cursor([ANN])] * 4)
    query = Aggregate(people(lane), [GROUP])

    assert await query == [ANN]
    assert await query.to(Person) == ["Ann"]
    assert [row async for row in query] == [ANN]
    assert await query.first() == ANN
    assert lane.bodies[3]["pipeline"] == [GROUP, {"$limit": 1}]


async def test_find_comes_first():
    """A find's filter, order and limit come before the user's stages."""
    lane = PretendLane(cursor([]))

    await Find(people(lane), (AGE > 1,)).sort(-AGE).limit(5).aggregate([GROUP])

    assert lane.bodies[0]["pipeline"] == [
        {"$match": {"age": {"$gt": 1}}},
        {"$sort": {"age": -1}},
        {"$limit": 5},
        GROUP,
    ]


def test_options_are_sent():
    """Options go where an aggregate takes them, and the scope comes first."""
    found = (
        Aggregate(people(PretendLane(), scope={"_class": "P"}), [{"$match": AGE > 1}])
        .hint("x")
        .collation("de")
        .comment("why")
        .max_time(1)
        .batch_size(5)
        .let(a=1)
        .allow_disk_use()
        .with_options(read_concern="local")
        .command()
    )

    assert found == {
        "aggregate": "people",
        "pipeline": [{"$match": {"_class": "P"}}, {"$match": {"age": {"$gt": 1}}}],
        "cursor": {"batchSize": 5},
        "maxTimeMS": 1000,
        "comment": "why",
        "readConcern": {"level": "local"},
        "allowDiskUse": True,
        "collation": {"locale": "de"},
        "hint": "x",
        "let": {"a": 1},
    }


@pytest.mark.parametrize(
    "pipeline",
    [[{"$match": {"$where": "1"}}], [{"$project": {"x": {"$function": {}}}}], ["x"]],
)
def test_bad_pipeline_is_refused(pipeline):
    """JavaScript, and what is no stage, is refused."""
    query = Aggregate(people(PretendLane()), pipeline)
    with pytest.raises(QueryError):
        query.command()


async def test_find_hands_on_its_options():
    """A find's read preference, hint and permissions hold for its pipeline."""
    query = (
        Find(people(PretendLane()))
        .hint("age_1")
        .with_options(read_preference="nearest", allow_javascript=True)
        .aggregate([{"$match": {"$where": "1"}}])
    )

    assert query.command()["hint"] == "age_1"
    assert query._command().read_preference == "nearest"
    other = query.with_options(read_preference="primary", allow_javascript=False)
    assert other._read_preference == "primary"
    with pytest.raises(QueryError):
        other.command()


async def test_batches_are_followed():
    """A pipeline's cursor is read to its end with the same batch size."""
    lane = PretendLane(cursor([ANN], 7), cursor([ANN], first=False))

    assert len(await Aggregate(people(lane), []).batch_size(1)) == 2
    assert lane.bodies[1] == {"getMore": 7, "collection": "people", "batchSize": 1}
