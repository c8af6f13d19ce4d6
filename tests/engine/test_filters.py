"""Which documents a filter finds."""

import datetime
import re

import bson
import pymongo.errors
import pytest

DOCUMENTS = [
    {"_id": 1, "n": 1, "s": "Ann", "a": [1, 2, 3], "o": {"x": 1}},
    {"_id": 2, "n": 2.5, "s": "ben", "a": [], "o": {"x": [1, 5]}},
    {"_id": 3, "n": bson.Int64(3), "s": "Cid\nx", "a": [{"b": 1, "c": 2}, {"b": 3}]},
    {"_id": 4, "n": None, "a": 7},
    {"_id": 5, "s": None, "a": [[1, 2], 9], "d": datetime.datetime(2020, 1, 1)},
    {"_id": 6, "n": bson.Decimal128("2.5"), "a": [{"b": 5, "c": 9}], "f": 54},
]

CASES = [
    ({}, [1, 2, 3, 4, 5, 6]),
    ({"n": 1}, [1]),
    ({"n": 2.5}, [2, 6]),
    ({"n": {"$gt": 1}}, [2, 3, 6]),
    ({"n": {"$gte": 1, "$lt": 3}}, [1, 2, 6]),
    ({"n": {"$lt": "z"}}, []),
    ({"n": None}, [4, 5]),
    ({"n": {"$exists": False}}, [5]),
    ({"n": {"$exists": True, "$ne": None}}, [1, 2, 3, 6]),
    ({"n": {"$ne": 1}}, [2, 3, 4, 5, 6]),
    ({"n": {"$in": [1, None]}}, [1, 4, 5]),
    ({"n": {"$nin": [1, None]}}, [2, 3, 6]),
    ({"n": {"$not": {"$gt": 1}}}, [1, 4, 5]),
    ({"n": {"$type": "number"}}, [1, 2, 3, 6]),
    ({"n": {"$type": ["long", 10]}}, [3, 4]),
    ({"n": {"$mod": [2, 0]}}, [2, 6]),
    ({"s": re.compile("^a", re.I)}, [1]),
    ({"s": {"$regex": "^x", "$options": "m"}}, [3]),
    ({"s": {"$regex": "n$"}}, [1, 2]),
    ({"s": {"$in": [re.compile("^C"), "ben"]}}, [2, 3]),
    ({"s": {"$not": re.compile("n")}}, [3, 4, 5, 6]),
    ({"a": 2}, [1]),
    ({"a": 7}, [4]),
    ({"a": []}, [2]),
    ({"a": [1, 2, 3]}, [1]),
    ({"a": [1, 2]}, [5]),
    ({"a": {"$size": 0}}, [2]),
    ({"a": {"$size": 3}}, [1]),
    ({"a": {"$all": [1, 3]}}, [1]),
    ({"a": {"$all": []}}, []),
    ({"a": {"$elemMatch": {"$gt": 1, "$lt": 3}}}, [1]),
    ({"a": {"$elemMatch": {"b": 1, "c": 2}}}, [3]),
    ({"a": {"$elemMatch": {"b": 3, "c": 2}}}, []),
    ({"a.b": 3, "a.c": 2}, [3]),
    ({"a.0": 1}, [1]),
    ({"a.0.b": 5}, [6]),
    ({"a.b": {"$gt": 3}}, [6]),
    ({"a.c": None}, [3, 4]),
    ({"a.0": {"$exists": True}}, [1, 3, 5, 6]),
    ({"a": {"$type": "array"}}, [1, 2, 3, 5, 6]),
    ({"a": {"$gt": 2, "$lt": 2}}, [1]),
    ({"a": {"$elemMatch": {"0": 1}}}, [5]),
    ({"a": {"$elemMatch": {"c": {"$exists": False}}}}, [3, 5]),
    ({"a": {"$all": [{"$elemMatch": {"b": 1}}, {"$elemMatch": {"b": 3}}]}}, [3]),
    ({"o.x": 5}, [2]),
    ({"o": {"x": 1}}, [1]),
    ({"o.x": {"$exists": True}}, [1, 2]),
    ({"$or": [{"n": 1}, {"_id": 4}]}, [1, 4]),
    ({"$nor": [{"n": 1}, {"_id": {"$gt": 2}}]}, [2]),
    ({"$and": [{"n": {"$gt": 1}}, {"n": {"$lt": 3}}]}, [2, 6]),
    ({"f": {"$bitsAllSet": 50}}, [6]),
    ({"f": {"$bitsAnyClear": [0, 1]}}, [6]),
    ({"d": {"$lt": datetime.datetime(2021, 1, 1)}}, [5]),
    ({"d": {"$gt": bson.MinKey()}}, [1, 2, 3, 4, 5, 6]),
    ({"$expr": {"$gt": ["$n", 2]}}, [2, 3, 6]),
    ({"$comment": "why", "_id": 1}, [1]),
    ({"_id": {"$in": [6, 2, 99]}}, [2, 6]),
    ({"_id": {"$gt": 2, "$lte": 4}}, [3, 4]),
]


@pytest.fixture
def filled(things):
    things.insert_many(DOCUMENTS)
    return things


@pytest.mark.parametrize(("given", "expected"), CASES, ids=str)
def test_a_filter_finds(filled, given, expected):
    """A filter finds the documents that MongoDB's rules say, and no others."""
    assert expected == sorted(d["_id"] for d in filled.find(given))


@pytest.mark.parametrize(("given", "expected"), CASES, ids=str)
def test_an_index_changes_nothing(filled, given, expected):
    """With every field indexed, a filter finds the same documents."""
    for key in ("n", "s", "a", "a.b", "o.x", "d"):
        filled.create_index(key)
    filled.create_index([("n", 1), ("s", -1)])

    assert expected == sorted(d["_id"] for d in filled.find(given))


REFUSED = [
    ({"a": {"$foo": 1}}, 2, "unknown operator: $foo"),
    ({"$foo": 1}, 2, "unknown top level operator: $foo"),
    ({"$or": []}, 2, "nonempty array"),
    ({"$or": 1}, 2, "must be an array"),
    ({"a": {"$in": 1}}, 2, "$in needs an array"),
    ({"a": {"$size": -1}}, 2, "negative"),
    ({"a": {"$mod": [0, 1]}}, 2, "divisor cannot be 0"),
    ({"a": {"$mod": [1]}}, 2, "not enough elements"),
    ({"a": {"$not": 1}}, 2, "$not needs"),
    ({"a": {"$type": "foo"}}, 2, "Unknown type name alias"),
    ({"a": {"$regex": "("}}, 51091, "invalid"),
    ({"a": {"$options": "i"}}, 2, "$options needs a $regex"),
    ({"a": {"$elemMatch": 1}}, 2, "$elemMatch needs an Object"),
    ({"$where": "1"}, 2, "$where"),
    ({"a": {"$type": 1.5}}, 2, "whole number"),
    ({"a": {"$ref": "x"}}, 2, "unknown operator: $ref"),
    ({"a": {"$all": [1, {"$elemMatch": {"b": 1}}]}}, 2, "no $ expressions in $all"),
    ({"a": {"$all": [{"$elemMatch": {"b": 1}}, 1]}}, 2, "has to be consistent"),
    ({"$jsonSchema": {"foo": 1}}, 9, "Unknown $jsonSchema keyword"),
    ({"a": {"$near": [1]}}, 2, "geo near"),
]


@pytest.mark.parametrize(("given", "code", "message"), REFUSED, ids=str)
def test_a_wrong_filter_is_refused(things, given, code, message):
    """A filter with something unknown or wrong is refused with MongoDB's code."""
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        things.find_one(given)

    assert code == caught.value.code
    assert message in caught.value.details["errmsg"]


def test_ranges_and_arrays_with_indexes(things):
    """Two bounds on a field with arrays may be met by different elements."""
    things.create_index("a")
    things.insert_one({"_id": 1, "a": [0, 10]})

    assert 1 == things.count_documents({"a": {"$gt": 1, "$lt": 5}})
    assert 0 == things.count_documents({"a": {"$elemMatch": {"$gt": 1, "$lt": 5}}})


def test_nan_equals_only_itself(things):
    """NaN is found by NaN and by no range."""
    things.insert_one({"_id": 1, "n": float("nan")})

    assert 1 == things.count_documents({"n": float("nan")})
    assert 0 == things.count_documents({"n": {"$lt": 5}})
