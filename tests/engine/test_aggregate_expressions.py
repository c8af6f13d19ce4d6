"""
Aggregation expressions: the same value, of the same type, on every server.
"""

from datetime import UTC, datetime

import pymongo
import pytest
from bson import Decimal128, Int64, ObjectId

from tests.engine.aggregates import evaluate, exact, refusal

DOCUMENT = {
    "i": 5,
    "j": -7,
    "l": Int64(2**40),
    "d": 2.5,
    "n": Decimal128("3.14159"),
    "s": "Hello Wörld",
    "t": "  trim me ",
    "arr": [3, 1, 2, None, 1],
    "o": {"a": 1, "b": {"c": [1, 2]}},
    "os": [{"k": "x", "v": 1}, {"k": "y", "v": 2}, {"v": 3}],
    "z": None,
    "when": datetime(2024, 3, 1, 23, 30, 15, 123000, UTC),
    "later": datetime(2025, 1, 5, 4, tzinfo=UTC),
    "big": 2**31 - 1,
    "longest": Int64(2**63 - 1),
    "num": "42",
}

ARITHMETIC = [
    ({"$add": ["$i", 1]}, 6),
    ({"$add": ["$big", 1]}, Int64(2**31)),
    ({"$add": ["$longest", 1]}, float(2**63)),
    ({"$add": ["$i", "$n"]}, Decimal128("8.14159")),
    ({"$add": ["$i", "$z"]}, None),
    ({"$subtract": ["$i", "$d"]}, 2.5),
    ({"$subtract": ["$later", "$when"]}, Int64(26713784877)),
    ({"$multiply": ["$i", "$l"]}, Int64(5 * 2**40)),
    ({"$divide": ["$i", 2]}, 2.5),
    ({"$mod": ["$j", 3]}, -1),
    ({"$abs": "$j"}, 7),
    ({"$ceil": "$d"}, 3.0),
    ({"$floor": "$n"}, Decimal128("3")),
    ({"$round": ["$d"]}, 2.0),
    ({"$round": ["$n", 2]}, Decimal128("3.14")),
    ({"$trunc": ["$l", -3]}, Int64(1099511627000)),
    ({"$pow": ["$i", 2]}, 25),
    ({"$sqrt": "$i"}, 5**0.5),
    ({"$sum": "$arr"}, 7),
    ({"$avg": ["$i", "$j"]}, -1.0),
    ({"$max": "$arr"}, 3),
    ({"$min": ["$i", "$d"]}, 2.5),
]

CONDITIONS = [
    ({"$cmp": ["$i", "$d"]}, 1),
    ({"$eq": ["$i", 5.0]}, True),
    ({"$gt": ["$z", "$nowhere"]}, True),
    ({"$eq": ["$nowhere", None]}, False),
    ({"$and": ["$i", {"$not": ["$z"]}]}, True),
    ({"$or": ["$z", 0]}, False),
    ({"$cond": ["$z", 1, 2]}, 2),
    ({"$cond": {"if": "$i", "then": "$nowhere", "else": 1}}, "missing"),
    ({"$ifNull": ["$z", "$nowhere", 3]}, 3),
    (
        {"$switch": {"branches": [{"case": "$z", "then": 1}], "default": 2}},
        2,
    ),
]

TEXTS = [
    ({"$concat": ["$s", "!"]}, "Hello Wörld!"),
    ({"$concat": ["$s", "$z"]}, None),
    ({"$substrCP": ["$s", 6, 3]}, "Wör"),
    ({"$substrBytes": ["$s", 6, 3]}, "Wö"),
    ({"$toUpper": "$s"}, "HELLO WöRLD"),
    ({"$strLenCP": "$s"}, 11),
    ({"$strLenBytes": "$s"}, 12),
    ({"$split": ["$s", " "]}, ["Hello", "Wörld"]),
    ({"$trim": {"input": "$t"}}, "trim me"),
    ({"$rtrim": {"input": "$t", "chars": " e"}}, "  trim m"),
    ({"$indexOfCP": ["$s", "l", 4]}, 9),
    (
        {"$regexFind": {"input": "$s", "regex": "(l)(z)?"}},
        {"match": "l", "idx": 2, "captures": ["l", None]},
    ),
    ({"$regexMatch": {"input": "$s", "regex": "w", "options": "i"}}, True),
    ({"$replaceAll": {"input": "$s", "find": "l", "replacement": "L"}}, "HeLLo WörLd"),
    ({"$strcasecmp": ["$s", "HELLO"]}, 1),
]

ARRAYS = [
    ({"$size": "$arr"}, 5),
    ({"$arrayElemAt": ["$arr", -3]}, 2),
    ({"$arrayElemAt": ["$arr", 9]}, "missing"),
    ({"$first": "$arr"}, 3),
    ({"$slice": ["$arr", 1, 2]}, [1, 2]),
    ({"$concatArrays": ["$arr", [9]]}, [3, 1, 2, None, 1, 9]),
    ({"$filter": {"input": "$arr", "cond": {"$gt": ["$$this", 1]}}}, [3, 2]),
    ({"$map": {"input": "$os", "as": "o", "in": "$$o.k"}}, ["x", "y", None]),
    (
        {
            "$reduce": {
                "input": "$os.v",
                "initialValue": 0,
                "in": {"$add": ["$$value", "$$this"]},
            }
        },
        6,
    ),
    ({"$in": [2.0, "$arr"]}, True),
    ({"$indexOfArray": ["$arr", 1, 2]}, 4),
    ({"$range": [5, 0, -2]}, [5, 3, 1]),
    ({"$reverseArray": "$os.v"}, [3, 2, 1]),
    ({"$zip": {"inputs": ["$os.k", [1, 2]]}}, [["x", 1], ["y", 2]]),
    ({"$sortArray": {"input": "$arr", "sortBy": -1}}, [3, 2, 1, 1, None]),
    ({"$maxN": {"n": 2, "input": "$arr"}}, [3, 2]),
    ({"$setDifference": ["$arr", [1]]}, [3, 2, None]),
    ({"$setEquals": ["$arr", [1, 2, 3, None]]}, True),
    ({"$anyElementTrue": ["$arr"]}, True),
    ("$os.v", [1, 2, 3]),
    ("$o.b.c", [1, 2]),
]

DOCUMENTS = [
    ({"$mergeObjects": ["$o", None, {"a": 9}]}, {"a": 9, "b": {"c": [1, 2]}}),
    ({"$objectToArray": "$o.b"}, [{"k": "c", "v": [1, 2]}]),
    ({"$arrayToObject": [[["a", 1], ["b", 2]]]}, {"a": 1, "b": 2}),
    ({"$getField": {"field": "a", "input": "$o"}}, 1),
    ({"$setField": {"field": "q", "input": "$o.b", "value": 1}}, {"c": [1, 2], "q": 1}),
    ({"$let": {"vars": {"x": "$i"}, "in": {"$add": ["$$x", 1]}}}, 6),
    ({"$literal": {"$add": [1, 2]}}, {"$add": [1, 2]}),
]

DATES = [
    ({"$year": "$when"}, 2024),
    ({"$dayOfMonth": {"date": "$when", "timezone": "Europe/Berlin"}}, 2),
    ({"$isoWeekYear": "$later"}, Int64(2025)),
    ({"$dayOfWeek": "$when"}, 6),
    (
        {"$dateToString": {"date": "$when", "format": "%d/%m/%Y %H:%M:%S.%L"}},
        "01/03/2024 23:30:15.123",
    ),
    ({"$dateToString": {"date": "$when"}}, "2024-03-01T23:30:15.123Z"),
    (
        {"$toString": {"$dateFromString": {"dateString": "2024-02-03T04:05:06+0200"}}},
        "2024-02-03T02:05:06.000Z",
    ),
    (
        {"$toString": {"$dateFromParts": {"year": 2024, "month": 14, "day": 0}}},
        "2025-01-31T00:00:00.000Z",
    ),
    (
        {
            "$toString": {
                "$dateAdd": {"startDate": "$when", "unit": "month", "amount": 3}
            }
        },
        "2024-06-01T23:30:15.123Z",
    ),
    (
        {"$dateDiff": {"startDate": "$when", "endDate": "$later", "unit": "month"}},
        Int64(10),
    ),
    (
        {"$toString": {"$dateTrunc": {"date": "$when", "unit": "hour"}}},
        "2024-03-01T23:00:00.000Z",
    ),
]

TYPES = [
    ({"$type": "$n"}, "decimal"),
    ({"$type": "$nowhere"}, "missing"),
    ({"$isNumber": "$s"}, False),
    ({"$toInt": "$num"}, 42),
    ({"$toLong": "$d"}, Int64(2)),
    ({"$toDouble": "$n"}, 3.14159),
    ({"$toDecimal": "$d"}, Decimal128("2.50000000000000")),
    ({"$toBool": "$s"}, True),
    ({"$toString": "$d"}, "2.5"),
    (
        {"$toObjectId": "650000000000000000000001"},
        ObjectId("650000000000000000000001"),
    ),
    ({"$convert": {"input": "$s", "to": "int", "onError": "no"}}, "no"),
    ({"$convert": {"input": "$z", "to": "int", "onNull": 0}}, 0),
]

CASES = ARITHMETIC + CONDITIONS + TEXTS + ARRAYS + DOCUMENTS + DATES + TYPES

REFUSED = [
    ({"$divide": ["$i", 0]}, 2),
    ({"$mod": ["$i", 0]}, 16610),
    ({"$abs": "$s"}, 28765),
    ({"$abs": [1, 2]}, 16020),
    ({"$toInt": "$s"}, 241),
    ({"$size": "$i"}, 17124),
    ({"$arrayElemAt": ["$i", 0]}, 28689),
    ({"$concat": ["$i"]}, 16702),
    ({"$year": "$s"}, 16006),
    ({"$in": [1, "$i"]}, 40081),
    ({"$mergeObjects": ["$i"]}, 40400),
    ({"$switch": {"branches": [{"case": False, "then": 1}]}}, 40066),
    ("$$nope", 17276),
]


@pytest.fixture
def database(server, database_name):
    """
    A database of this test alone.
    """
    with pymongo.MongoClient(server.uri, directConnection=True) as client:
        yield client[database_name]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=str)
def test_value_and_type(database, expression, expected):
    """
    An expression gives this value, of this BSON type.
    """
    assert exact(expected) == exact(evaluate(database, DOCUMENT, expression))


@pytest.mark.parametrize(("expression", "code"), REFUSED, ids=str)
def test_refused_with_code(database, expression, code):
    """
    Operands that an expression can't take are refused with MongoDB's code.
    """
    database.one.insert_one(DOCUMENT)

    assert code == refusal(database.one, [{"$project": {"result": expression}}])


def test_unknown_operator(engine, database_name):
    """
    An operator that doesn't exist is refused as an invalid pipeline operator.
    """
    with pymongo.MongoClient(engine.uri, directConnection=True) as client:
        collection = client[database_name].one
        collection.insert_one({})

        assert refusal(collection, [{"$project": {"a": {"$foo": 1}}}]) == 168
