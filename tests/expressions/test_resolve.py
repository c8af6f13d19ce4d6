"""Raw dict filters: names, ids, and what is refused."""

from __future__ import annotations

import re

import pytest
from bson import DBRef, ObjectId

from mongolane.errors import QueryError, UnknownFieldError
from mongolane.expressions.resolve import resolve, to_filter
from mongolane.expressions.shape import Shape
from tests.expressions.shapes import USER, User

HEX = "65f0a1b2c3d4e5f6a7b8c9d0"
ID = ObjectId(HEX)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": HEX}, {"_id": ID}),
        ({"_id": HEX}, {"_id": ID}),
        ({"id": {"$in": [HEX, ID]}}, {"_id": {"$in": [ID, ID]}}),
        ({"id": {"$ne": HEX}}, {"_id": {"$ne": ID}}),
        ({"id": {"$not": {"$eq": HEX}}}, {"_id": {"$not": {"$eq": ID}}}),
        ({"$or": [{"id": HEX}, {"age": 3}]}, {"$or": [{"_id": ID}, {"age": 3}]}),
        ({"friends": HEX}, {"friends": ID}),
        ({"friends": {"$all": [HEX]}}, {"friends": {"$all": [ID]}}),
        ({"friends": {"$elemMatch": {"$eq": HEX}}},
         {"friends": {"$elemMatch": {"$eq": ID}}}),
        ({"name": HEX}, {"n": HEX}),
        ({"name": {"$in": [HEX]}}, {"n": {"$in": [HEX]}}),
        ({"address.city.name": "x"}, {"address.c.n": "x"}),
        ({"address.c.n": "x"}, {"address.c.n": "x"}),
        ({"items.0.price": {"$exists": True}}, {"items.0.p": {"$exists": True}}),
        ({"items": {"$elemMatch": {"count": 1}}},
         {"items": {"$elemMatch": {"count": 1}}}),
        ({"name": re.compile("a")}, {"n": re.compile("a")}),
        ({"name": {"$regex": "a", "$options": "i"}},
         {"n": {"$regex": "a", "$options": "i"}}),
        ({"name": None}, {"n": None}),
        ({"extra.any.thing": 1}, {"extra.any.thing": 1}),
        ({User.name: "x"}, {"n": "x"}),
        ({"$expr": {"$gt": ["$a", "$b"]}}, {"$expr": {"$gt": ["$a", "$b"]}}),
        ({"$and": [User.age > 3]}, {"$and": [{"age": {"$gt": 3}}]}),
    ],
)  # fmt: skip
def test_names_and_values_are_mapped(given, expected):
    """A dict filter gets stored keys, and ids where ids are declared; nowhere else."""
    before = repr(given)

    assert expected == resolve(given, USER)
    assert repr(given) == before


def test_operators_among_all():
    """$all of $elemMatch is mapped like one of its own."""
    given = {"items": {"$all": [{"$elemMatch": {"count": 1}}]}}

    assert resolve(given, USER) == given
    with pytest.raises(QueryError, match=r"write User\.items\.elem_match"):
        resolve({"items": {"$elemMatch": User.items.count == 1}}, USER)


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"nmae": 1}, "name"),
        ({"address.ctiy": 1}, "city"),
        ({"$or": [{"agee": 1}]}, "age"),
        ({"items": {"$elemMatch": {"prize": 1}}}, "price"),
    ],
)
def test_unknown_name_is_refused(given, near):
    """An unknown name is refused with the near one, at any depth."""
    with pytest.raises(UnknownFieldError) as caught:
        resolve(given, USER)

    assert caught.value.near == near


def test_open_class_lets_names_pass():
    """A class that allows extras lets any name through."""
    assert resolve({"x.y": 1}, Shape("Open", open=True)) == {"x.y": 1}


@pytest.mark.parametrize(
    "given",
    [
        {"$where": "1"},
        {"$or": [{"$where": "1"}]},
        {"age": {"$not": {"$where": "1"}}},
        {"$expr": {"$function": {"body": "", "args": [], "lang": "js"}}},
        {"extra": [{"a": {"$accumulator": {}}}]},
    ],
)
def test_javascript_is_refused(given):
    """JavaScript is refused at any depth, and passes when it is allowed."""
    with pytest.raises(QueryError, match="allow_javascript"):
        to_filter([given], USER)
    with pytest.raises(QueryError, match="allow_javascript"):
        to_filter([(User.age > 3) & given], USER)

    assert to_filter([given], USER, allow_javascript=True) == given


def test_compared_mapping_is_data():
    """JavaScript as a compared value is data and passes."""
    found = to_filter([User.extra == {"$where": "1"}], USER)

    assert found == {"extra": {"$eq": {"$where": "1"}}}


@pytest.mark.parametrize(
    "given",
    [[3], [True], ["age"], [{1: 2}], [{"$or": {"age": 1}}], [{"age": User.age > 3}]],
)
def test_odd_filter_is_refused(given):
    """What is no filter is refused with what it was."""
    with pytest.raises(QueryError):
        to_filter(given, USER)


def test_same_field_twice_is_refused():
    """A name and its stored key in one dict would overwrite each other."""
    with pytest.raises(QueryError, match="twice"):
        resolve({"id": ID, "_id": ID}, USER)


def test_several_filters_merge():
    """Several filters of one query all hold."""
    found = to_filter([User.age > 3, {"age": {"$lt": 5}}, {"name": "x"}], USER)

    assert found == {"age": {"$gt": 3, "$lt": 5}, "n": "x"}


def test_reference_is_a_value():
    """A mapping like a DBRef is compared and not taken for operators."""
    assert resolve({"extra": {"$ref": "a", "$id": 1}}, USER) == {
        "extra": {"$ref": "a", "$id": 1}
    }
    assert resolve({"place": DBRef("a", 1)}, USER) == {"place": DBRef("a", 1)}
