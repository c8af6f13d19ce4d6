"""
Windows, graphs, gaps and sinks: the same documents on every server.
"""

import datetime

import pymongo
import pytest
from bson import Int64

from tests.engine.aggregates import exact, refusal

SALES = [
    {"_id": 1, "shop": "a", "day": 1, "n": 10},
    {"_id": 2, "shop": "a", "day": 2, "n": 20},
    {"_id": 3, "shop": "b", "day": 1, "n": 5},
    {"_id": 4, "shop": "a", "day": 4, "n": 40},
    {"_id": 5, "shop": "b", "day": 3, "n": 7},
]
STAFF = [
    {"_id": 1, "name": "Ana"},
    {"_id": 2, "name": "Bo", "boss": "Ana"},
    {"_id": 3, "name": "Cy", "boss": "Bo"},
    {"_id": 4, "name": "Di", "boss": "Bo"},
]
BY_ID = {"$sort": {"_id": 1}}


def window(**output):
    """The output of each sale, by shop and day."""
    fields = {"partitionBy": "$shop", "sortBy": {"day": 1}, "output": output}
    return [{"$setWindowFields": fields}, BY_ID, {"$project": dict.fromkeys(output, 1)}]


def each(name, *values):
    return [{"_id": i + 1, name: value} for i, value in enumerate(values)]


PIPELINES = {
    "running sum": (
        window(o={"$sum": "$n", "window": {"documents": ["unbounded", "current"]}}),
        each("o", 10, 30, 5, 70, 12),
    ),
    "neighbours": (
        window(o={"$push": "$n", "window": {"documents": [-1, 1]}}),
        each("o", [10, 20], [10, 20, 40], [5, 7], [20, 40], [5, 7]),
    ),
    "range of values": (
        window(o={"$sum": "$n", "window": {"range": [-1, 0]}}),
        each("o", 10, 30, 5, 40, 7),
    ),
    "whole partition": (window(o={"$max": "$n"}), each("o", 40, 40, 7, 40, 7)),
    "numbers": (window(o={"$documentNumber": {}}), each("o", 1, 2, 1, 3, 2)),
    "shift": (
        window(o={"$shift": {"output": "$n", "by": 1, "default": -1}}),
        each("o", 20, 40, 7, -1, -1),
    ),
    "ranks": (
        [
            {
                "$setWindowFields": {
                    "sortBy": {"day": 1},
                    "output": {"r": {"$rank": {}}, "d": {"$denseRank": {}}},
                }
            },
            BY_ID,
            {"$project": {"r": 1, "d": 1}},
        ],
        [
            {"_id": 1, "r": 1, "d": 1},
            {"_id": 2, "r": 3, "d": 2},
            {"_id": 3, "r": 1, "d": 1},
            {"_id": 4, "r": 5, "d": 4},
            {"_id": 5, "r": 4, "d": 3},
        ],
    ),
    "slope": (
        window(o={"$derivative": {"input": "$n"}, "window": {"documents": [-1, 0]}}),
        each("o", None, 10.0, None, 10.0, 1.0),
    ),
    "moving average": (
        window(o={"$expMovingAvg": {"input": {"$toDouble": "$n"}, "alpha": 0.5}}),
        each("o", 10.0, 15.0, 5.0, 27.5, 6.0),
    ),
    "redact": (
        [
            {"$match": {"_id": 1}},
            {"$set": {"secret": {"level": 9}, "open": {"level": 1}, "level": 1}},
            {"$redact": {"$cond": [{"$gt": ["$level", 5]}, "$$PRUNE", "$$DESCEND"]}},
            {"$project": {"_id": 0, "secret": 1, "open": 1}},
        ],
        [{"open": {"level": 1}}],
    ),
    "densify": (
        [
            {"$match": {"shop": "a"}},
            {"$project": {"_id": 0, "day": 1}},
            {"$densify": {"field": "day", "range": {"step": 1, "bounds": "full"}}},
        ],
        [{"day": 1}, {"day": 2}, {"day": 3}, {"day": 4}],
    ),
    "densify partitions": (
        [
            {"$project": {"_id": 0, "day": 1, "shop": 1}},
            {
                "$densify": {
                    "field": "day",
                    "partitionByFields": ["shop"],
                    "range": {"step": 1, "bounds": "partition"},
                }
            },
            {"$sort": {"shop": 1, "day": 1}},
            {"$group": {"_id": "$shop", "days": {"$push": "$day"}}},
            BY_ID,
        ],
        [{"_id": "a", "days": [1, 2, 3, 4]}, {"_id": "b", "days": [1, 2, 3]}],
    ),
    "fill": (
        [
            {"$set": {"n": {"$cond": [{"$eq": ["$_id", 2]}, None, "$n"]}}},
            {
                "$fill": {
                    "partitionBy": "$shop",
                    "sortBy": {"day": 1},
                    "output": {"n": {"method": "locf"}, "x": {"value": 0}},
                }
            },
            BY_ID,
            {"$project": {"n": 1, "x": 1}},
            {"$limit": 2},
        ],
        [{"_id": 1, "n": 10, "x": 0}, {"_id": 2, "n": 10, "x": 0}],
    ),
    "graph": (
        [
            {"$match": {"_id": 1}},
            {
                "$graphLookup": {
                    "from": "staff",
                    "startWith": "Cy",
                    "connectFromField": "boss",
                    "connectToField": "name",
                    "as": "chain",
                    "depthField": "depth",
                    "maxDepth": 1,
                }
            },
            {"$unwind": "$chain"},
            {"$replaceWith": "$chain"},
            {"$sort": {"depth": 1}},
        ],
        [
            {"_id": 3, "name": "Cy", "boss": "Bo", "depth": Int64(0)},
            {"_id": 2, "name": "Bo", "boss": "Ana", "depth": Int64(1)},
        ],
    ),
    "union": (
        [
            {"$match": {"_id": 1}},
            {"$unionWith": {"coll": "staff", "pipeline": [{"$match": {"_id": 2}}]}},
        ],
        [SALES[0], STAFF[1]],
    ),
}


@pytest.fixture
def sales(server, database_name):
    """
    A collection of sales, beside one of staff.
    """
    with pymongo.MongoClient(server.uri, directConnection=True) as client:
        database = client[database_name]
        database.sales.insert_many(SALES)
        database.staff.insert_many(STAFF)
        yield database.sales


@pytest.mark.parametrize("name", PIPELINES)
def test_pipeline_output(sales, name):
    """
    A pipeline gives these documents, with these types.
    """
    pipeline, expected = PIPELINES[name]

    assert exact(expected) == exact(list(sales.aggregate(pipeline)))


REFUSED = [
    ([{"$setWindowFields": {"output": {"x": {"$rank": {}}}}}], 5371602),
    ([{"$graphLookup": {"from": "staff"}}], 40105),
    ([{"$densify": {"field": "day", "range": {"step": 0, "bounds": "full"}}}], 5733401),
    ([{"$redact": "x"}], 17053),
    ([{"$out": "x"}, {"$match": {}}], 40601),
    ([{"$merge": {"into": "x", "on": "n"}}], 51183),
]


@pytest.mark.parametrize(("pipeline", "code"), REFUSED, ids=str)
def test_refused_with_code(sales, pipeline, code):
    """
    A stage that is wrong is refused with MongoDB's code.
    """
    assert code == refusal(sales, pipeline)


def test_dates_are_densified(sales):
    """
    Dates that are missing are made by units of the calendar.
    """
    sales.delete_many({})
    sales.insert_many({"t": datetime.datetime(2024, month, 1)} for month in (1, 4))
    step = {"step": 1, "unit": "month", "bounds": "full"}
    found = sales.aggregate([{"$densify": {"field": "t", "range": step}}])

    assert [1, 2, 3, 4] == [document["t"].month for document in found]


def test_documents_come_from_the_pipeline(sales):
    """
    A pipeline may bring its own documents.
    """
    stages = [{"$documents": [{"a": 1}, {"a": 2}]}, {"$match": {"a": {"$gt": 1}}}]

    assert [{"a": 2}] == list(sales.database.aggregate(stages))


def test_out_replaces_a_collection(sales):
    """
    `$out` leaves what the pipeline gave, and nothing else; its indexes stay.
    """
    target = sales.database.target
    target.insert_one({"_id": 99})
    target.create_index("n")
    given = sales.aggregate(
        [{"$match": {"shop": "b"}}, {"$project": {"n": 1}}, {"$out": "target"}]
    )

    assert [] == list(given)
    assert [{"_id": 3, "n": 5}, {"_id": 5, "n": 7}] == list(target.find().sort("_id"))
    assert "n_1" in target.index_information()


def test_merge_meets_what_is_there(sales):
    """
    `$merge` changes what is there, and adds or leaves what is not.
    """
    target = sales.database.target

    def merged(stage):
        target.delete_many({})
        target.insert_many([{"_id": 1, "n": 0, "x": 1}, {"_id": 9}])
        sales.aggregate(
            [{"$match": {"shop": "a"}}, {"$project": {"n": 1}}, {"$merge": stage}]
        )
        return list(target.find().sort("_id"))

    others = [{"_id": 2, "n": 20}, {"_id": 4, "n": 40}, {"_id": 9}]
    assert [{"_id": 1, "n": 10, "x": 1}, *others] == merged({"into": "target"})
    assert [{"_id": 1, "n": 10}, *others] == merged(
        {"into": "target", "whenMatched": "replace"}
    )
    assert [{"_id": 1, "n": 0, "x": 1}, *others] == merged(
        {"into": "target", "whenMatched": "keepExisting"}
    )
    assert [{"_id": 1, "n": 10, "x": 1}, {"_id": 9}] == merged(
        {"into": "target", "whenNotMatched": "discard"}
    )


def test_merge_runs_a_pipeline(sales):
    """
    `$merge` may compute what is there anew, `$$new` being the pipeline's document.
    """
    target = sales.database.target
    target.insert_one({"_id": 1, "n": 1, "x": 1})
    doubled = [{"$set": {"n": {"$add": ["$n", "$$new.n"]}, "x": "$$REMOVE"}}]
    sales.aggregate(
        [{"$match": {"_id": 1}}, {"$merge": {"into": "target", "whenMatched": doubled}}]
    )

    assert {"_id": 1, "n": 11} == target.find_one()


def test_merge_joins_by_a_unique_index(sales):
    """
    `$merge` may join by other fields that a unique index holds.
    """
    target = sales.database.target
    target.create_index("shop", unique=True)
    target.insert_one({"_id": "x", "shop": "a", "total": 0})
    group = {"$group": {"_id": "$shop", "total": {"$sum": "$n"}}}
    shape = {"$project": {"_id": 0, "shop": "$_id", "total": 1}}
    sales.aggregate([group, shape, {"$merge": {"into": "target", "on": "shop"}}])

    assert {"_id": "x", "shop": "a", "total": 70} == target.find_one({"shop": "a"})
    assert 12 == target.find_one({"shop": "b"})["total"]
