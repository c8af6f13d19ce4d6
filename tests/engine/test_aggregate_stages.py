"""
Aggregation stages: the same documents, in the same order, on every server.
"""

import pymongo
import pytest
from bson import Decimal128, Int64

from tests.engine.aggregates import exact, refusal

STAYS = [
    {"_id": 1, "city": "Porto", "beds": 2, "price": 80.5, "tags": ["sea", "old"]},
    {"_id": 2, "city": "Lisbon", "beds": 1, "price": 60, "tags": []},
    {"_id": 3, "city": "Porto", "beds": 4, "price": 120, "tags": ["sea"]},
    {"_id": 4, "beds": 3, "host": {"name": "Ana", "since": 2019}},
]
CITIES = [
    {"_id": "Porto", "country": "PT", "names": ["Porto", "Oporto"]},
    {"_id": "Lisbon", "country": "PT", "names": ["Lisboa", "Lisbon"]},
]
BY_ID = {"$sort": {"_id": 1}}

PIPELINES = {
    "streaming": (
        [
            {"$match": {"beds": {"$gt": 1}}},
            BY_ID,
            {"$skip": 1},
            {"$limit": 1},
            {"$project": {"city": 1, "double": {"$multiply": ["$beds", 2]}}},
        ],
        [{"_id": 3, "city": "Porto", "double": 8}],
    ),
    "exclusion": (
        [{"$match": {"_id": 4}}, {"$project": {"_id": 0, "host.since": 0}}],
        [{"beds": 3, "host": {"name": "Ana"}}],
    ),
    "added fields": (
        [{"$match": {"_id": 4}}, {"$set": {"host.id": "$_id", "beds": "$$REMOVE"}}],
        [{"_id": 4, "host": {"name": "Ana", "since": 2019, "id": 4}}],
    ),
    "unset": (
        [{"$match": {"_id": 4}}, {"$unset": ["host.name", "beds"]}],
        [{"_id": 4, "host": {"since": 2019}}],
    ),
    "group": (
        [
            {
                "$group": {
                    "_id": "$city",
                    "stays": {"$sum": 1},
                    "beds": {"$sum": "$beds"},
                    "price": {"$avg": "$price"},
                    "most": {"$max": "$beds"},
                    "least": {"$min": "$price"},
                }
            },
            BY_ID,
        ],
        [
            {
                "_id": None,
                "stays": 1,
                "beds": 3,
                "price": None,
                "most": 3,
                "least": None,
            },
            {
                "_id": "Lisbon",
                "stays": 1,
                "beds": 1,
                "price": 60.0,
                "most": 1,
                "least": 60,
            },
            {
                "_id": "Porto",
                "stays": 2,
                "beds": 6,
                "price": 100.25,
                "most": 4,
                "least": 80.5,
            },
        ],
    ),
    "ordered accumulators": (
        [
            BY_ID,
            {
                "$group": {
                    "_id": None,
                    "first": {"$first": "$city"},
                    "last": {"$last": "$city"},
                    "all": {"$push": "$price"},
                    "top": {"$top": {"sortBy": {"beds": -1}, "output": "$_id"}},
                    "two": {"$minN": {"input": "$beds", "n": 2}},
                }
            },
        ],
        [
            {
                "_id": None,
                "first": "Porto",
                "last": None,
                "all": [80.5, 60, 120],
                "top": 3,
                "two": [1, 2],
            }
        ],
    ),
    "unwind": (
        [
            {"$unwind": {"path": "$tags", "includeArrayIndex": "at"}},
            {"$sort": {"_id": 1, "at": 1}},
            {"$project": {"tags": 1, "at": 1}},
        ],
        [
            {"_id": 1, "tags": "sea", "at": Int64(0)},
            {"_id": 1, "tags": "old", "at": Int64(1)},
            {"_id": 3, "tags": "sea", "at": Int64(0)},
        ],
    ),
    "unwind keeping": (
        [
            {"$unwind": {"path": "$tags", "preserveNullAndEmptyArrays": True}},
            {"$match": {"_id": {"$in": [2, 4]}}},
            BY_ID,
            {"$project": {"tags": 1}},
        ],
        [{"_id": 2}, {"_id": 4}],
    ),
    "lookup by field": (
        [
            {"$match": {"_id": {"$lte": 2}}},
            BY_ID,
            {
                "$lookup": {
                    "from": "cities",
                    "localField": "city",
                    "foreignField": "names",
                    "as": "found",
                }
            },
            {"$project": {"found": "$found.country"}},
        ],
        [{"_id": 1, "found": ["PT"]}, {"_id": 2, "found": ["PT"]}],
    ),
    "lookup by pipeline": (
        [
            {"$match": {"_id": 1}},
            {
                "$lookup": {
                    "from": "cities",
                    "let": {"mine": "$city"},
                    "pipeline": [
                        {"$match": {"$expr": {"$ne": ["$_id", "$$mine"]}}},
                        {"$project": {"_id": 1}},
                    ],
                    "as": "others",
                }
            },
            {"$project": {"others": 1}},
        ],
        [{"_id": 1, "others": [{"_id": "Lisbon"}]}],
    ),
    "facet": (
        [
            {
                "$facet": {
                    "count": [{"$count": "n"}],
                    "cheap": [
                        {"$match": {"price": {"$lt": 70}}},
                        {"$project": {"_id": 1}},
                    ],
                }
            }
        ],
        [{"count": [{"n": 4}], "cheap": [{"_id": 2}]}],
    ),
    "new root": (
        [{"$match": {"_id": 4}}, {"$replaceRoot": {"newRoot": "$host"}}],
        [{"name": "Ana", "since": 2019}],
    ),
    "sort by count": (
        [{"$match": {"city": {"$ne": None}}}, {"$sortByCount": "$city"}],
        [{"_id": "Porto", "count": 2}, {"_id": "Lisbon", "count": 1}],
    ),
    "bucket": (
        [
            {
                "$bucket": {
                    "groupBy": "$beds",
                    "boundaries": [1, 3],
                    "default": "many",
                }
            }
        ],
        [{"_id": 1, "count": 2}, {"_id": "many", "count": 2}],
    ),
    "sample": ([{"$sample": {"size": 9}}, {"$count": "n"}], [{"n": 4}]),
    "union": (
        [
            {"$match": {"_id": 1}},
            {"$unionWith": "cities"},
            {"$project": {"_id": 1}},
            BY_ID,
        ],
        [{"_id": 1}, {"_id": "Lisbon"}, {"_id": "Porto"}],
    ),
    "filter by expression": (
        [
            {"$match": {"$expr": {"$gt": ["$beds", "$_id"]}}},
            BY_ID,
            {"$project": {"_id": 1}},
        ],
        [{"_id": 1}, {"_id": 3}],
    ),
}

REFUSED = [
    ([{"$foo": 1}], 40324),
    ([{"$match": {}, "$limit": 1}], 40323),
    ([{"$limit": 0}], 15958),
    ([{"$group": {"n": {"$sum": 1}}}], 15955),
    ([{"$group": {"_id": 1, "n": {"$foo": 1}}}], 15952),
    ([{"$unwind": "tags"}], 28818),
    ([{"$replaceRoot": {"newRoot": "$city"}}], 40228),
    ([{"$count": "a.b"}], 40160),
    ([{"$project": {"a": 1, "b": 0}}], 31254),
    ([{"$lookup": {"from": "cities", "as": "x"}}], 9),
]


@pytest.fixture
def stays(server, database_name):
    """
    A collection of stays, beside one of cities.
    """
    with pymongo.MongoClient(server.uri, directConnection=True) as client:
        database = client[database_name]
        database.stays.insert_many(STAYS)
        database.cities.insert_many(CITIES)
        yield database.stays


@pytest.mark.parametrize("name", PIPELINES)
def test_pipeline_output(stays, name):
    """
    A pipeline gives these documents, with these types.
    """
    pipeline, expected = PIPELINES[name]

    assert exact(expected) == exact(list(stays.aggregate(pipeline)))


@pytest.mark.parametrize(("pipeline", "code"), REFUSED, ids=str)
def test_refused_with_code(stays, pipeline, code):
    """
    A stage that is wrong is refused with MongoDB's code.
    """
    assert code == refusal(stays, pipeline)


def test_sums_stay_exact(stays):
    """
    Decimal sums and means are decimals, and doubles don't pile up errors.
    """
    stays.database.exact.insert_many(
        [{"d": 0.1, "n": Decimal128("0.1")} for _ in range(10)]
    )
    sums = {"_id": None, "d": {"$sum": "$d"}, "n": {"$sum": "$n"}}
    (found,) = stays.database.exact.aggregate([{"$group": sums}])

    assert exact(found) == exact({"_id": None, "d": 1.0, "n": Decimal128("1.0")})


def test_variables_of_command(stays):
    """
    A command's let is seen by expressions, also within $match.
    """
    pipeline = [
        {"$match": {"$expr": {"$eq": ["$city", "$$city"]}}},
        {"$group": {"_id": "$$city", "n": {"$sum": 1}}},
    ]
    found = list(stays.aggregate(pipeline, let={"city": "Porto"}))

    assert found == [{"_id": "Porto", "n": 2}]


def test_results_in_batches(stays):
    """
    A result larger than a batch comes through getMore.
    """
    found = stays.aggregate([BY_ID], batchSize=1)

    assert [document["_id"] for document in found] == [1, 2, 3, 4]
