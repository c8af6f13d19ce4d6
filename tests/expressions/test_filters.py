"""Filters: what they mean to a server, and how they join."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from bson import Decimal128, ObjectId
from hypothesis import given
from hypothesis import strategies as st

from mongolane.errors import QueryError
from mongolane.expressions import (
    And,
    Box,
    Center,
    CenterSphere,
    FieldSpec,
    FlatPoint,
    FlatPolygon,
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Nor,
    Or,
    Path,
    Point,
    Polygon,
    Raw,
    and_,
    comment,
    expr,
    json_schema,
    nor,
    or_,
    rand,
    sample_rate,
    text,
    where,
)
from tests.expressions.shapes import Colour, User

FUNCTIONS = (and_, comment, expr, json_schema, nor, or_, sample_rate, text)
SHAPES = (Point, Box, Center, CenterSphere, FlatPoint, FlatPolygon)
HEX = "65f0a1b2c3d4e5f6a7b8c9d0"
POINT = {"type": "Point", "coordinates": [1.5, 2.5]}

EXPECTED = [
    (User.age == 3, {"age": 3}, "User.age == 3"),
    (User.age != 3, {"age": {"$ne": 3}}, "User.age != 3"),
    (User.age > 3, {"age": {"$gt": 3}}, "User.age > 3"),
    (User.age >= 3, {"age": {"$gte": 3}}, "User.age >= 3"),
    (User.age < 3, {"age": {"$lt": 3}}, "User.age < 3"),
    (User.age <= 3, {"age": {"$lte": 3}}, "User.age <= 3"),
    (User.name == None, {"n": None}, "User.name == None"),  # noqa: E711
    (User.age.in_([1, 2]), {"age": {"$in": [1, 2]}}, "User.age.in_([1, 2])"),
    (User.age.not_in([1]), {"age": {"$nin": [1]}}, "User.age.not_in([1])"),
    (User.age.exists(), {"age": {"$exists": True}}, "User.age.exists(True)"),
    (User.age.type("int"), {"age": {"$type": "int"}}, "User.age.type('int')"),
    (User.age.type("int", "long"), {"age": {"$type": ["int", "long"]}}, None),
    (User.age.mod(4, 1), {"age": {"$mod": [4, 1]}}, "User.age.mod(4, 1)"),
    (User.name.regex("^a"), {"n": {"$regex": "^a"}}, "User.name.regex('^a')"),
    (User.name.match("a", "i"), {"n": {"$regex": "a", "$options": "i"}}, None),
    (
        User.name.regex(re.compile("a", re.I | re.S)),
        {"n": {"$regex": "a", "$options": "is"}},
        None,
    ),
    (User.name.contains("a.b"), {"n": {"$regex": r"a\.b"}}, None),
    (User.name.starts_with("a+"), {"n": {"$regex": r"^a\+"}}, None),
    (User.tags.contains("x"), {"tags": "x"}, "User.tags.contains('x')"),
    (User.tags == "x", {"tags": "x"}, None),
    (User.tags == ["x"], {"tags": {"$eq": ["x"]}}, None),
    (User.tags.all(["a", "b"]), {"tags": {"$all": ["a", "b"]}}, None),
    (User.tags.size(2), {"tags": {"$size": 2}}, "User.tags.size(2)"),
    (
        User.items.all([User.items.elem_match(User.items.count == 1)]),
        {"items": {"$all": [{"$elemMatch": {"count": 1}}]}},
        "User.items.all([User.items.elem_match(User.items.count == 1)])",
    ),
    (
        User.tags.elem_match(~User.tags.each.regex("^a"), User.tags.each != "b"),
        {"tags": {"$elemMatch": {"$not": {"$regex": "^a"}, "$ne": "b"}}},
        None,
    ),
    (~(User.age > 3), {"age": {"$not": {"$gt": 3}}}, "~(User.age > 3)"),
    (~(User.age > 3) & ~(User.age < 1),
     {"age": {"$not": {"$gt": 3}}, "$and": [{"age": {"$not": {"$lt": 1}}}]}, None),
    (User.age < User.id, {"$expr": {"$lt": ["$age", "$_id"]}},
     "User.age < User.id"),
    (User.age >= User.id, {"$expr": {"$gte": ["$age", "$_id"]}},
     None),
    (expr({"$gt": [User.name, {"$toLower": [User.address.city.name]}]}),
     {"$expr": {"$gt": ["$n", {"$toLower": ["$address.c.n"]}]}}, None),
    (expr({"$lt": [rand(), 0.5]}), {"$expr": {"$lt": [{"$rand": {}}, 0.5]}}, None),
    (sample_rate(1), {"$sampleRate": 1.0}, "sample_rate(1)"),
    (comment("why"), {"$comment": "why"}, "comment('why')"),
    (where("1"), {"$where": "1"}, None),
    (
        User.place.near(FlatPoint(1, 2), max_distance=5),
        {"place": {"$near": [1, 2], "$maxDistance": 5}},
        "User.place.near(FlatPoint(x=1, y=2), max_distance=5)",
    ),
    (
        User.place.near_sphere(FlatPoint(1, 2), min_distance=0),
        {"place": {"$nearSphere": [1, 2], "$minDistance": 0}},
        None,
    ),
    (User.age.bits_all_set(6), {"age": {"$bitsAllSet": 6}}, None),
    (User.age.bits_any_set([1, 5]), {"age": {"$bitsAnySet": [1, 5]}}, None),
    (User.age.bits_all_clear(b"\1"), {"age": {"$bitsAllClear": b"\1"}}, None),
    (User.age.bits_any_clear(6), {"age": {"$bitsAnyClear": 6}}, None),
    (
        User.place.near(Point(1.5, 2.5), max_distance=10, min_distance=1),
        {"place": {"$near": {"$geometry": POINT, "$maxDistance": 10,
                             "$minDistance": 1}}},
        "User.place.near(Point(longitude=1.5, latitude=2.5), max_distance=10, "
        "min_distance=1)",
    ),
    (
        User.place.near_sphere((1.5, 2.5)),
        {"place": {"$nearSphere": {"$geometry": POINT}}},
        None,
    ),
    (
        User.place.geo_within(Box((0, 0), (1, 1))),
        {"place": {"$geoWithin": {"$box": [[0, 0], [1, 1]]}}},
        None,
    ),
    (
        User.place.geo_within(Center((0, 0), 2)),
        {"place": {"$geoWithin": {"$center": [[0, 0], 2]}}},
        None,
    ),
    (
        User.place.geo_within(CenterSphere((0, 0), 2)),
        {"place": {"$geoWithin": {"$centerSphere": [[0, 0], 2]}}},
        None,
    ),
    (
        User.place.geo_within(FlatPolygon([(0, 0), (1, 1), (1, 0)])),
        {"place": {"$geoWithin": {"$polygon": [[0, 0], [1, 1], [1, 0]]}}},
        None,
    ),
    (
        User.place.geo_intersects(POINT),
        {"place": {"$geoIntersects": {"$geometry": POINT}}},
        None,
    ),
    (or_(User.age == 1, {"x": 1}), {"$or": [{"age": 1}, {"x": 1}]}, None),
    (and_(User.age > 1, User.age < 3), {"age": {"$gt": 1, "$lt": 3}}, None),
    (nor(User.age > 1, {"x": 1}), {"$nor": [{"age": {"$gt": 1}}, {"x": 1}]}, None),
    (expr({"$not": "$a"}), {"$expr": {"$not": "$a"}}, "expr({'$not': '$a'})"),
    (json_schema({"required": ["a"]}), {"$jsonSchema": {"required": ["a"]}}, None),
    (
        text("a -b", language="de", case_sensitive=True),
        {"$text": {"$search": "a -b", "$language": "de", "$caseSensitive": True}},
        "text('a -b', language='de', case_sensitive=True)",
    ),
    (
        User.name == User.colour,
        {"$expr": {"$eq": ["$n", "$colour"]}},
        "User.name == User.colour",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "document", "shown"), EXPECTED)
def test_expression_gives_document(expression, document, shown):
    """Each operator gives the server's document, and shows what was typed."""
    assert document == expression.to_filter()
    assert shown is None or shown == repr(expression)


@pytest.mark.parametrize("expression", [row[0] for row in EXPECTED])
def test_repr_can_be_pasted(expression):
    """What a filter shows gives the same filter when typed."""
    names = {
        "User": User,
        "re": re,
        "Raw": Raw,
        **{one.__name__: one for one in FUNCTIONS},
        **{one.__name__: one for one in SHAPES},
    }

    assert eval(repr(expression), names) == expression


@pytest.mark.parametrize(
    "value",
    [{"$gt": ""}, {"$where": "1"}, {}, re.compile("a"), {"a": 1}],
)
def test_value_never_runs(value):
    """A mapping or a pattern from a request is compared as a value."""
    assert (User.name == value).to_filter()["n"].keys() == {"$eq"}
    assert (User.extra != value).to_filter() == {"extra": {"$ne": value}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "$gt", "$where", "$eq"]), inner)
    ),
    max_leaves=8,
)


@given(JSON)
def test_no_json_runs(value):
    """Whatever JSON a request holds is a plain value, or stands behind $eq."""
    found = (User.extra == value).to_filter()

    assert found in ({"extra": value}, {"extra": {"$eq": value}})
    if isinstance(value, dict | list):
        assert found == {"extra": {"$eq": value}}
    assert (User.extra.push(value)).to_update()["$push"]["extra"] in (
        value,
        {"$each": [value]},
    )


def test_all_takes_no_operator():
    """An operator among the values of all() is refused, for a server would run it."""
    with pytest.raises(QueryError):
        User.extra.all([{"$elemMatch": {"$gt": 1}}])


def test_values_take_stored_form():
    """Values go through the field's own converter, also inside lists."""
    assert (User.id == HEX).to_filter() == {"_id": ObjectId(HEX)}
    assert User.id.in_([HEX]).to_filter() == {"_id": {"$in": [ObjectId(HEX)]}}
    assert (User.colour == Colour.RED).to_filter() == {"colour": "r"}
    assert (User.items.price > "1.5").to_filter() == {
        "items.p": {"$gt": Decimal128("1.5")}
    }
    assert User.friends.contains(HEX).to_filter() == {"friends": ObjectId(HEX)}


@pytest.mark.parametrize(
    "make",
    [lambda: User.age > "x", lambda: User.age.in_(["x"]), lambda: User.id == "zzz"],
)
def test_wrong_value_names_field(make):
    """A value that cannot be meant is refused with the field and the value."""
    with pytest.raises(QueryError, match=r"User\.(age|id): '\w+'"):
        make()


@pytest.mark.parametrize("values", ["abc", b"abc", 3, {"a": 1}])
def test_in_needs_list(values):
    """Text is no list of values."""
    with pytest.raises(QueryError, match="list of values"):
        User.name.in_(values)


def test_and_merges_operators():
    """Two bounds of a field become one condition."""
    both = (User.age > 3) & (User.age < 9) & (User.name == "x")

    assert both.to_filter() == {"age": {"$gt": 3, "$lt": 9}, "n": "x"}


def test_and_keeps_what_cannot_merge():
    """Conditions that would overwrite each other go into $and."""
    both = (User.tags == "a") & (User.tags == "b") & (User.age > 1) & (User.age > 2)

    assert both.to_filter() == {
        "tags": "a",
        "age": {"$gt": 1},
        "$and": [{"tags": "b"}, {"age": {"$gt": 2}}],
    }


def test_patterns_keep_their_options():
    """Two patterns are never merged into one with the options of the other."""
    both = User.name.regex("a", "i") & User.name.regex("b")

    assert both.to_filter() == {
        "n": {"$regex": "a", "$options": "i"},
        "$and": [{"n": {"$regex": "b"}}],
    }


def test_or_is_flat():
    """A chain of | is one $or."""
    any_of = (User.age == 1) | (User.age == 2) | (User.age == 3)

    assert any_of.to_filter() == {"$or": [{"age": 1}, {"age": 2}, {"age": 3}]}


def test_two_ors_both_hold():
    """Two $or joined by & are both kept."""
    both = ((User.age == 1) | (User.age == 2)) & ((User.name == "a") | {"x": 1})

    assert both.to_filter() == {
        "$or": [{"age": 1}, {"age": 2}],
        "$and": [{"$or": [{"n": "a"}, {"x": 1}]}],
    }


@pytest.mark.parametrize(
    ("expression", "document"),
    [
        (~(User.age == 3), {"age": {"$ne": 3}}),
        (~(User.age != 3), {"age": 3}),
        (~User.age.in_([3]), {"age": {"$nin": [3]}}),
        (~(User.age > 3), {"age": {"$not": {"$gt": 3}}}),
        (~~(User.age > 3), {"age": {"$gt": 3}}),
        (~((User.age > 3) | (User.age < 1)),
         {"$nor": [{"age": {"$gt": 3}}, {"age": {"$lt": 1}}]}),
    ],
)  # fmt: skip
def test_not_is_exact(expression, document):
    """~ matches just what the filter does not, missing fields included."""
    assert document == expression.to_filter()


def test_element_conditions_are_relative():
    """elem_match takes paths below the array, or its elements themselves."""
    assert User.items.elem_match(
        User.items.price > 1, User.items.count == 2
    ).to_filter() == {
        "items": {"$elemMatch": {"p": {"$gt": Decimal128("1")}, "count": 2}}
    }
    assert User.tags.elem_match(User.tags.each > "a").to_filter() == {
        "tags": {"$elemMatch": {"$gt": "a"}}
    }
    assert User.items.elem_match({"p": 1}).to_filter() == {
        "items": {"$elemMatch": {"p": Decimal128("1")}}
    }


def test_element_conditions_join():
    """Joined conditions become relative part by part; two on one field both hold."""
    either = (User.items.count == 1) | (User.items.count == 2)
    twice = User.items.elem_match(User.items.count < 1, User.items.count < 2)

    assert User.items.elem_match(either).to_filter() == {
        "items": {"$elemMatch": {"$or": [{"count": 1}, {"count": 2}]}}
    }
    assert repr(User.items.elem_match(User.items.count == 1)) == (
        "User.items.elem_match(User.items.count == 1)"
    )
    assert twice.to_filter()["items"]["$elemMatch"] == {
        "count": {"$lt": 1},
        "$and": [{"count": {"$lt": 2}}],
    }


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ([User.tags.each > "a", User.tags.each > "b"], "twice"),
        ([(User.tags.each > "a") & (User.tags.each > "b")], "twice"),
        ([~(User.tags.each > "a"), ~(User.tags.each < "b")], "twice"),
        ([(User.tags.each > "a") | (User.tags.each < "b")], "with |"),
        ([User.tags.each > "a", {"b": 1}], "not on both"),
    ],
)
def test_what_no_element_is_asked(conditions, message):
    """Conditions that no server asks of one element are refused, with a way out."""
    with pytest.raises(QueryError, match=re.escape(message)):
        User.tags.elem_match(*conditions).to_filter()


def test_expressions_hold_stored_values():
    """Members stand for their values in an aggregation expression, dates for times."""
    made = expr({"$in": [User.colour, [Colour.RED, {"a": date(2024, 1, 2)}]]})

    midnight = datetime(2024, 1, 2, tzinfo=UTC)
    assert made.to_filter() == {"$expr": {"$in": ["$colour", ["r", {"a": midnight}]]}}


def test_two_expressions_both_hold():
    """Operators that stand at the top are not merged into each other."""
    both = (User.age == User.id) & (User.age > User.name)

    assert both.to_filter() == {
        "$expr": {"$eq": ["$age", "$_id"]},
        "$and": [{"$expr": {"$gt": ["$age", "$n"]}}],
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: User.age.type("itn"), "'itn' is no BSON type"),
        (lambda: User.age.type(), "at least one type"),
        (lambda: User.tags.all([User.age > 3]), "User.tags.elem_match()"),
        (lambda: User.items.all([User.tags.elem_match({"$eq": 1})]), "User.items.elem"),
        (lambda: expr(User.age > 3), "is a filter"),
        (lambda: sample_rate(2), "from 0 to 1"),
        (lambda: User.items.elem_match({"price": 1, "nope": 2}), "no field 'nope'"),
        (lambda: 1 < User.age < 3, "(a < path) & (path < b)"),
        (lambda: User.age in [1, 2], ".in_()"),
        (lambda: bool(User.age < User.name), "neither true nor false"),
    ],
)  # fmt: skip
def test_wrong_expression_is_refused(make, message):
    """What cannot be meant is refused at once, and says what to write."""
    with pytest.raises(QueryError, match=re.escape(message)):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: User.name.regex(3),
        lambda: User.age.contains(3),
        lambda: User.name.starts_with(3),
    ],
)
def test_pattern_needs_text(make):
    """A pattern, and a part of a text, are text."""
    with pytest.raises(QueryError, match="text"):
        make()


def test_and_takes_ands_apart():
    """Conditions that stand in $and already are joined on one level."""
    inner = Raw({"$and": [{"a": 1}]})

    assert (inner & (User.age == 1)).to_filter() == {"age": 1, "$and": [{"a": 1}]}
    assert (User.name != User.colour).to_filter() == {
        "$expr": {"$ne": ["$n", "$colour"]}
    }
    assert bool(User.name != User.colour)


def test_equal_filters_are_equal():
    """Filters are equal by meaning, hash alike, and stand in sets."""
    assert (User.age > 3) == (User.age > 3)
    assert (User.age > 3) != (User.age > 4)
    assert len({User.age > 3, User.age > 3, User.name == "a"}) == 2


def test_joined_repr():
    """A joined filter shows its parts in parentheses."""
    joined = ((User.age > 3) & {"x": 1}) | ~(User.name == "a")

    assert repr(joined) == (
        "((User.age > 3) & (Raw({'x': 1}))) | (~(User.name == 'a'))"
    )


def test_other_operands_are_refused():
    """Only filters and dicts join."""
    with pytest.raises(QueryError, match="is no filter"):
        (User.age > 3) & True


def test_joining_nothing_is_refused():
    """An $or or $nor of nothing is refused before the server sees it."""
    with pytest.raises(QueryError):
        or_()
    with pytest.raises(QueryError):
        nor()


def test_empty_and_matches_all():
    """An And of nothing is the empty filter."""
    assert And(()).to_filter() == {}
    assert Or.of([User.age == 1]).to_filter() == {"age": 1}
    assert isinstance(~Nor((User.age > 1, User.age > 2)), Or)
    assert repr(~(Nor((User.age > 1, User.age > 2)))) != ""
    assert Raw({"a": 1}).to_filter() == {"a": 1}


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        (LineString([(0, 0), (1, 1)]), "LineString"),
        (Polygon([[(0, 0), (1, 1), (1, 0), (0, 0)]]), "Polygon"),
        (MultiPoint([(0, 0)]), "MultiPoint"),
        (MultiLineString([[(0, 0), (1, 1)]]), "MultiLineString"),
        (MultiPolygon([[[(0, 0), (1, 1), (1, 0), (0, 0)]]]), "MultiPolygon"),
        (GeometryCollection([Point(0, 0)]), "GeometryCollection"),
    ],
)
def test_geometries_are_geojson(geometry, kind):
    """Each geometry gives GeoJSON of its own type, in lists."""
    found = User.place.geo_intersects(geometry).to_filter()
    inner = found["place"]["$geoIntersects"]["$geometry"]

    assert inner["type"] == kind
    assert "(" not in repr(inner)


@pytest.mark.parametrize("point", [Point(200, 0), (0, 91), "here", MultiPoint([])])
def test_impossible_geometry_is_refused(point):
    """What is not on the globe is refused before the server sees it."""
    with pytest.raises(QueryError):
        User.place.near(point)


def test_plain_path_needs_no_converter():
    """A path without a converter stores values as they are."""
    path: Path[int] = Path("T", "x", "x", FieldSpec("x", "x"))

    assert (path == 3).to_filter() == {"x": 3}
