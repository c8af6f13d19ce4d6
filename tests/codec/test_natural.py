"""Filters that are encoded without a look at each value's form."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from mongolane import codec
from mongolane.codec._python.values import encode_natural as in_python
from mongolane.errors import EncodeError

NATURAL: dict[str, tuple[str, type[Any]]] = {
    "id": ("_id", ObjectId),
    "_id": ("_id", ObjectId),
    "name": ("n", str),
    "age": ("age", int),
}
AN_ID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")
WAYS = pytest.mark.parametrize("way", [codec.encode_natural, in_python])


class Name(str):
    """Not exactly a text."""


@WAYS
@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({}, {}),
        ({"id": AN_ID}, {"_id": AN_ID}),
        ({"name": "Ann", "age": 3}, {"n": "Ann", "age": 3}),
    ],
)
def test_natural_filters_are_encoded_with_what_is_around(way, given, stored):
    """Names as stored keys, between a head and a tail."""
    assert way(b"head", given, NATURAL, b"tail") == b"".join(
        (b"head", codec.encode(stored), b"tail")
    )


@WAYS
@pytest.mark.parametrize(
    "given",
    [
        {"other": 1},
        {"age": "3"},
        {"age": True},
        {"name": Name("Ann")},
        {Name("name"): "Ann"},
        {1: 2},
        {"age": {"$gt": 3}},
        {"id": AN_ID, "_id": AN_ID},
    ],
    ids=repr,
)
def test_other_filters_are_left_alone(way, given):
    """Unknown names, other types, operators, and a key that stands twice."""
    assert way(b"", given, NATURAL, b"") is None


@WAYS
@pytest.mark.parametrize(
    ("given", "key"), [({"age": 1 << 64}, "age"), ({"name": "\ud800"}, "n")]
)
def test_what_bson_cannot_hold_is_refused(way, given, key):
    """As everywhere, with the path."""
    with pytest.raises(EncodeError, match=f"^{key}: "):
        way(b"", given, NATURAL, b"")
