"""Array filters, held against the update that they belong to."""

from __future__ import annotations

import pytest
from bson import Decimal128, ObjectId

from mongolane.errors import QueryError, UnknownFieldError
from mongolane.expressions.array_filters import to_array_filters
from mongolane.expressions.updates import to_update
from tests.expressions.shapes import USER, User

X = User.items.filtered("x")
CHANGE = to_update([X.price.set(1)], USER)


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        ([(X.price > 3) & (X.count == 1)],
         [{"x.p": {"$gt": Decimal128("3")}, "x.count": 1}]),
        ([(X.count == 1) | (X.count == 2)],
         [{"$or": [{"x.count": 1}, {"x.count": 2}]}]),
        ([X.count > 1, X.count < 5], [{"x.count": {"$gt": 1, "$lt": 5}}]),
        ([X.count == 1, {"x.count": 2}], [{"x.count": 1, "$and": [{"x.count": 2}]}]),
        (X.count == 1, [{"x.count": 1}]),
        ({"x.count": 1}, [{"x.count": 1}]),
        ([{"x.price": {"$gt": "3"}}], [{"x.p": {"$gt": Decimal128("3")}}]),
        ([{"$or": [{"x.price": 3}, {"x": None}]}],
         [{"$or": [{"x.p": Decimal128("3")}, {"x": None}]}]),
    ],
)  # fmt: skip
def test_filters_take_stored_form(filters, documents):
    """Expressions and dicts become one filter a name, with stored keys and values."""
    assert to_array_filters(filters, CHANGE, USER) == documents


def test_elements_may_be_plain():
    """An array of plain values has filters on the elements themselves."""
    change = to_update([User.friends.filtered("f").set("65f0a1b2c3d4e5f6a7b8c9d0")])
    wanted = [{"f": ObjectId("65f0a1b2c3d4e5f6a7b8c9d1")}]

    expression = User.friends.filtered("f") == "65f0a1b2c3d4e5f6a7b8c9d1"
    assert to_array_filters([expression], change, USER) == wanted
    text = {"f": "65f0a1b2c3d4e5f6a7b8c9d1"}
    assert to_array_filters([text], change, USER) == wanted


def test_filters_of_open_fields_pass():
    """Where any name may stand, what a filter says of it is taken as it is."""
    change = to_update([User.extra.filtered("e")["n"].set(1)], USER)

    assert to_array_filters([{"e.m": 3}], change, USER) == [{"e.m": 3}]


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        (None, r"names \$\[x\]"),
        ([], r"names \$\[x\]"),
        ([X.count == 1, {"y": 1}], "does not use the array filter 'y'"),
        ([(X.count == 1) & (User.items.filtered("y").count == 1)], "x and y"),
        ([{}], "has none"),
        ([{"X.count": 1}], "letters and digits, a small one first"),
        ([User.age > 3], "filtered"),
        (["x"], "'x'"),
        ("x", "'x'"),
        (3, "3"),
        ([{"x.count": "three"}], "three"),
        ([{"x": {"$where": "1"}}], r"\$where"),
    ],
)
def test_odd_filters_are_refused(filters, named):
    """What a server would refuse is refused before, by name."""
    with pytest.raises(QueryError, match=named):
        to_array_filters(filters, CHANGE, USER)


def test_unknown_names_are_refused():
    """A name that the elements' class lacks is refused, with the near one."""
    with pytest.raises(UnknownFieldError, match="did you mean 'price'"):
        to_array_filters([{"x.prise": 3}], CHANGE, USER)


def test_pipelines_have_none():
    """A pipeline names no elements, so that no filter can be meant."""
    assert to_array_filters(None, [{"$set": {"a": 1}}], USER) == []
    with pytest.raises(QueryError, match="does not use"):
        to_array_filters([X.count == 1], [{"$set": {"a": 1}}], USER)
