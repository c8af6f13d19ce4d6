"""What spares pydantic work gives what pydantic alone would give."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import pydantic
import pytest
from bson import DBRef, Decimal128, Int64, ObjectId
from pydantic import BaseModel
from pydantic_core import PydanticUseDefault
from typing_extensions import TypedDict

from mongolane import (
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    FloatField,
    IntegerField,
    ListField,
    StringField,
    codec,
)
from mongolane.codec import _python
from mongolane.errors import DocumentDecodeError, EncodeError
from mongolane.schema import describe

from .test_explained import NOON, made, to_bson

MODULES = [pytest.param(codec, id="codec"), pytest.param(_python, id="twin")]


def doubled(value: Any) -> Any:
    return value * 2


def kept(value: Any) -> Any:
    return value


def small(value: int) -> int:
    assert value < 10
    return value


def default(value: int) -> int:
    if value > 10:
        raise PydanticUseDefault
    return value


class Cat(BaseModel):
    name: str
    lives: int = 9


class Dog(BaseModel):
    name: str
    lives: int = 9
    good: bool = True


class Fee(TypedDict, total=False):
    amount: Decimal
    note: str


@dataclasses.dataclass
class Point:
    x: float
    tags: list[str]
    at: datetime | None = None


class Color(Enum):
    RED = "red"


Bounded = Annotated[Decimal, pydantic.Field(max_digits=4, decimal_places=2)]
SHAPES = [
    (Annotated[int, pydantic.AfterValidator(doubled)], 3),
    (Annotated[int, pydantic.AfterValidator(kept)], Int64(2**40)),
    (Annotated[str, pydantic.AfterValidator(kept)], 'a"b'),
    (Annotated[int, pydantic.AfterValidator(small)], 3),
    (Annotated[int, pydantic.Field(gt=1), pydantic.AfterValidator(doubled)], 3),
    (Annotated[int, pydantic.AfterValidator(doubled), pydantic.Field(gt=5)], 3),
    (Annotated[int, pydantic.BeforeValidator(doubled)], 3),
    (Annotated[list[int], pydantic.BeforeValidator(kept)], [1, 2]),
    (Annotated[list[float], pydantic.AfterValidator(kept)], [1, 2.5]),
    (list[Annotated[int, pydantic.AfterValidator(doubled)]], [1, 2]),
    (list[Annotated[int, pydantic.BeforeValidator(doubled)]], [1, 2]),
    (list[Bounded] | None, [Decimal128("1.50")]),
    (set[Annotated[int, pydantic.BeforeValidator(kept)]], [1, 2]),
    (Bounded, Decimal128("1.50")),
    (dict[str, Bounded], {"a": Decimal128("1.50")}),
    (Cat | Dog, {"name": "a", "lives": 3, "good": False}),
    (Cat | Dog, {"name": "a", "lives": 3}),
    (Cat | Dog, {"name": "a"}),
    (list[Cat | Dog | str], [{"name": "a", "lives": 3, "good": True}, "b"]),
    (Fee, {"amount": Decimal128("1.5"), "note": "a"}),
    (list[Fee], [{"note": "a"}, {"amount": Decimal128("2")}]),
    (list[Point], [{"x": 1.5, "tags": ["a"], "at": NOON}, {"x": 1, "tags": []}]),
    (tuple[int, str], [1, "a"]),
    (Point, {"x": 1.5, "tags": ["a"]}),
    (list[Point], [{"x": 1.5, "tags": []}] * 3),
    (dict[int, list[str]], {"1": ["a"]}),
    (dict[Literal["a", "b"], int], {"a": 1}),
]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("annotation", "stored"), SHAPES)
def test_short_ways_lead_to_the_same_value(
    annotation: Any, stored: Any, module: Any
) -> None:
    """Read, written again and as JSON, a value is as pydantic alone has it."""
    schema = describe(made(annotation))
    compiled = module.compile(schema.plan)
    document = {"_id": ObjectId(), "v": stored, "w": 1}
    expected = schema.load(codec.decode(to_bson(document)))
    found = compiled.decode(to_bson(document))

    assert found.v == expected.v
    assert type(found.v) is type(expected.v)
    assert codec.decode(compiled.encode(found)) == schema.dump(expected)
    shown = json.loads(compiled.json(to_bson(document)))
    assert shown["v"] == json.loads(expected.model_dump_json())["v"]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("annotation", "stored"),
    [
        (Annotated[int, pydantic.AfterValidator(small)], 30),
        (Bounded, Decimal128("123.456")),
        (list[Bounded], [Decimal128("123.456")]),
        (list[Fee], [{"amount": "many"}]),
        (Cat | Dog, {"lives": 3}),
    ],
)
def test_short_ways_lead_to_the_same_error(
    annotation: Any, stored: Any, module: Any
) -> None:
    """What pydantic refuses is refused in its words."""
    schema = describe(made(annotation))
    document = to_bson({"_id": ObjectId(), "v": stored, "w": 1})
    with pytest.raises(DocumentDecodeError) as expected:
        schema.load(codec.decode(document))
    with pytest.raises(DocumentDecodeError) as found:
        module.compile(schema.plan).decode(document)

    assert found.value.problems == expected.value.problems


@pytest.mark.parametrize("module", MODULES)
def test_a_validator_may_ask_for_the_default(module: Any) -> None:
    """A function that is called without pydantic can do what it can do in pydantic."""

    class Asking(Document):
        v: Annotated[int, pydantic.AfterValidator(default)] = 7

    compiled = module.compile(describe(Asking).plan)
    found = compiled.decode(to_bson({"_id": ObjectId(), "v": 30}))

    assert found.v == 7


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("item", [Fee, Point])
@pytest.mark.parametrize("value", [5, "a", {"a": 5}])
def test_a_list_that_became_something_else_is_not_stored(
    item: Any, value: Any, module: Any
) -> None:
    """Items that pydantic checks together are refused one by one when written."""
    cls = made(list[item])
    document = cls.model_construct(id=ObjectId(), v=value, w=1)
    with pytest.raises(EncodeError):
        module.compile(describe(cls).plan).encode(document)


class Inner(BaseModel):
    a: int
    b: list[str] = []


class Wide(Document):
    name: Annotated[str, pydantic.Field(max_length=5)]
    count: Annotated[int, pydantic.Field(ge=0)] = 3
    score: float = 0.5
    at: datetime | None = None
    color: Color = Color.RED
    kind: Literal["x", "y"] = "x"
    inner: Inner | None = None
    others: dict[str, Inner] = pydantic.Field(default_factory=dict)
    key: UUID | None = None
    anything: Any = None


GIVEN: list[Callable[[], dict[Any, Any]]] = [
    lambda: {"name": "a"},
    lambda: {"name": "a", "_id": ObjectId()},
    lambda: {"name": "a", "id": ObjectId(), "unknown": 5, 7: 8},
    lambda: {"name": "a", "inner": {"a": 1}, "others": {"k": {"a": 2, "b": ["c"]}}},
    lambda: {"name": "a", "inner": Inner(a=1), "key": uuid4(), "at": NOON},
    lambda: {"name": "a", "at": "2024-01-01", "count": "4", "score": 1},
    lambda: {"name": "a", "at": NOON.replace(tzinfo=None), "color": "red", "kind": "y"},
    lambda: {"name": "a", "color": Color.RED, "score": float("inf"), "anything": [1]},
    lambda: {"name": "a", "count": True, "inner": {"a": 1.0, "b": ("c",)}},
    lambda: {"name": "a", "anything": DBRef("a", 1), "at": NOON.replace(tzinfo=None)},
]


@pytest.mark.parametrize("given", GIVEN)
def test_a_dict_is_adopted_as_pydantic_makes_it(
    given: Callable[[], dict[Any, Any]],
) -> None:
    """An instance made without pydantic cannot be told from one that pydantic made."""
    values = given()
    expected = Wide.model_validate(values)
    (found,) = describe(Wide).adopted([values])

    assert found is None or found == expected
    if found is not None:
        assert found.model_fields_set == expected.model_fields_set
        assert list(vars(found)) == list(vars(expected))
        assert repr(found) == repr(expected)
        assert found.others is not values.get("others", 0)


@pytest.mark.parametrize(
    "values",
    [{}, {"name": "too long"}, {"name": "a", "count": -1}, {"name": 5}, 5, None],
)
def test_what_pydantic_would_refuse_is_left_to_it(values: Any) -> None:
    """Nothing that is wrong is adopted."""
    assert describe(Wide).adopted([values]) == [None]


@pytest.mark.skipif(codec.implementation != "native", reason="the twin adopts nothing")
def test_usual_dicts_are_adopted() -> None:
    """Values of the declared types need no pydantic."""
    assert describe(Wide).adopted([one() for one in GIVEN[:5]]).count(None) == 0


class Stop(EmbeddedDocument):
    """A part of field objects."""

    name = StringField(required=True)


class Tour(Document):
    """Of field objects alone."""

    title = StringField(required=True, max_length=5)
    length = IntegerField(min_value=0)
    weight = FloatField()
    open = BooleanField(default=True)
    at = DateTimeField()
    tags = ListField(StringField())
    stop = EmbeddedDocumentField(Stop)


MOMENT = datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC)
TOUR = {
    "title": "a", "length": 3, "weight": 1.5, "open": False, "at": MOMENT,
    "tags": ["x"], "stop": {"name": "s"},
}  # fmt: skip


@pytest.mark.skipif(codec.implementation != "native", reason="the twin adopts nothing")
def test_usual_dicts_of_field_objects_are_adopted() -> None:
    """They are instances but for the making, fields without a value included."""
    short = {"title": "b", "open": True}
    given = [dict(TOUR), short, {**TOUR, "stop": Stop(name="t")}]
    assert describe(Tour).adopted(given).count(None) == 0


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"at": MOMENT.replace(tzinfo=None)},
        {"at": MOMENT.replace(microsecond=123456)},
        {"at": MOMENT.astimezone(timezone(timedelta(hours=2)))},
        {"at": "2024-05-06"},
        {"at": None},
        {"open": None},
        {"tags": None},
        {"tags": []},
        {"weight": 2},
        {"weight": float("inf")},
        {"length": True},
        {"stop": Stop(name="t")},
        {"stop": {"name": "s", "_id": ObjectId(), "more": 1}},
        {"unknown": 1},
        {"id": ObjectId()},
        {"_id": ObjectId()},
        {"_id": str(ObjectId())},
        {"id": None},
    ],
)
def test_field_objects_have_the_last_word(more: dict[str, Any]) -> None:
    """What they would change is left to them; what is adopted is as they leave it."""
    values = {**TOUR, **more}
    expected: Any = Tour.model_validate(dict(values))
    (found,) = describe(Tour).adopted([values])
    if found is None:
        return
    assert vars(found) == vars(expected)
    assert list(vars(found)) == list(vars(expected))
    assert found.model_fields_set == expected.model_fields_set
    assert [type(one) for one in vars(found).values()] == [
        type(one) for one in vars(expected).values()
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"length": 3},
        {**TOUR, "title": None},
        {**TOUR, "title": "too long"},
        {**TOUR, "length": -1},
        {**TOUR, "length": 2**63},
        {**TOUR, "tags": [1]},
        {**TOUR, "stop": {}},
        {**TOUR, "stop": {"name": 1}},
        {"title": "without open"},
    ],
)
def test_field_objects_refuse_and_fill_in_themselves(values: dict[str, Any]) -> None:
    """What is wrong, or has a default, is never adopted."""
    assert describe(Tour).adopted([values]) == [None]


def test_own_checks_keep_a_class_from_being_adopted() -> None:
    """A class with validators, hashes or fields of its own is pydantic's alone."""
    from mongolane import BinaryField

    class Shouting(StringField):
        def validate(self, value: Any) -> str:
            return super().validate(value).upper()

    class Validated(Document):
        a: int

        @pydantic.model_validator(mode="after")
        def check(self) -> Validated:
            return self

    class Hashed(Document):
        code = BinaryField(hash_function=lambda given: given[::-1])

    class Loud(Document):
        name = Shouting()

    class Aliased(Document):
        a: int = pydantic.Field(alias="b")

    assert describe(Validated).adopted([{"a": 1}]) == [None]
    assert describe(Hashed).adopted([{"code": b"ab"}]) == [None]
    assert describe(Loud).adopted([{"name": "a"}]) == [None]
    assert describe(Aliased).adopted([{"b": 1}]) == [None]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("value", [DBRef("a", 1), Decimal128("1.5"), 2, "x", [1]])
def test_whole_documents_are_shown_as_they_are_stored(value: Any, module: Any) -> None:
    """A class with validators reads any value as pydantic has it, by names."""

    class Noted(Document):
        title: str
        more: Any = None

        @pydantic.model_validator(mode="after")
        def check(self) -> Noted:
            self.title += "!"
            return self

    document = {"_id": ObjectId(), "title": "a", "more": value, "id": 5, "z": 1}
    schema = describe(Noted)
    found = module.compile(schema.plan).decode(to_bson(document))
    expected = schema.load(codec.decode(to_bson(document)))

    assert found == expected
    assert found.id == document["_id"]
    assert found.title == "a!"


@pytest.mark.parametrize("module", MODULES)
def test_a_large_document_is_changed_by_what_changed(module: Any) -> None:
    """A document that fills its reply is compared with what it was read from."""

    class Large(Document):
        data: bytes
        n: int = 0

    schema = describe(Large)
    compiled = module.compile(schema.plan)
    stored = {"_id": ObjectId(), "data": b"x" * 100_000, "n": 1}
    cursor = {"id": Int64(0), "ns": "a.b", "firstBatch": [stored]}
    reply = module.Reply(to_bson({"cursor": cursor, "ok": 1.0}))
    (found,) = compiled.decode_reply(reply)
    del reply
    found.n = 2
    raw = bytes(found.__mongolane_raw__)
    changed, gone = compiled.changed(found, raw)

    assert raw == to_bson(stored)
    assert codec.decode(changed) == {"n": 2}
    assert gone == []


@pytest.mark.parametrize("module", MODULES)
def test_times_with_a_zone_are_written_as_pydantic_does(module: Any) -> None:
    """They are read by another way than those without, and their JSON is its own."""

    class Timed(Document):
        at: time

    compiled = module.compile(describe(Timed).plan)
    for text in ("01:02:03", "01:02:03.500000", "01:02:03+00:00", "01:02:03+05:30"):
        data = codec.encode({"at": text})
        expected = compiled.decode(data).model_dump_json(by_alias=True)
        assert json.loads(compiled.json(data)) == json.loads(expected)
