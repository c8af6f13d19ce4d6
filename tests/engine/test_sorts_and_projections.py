"""In what order documents come, and what of them."""

import datetime

import bson
import pymongo.errors
import pytest


def test_types_have_an_order(things):
    """Values of different types sort in BSON's order of types."""
    values = [
        bson.MinKey(),
        None,
        -1,
        2.5,
        "a",
        {"x": 1},
        b"x",
        bson.ObjectId(),
        False,
        True,
        datetime.datetime(2020, 1, 1),
        bson.Timestamp(1, 1),
        bson.Regex("a"),
        bson.MaxKey(),
    ]
    things.insert_many({"_id": i, "v": v} for i, v in reversed(list(enumerate(values))))

    assert list(range(len(values))) == [d["_id"] for d in things.find().sort("v", 1)]


def test_arrays_sort_by_their_extremes(things):
    """An array sorts by its least element upwards and its greatest downwards."""
    things.insert_many(
        [{"_id": 1, "a": [5, 1]}, {"_id": 2, "a": [3]}, {"_id": 3, "a": []}, {"_id": 4}]
    )

    assert [3, 4, 1, 2] == [d["_id"] for d in things.find().sort("a", 1)]
    assert [1, 2, 4, 3] == [d["_id"] for d in things.find().sort("a", -1)]


def test_skip_and_limit_follow_the_sort(things):
    """Skip and limit count sorted documents."""
    things.insert_many({"_id": i, "n": -i} for i in range(50))

    found = things.find().sort("n", 1).skip(3).limit(4)

    assert [46, 45, 44, 43] == [d["_id"] for d in found]
    assert [49] == [d["_id"] for d in things.find().sort("n", 1).limit(-1)]


DOCUMENT = {
    "_id": 1,
    "a": 1,
    "b": {"c": 2, "d": 3},
    "l": [1, 2, 3, 4],
    "o": [{"x": 1, "y": 1}, {"x": 2, "y": 2}, 5],
}

PROJECTIONS = [
    ({"a": 1}, {"_id": 1, "a": 1}),
    ({"a": 1, "_id": 0}, {"a": 1}),
    ({"_id": 1}, {"_id": 1}),
    ({"b.c": 1}, {"_id": 1, "b": {"c": 2}}),
    ({"b": {"d": 1}}, {"_id": 1, "b": {"d": 3}}),
    ({"o.x": 1}, {"_id": 1, "o": [{"x": 1}, {"x": 2}]}),
    ({"l": 0, "o": 0, "b": 0}, {"_id": 1, "a": 1}),
    ({"o.x": 0, "l": 0, "b": 0, "a": 0}, {"_id": 1, "o": [{"y": 1}, {"y": 2}, 5]}),
    ({"l": {"$slice": 2}, "a": 1}, {"_id": 1, "a": 1, "l": [1, 2]}),
    ({"l": {"$slice": -1}, "a": 1}, {"_id": 1, "a": 1, "l": [4]}),
    ({"l": {"$slice": [1, 2]}, "a": 1}, {"_id": 1, "a": 1, "l": [2, 3]}),
    ({"l": {"$slice": [-3, 2]}, "a": 1}, {"_id": 1, "a": 1, "l": [2, 3]}),
    ({"l": {"$slice": 1}, "o": 0, "b": 0}, {"_id": 1, "a": 1, "l": [1]}),
    ({"l": {"$elemMatch": {"$gt": 2}}}, {"_id": 1, "l": [3]}),
    ({"o": {"$elemMatch": {"x": 2}}}, {"_id": 1, "o": [{"x": 2, "y": 2}]}),
    ({"o": {"$elemMatch": {"x": 9}}}, {"_id": 1}),
    ({"n": {"$add": ["$a", "$b.c"]}}, {"_id": 1, "n": 3}),
    ({"n": "$b.d", "_id": 0}, {"n": 3}),
    ({"n": "text"}, {"_id": 1, "n": "text"}),
    ({"absent": 1}, {"_id": 1}),
]


@pytest.mark.parametrize(("given", "expected"), PROJECTIONS, ids=str)
def test_a_projection_shows(things, given, expected):
    """A projection shows exactly the fields it names."""
    things.insert_one(DOCUMENT)

    assert expected == things.find_one({}, given)


def test_the_positional_projection(things):
    """The positional projection shows the element that the filter met."""
    things.insert_one(DOCUMENT)

    assert {"_id": 1, "l": [3]} == things.find_one({"l": {"$gt": 2}}, {"l.$": 1})
    expected = {"_id": 1, "o": [{"x": 2, "y": 2}]}
    assert expected == things.find_one({"o.x": 2}, {"o.$": 1})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"a": 1, "b": 0}, 31254),
        ({"a": 0, "b": 1}, 31253),
        ({"b": 1, "b.c": 1}, 31249),
        ({"a": {"$foo": 1}}, 168),
        ({"": 1}, 40352),
    ],
    ids=str,
)
def test_a_wrong_projection_is_refused(things, given, code):
    """A projection that contradicts itself or names the unknown is refused."""
    things.insert_one(DOCUMENT)
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        things.find_one({}, given)

    assert code == caught.value.code


def test_a_sort_by_a_position(things):
    """A position in an array of documents is sorted by its element alone."""
    things.insert_many(
        [
            {"_id": 1, "a": [{"n": 3}, {"n": 1}]},
            {"_id": 2, "a": [{"n": 1}, {"n": 9}]},
            {"_id": 3, "a": []},
            {"_id": 4, "a": [{"n": 2}]},
        ]
    )

    assert [3, 2, 4, 1] == [d["_id"] for d in things.find().sort("a.0")]
    assert [1, 4, 2, 3] == [d["_id"] for d in things.find().sort("a.0.n", -1)]
