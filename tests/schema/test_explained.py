"""``explain_codec()`` says which way each field goes, and it is so."""

from __future__ import annotations

import dataclasses
import enum
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

import bson
import pydantic
import pytest
from bson import (
    Binary,
    Code,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from pydantic import AnyUrl, BaseModel, Field

from mongolane import Document, codec
from mongolane.codec import _python
from mongolane.fields.bson_types import told
from mongolane.schema import describe
from tests.codec.documents import to_bson

MODULES: list[Any] = [codec, _python]


class Colour(enum.Enum):
    """Text values."""

    RED = "red"


class Part(BaseModel):
    """An embedded model."""

    n: int
    more: list[Part] = []


class Cat(BaseModel):
    """Told by a key."""

    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    """Told by a key."""

    kind: Literal["dog"] = "dog"


class Round(Cat):
    """Told by a key, and then by another."""

    shape: Literal["round"] = "round"


class Flat(Cat):
    """Told by a key, and then by another."""

    shape: Literal["flat"] = "flat"
    price: Decimal = Decimal(1)


@dataclasses.dataclass
class Line:
    """A dataclass."""

    x: int


NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
UID = uuid.UUID(int=5)

FAST: list[tuple[Any, Any]] = [
    (str, "a"),
    (int, 2**40),
    (float, 1.5),
    (float, 3),
    (bool, True),
    (bytes, b"a"),
    (datetime, NOON),
    (ObjectId, ObjectId()),
    (Decimal, Decimal128("1.5")),
    (Decimal128, Decimal128("1.5")),
    (uuid.UUID, UID),
    (Colour, "red"),
    (Literal["a", 2, None], 2),
    (Any, {"a": [1]}),
    (str | None, None),
    (int | str, "a"),
    (float | int | str, 3),
    (list[datetime] | Part | None, {"n": 1, "more": []}),
    (Part, {"n": 1, "more": [{"n": 2, "more": []}]}),
    (Annotated[Cat | Dog, Field(discriminator="kind")], {"kind": "dog"}),
    (Int64, Int64(2**40)),
    (Int64, 3),
    (told(list[Int64] | None), [Int64(5)]),
    (
        Annotated[
            Annotated[Round | Flat, Field(discriminator="shape")] | Dog,
            Field(discriminator="kind"),
        ],
        {"kind": "cat", "shape": "flat", "price": Decimal128("1.5")},
    ),
    (list[list[dict[str, list[int]]]], [[{"a": [1]}]]),
    (dict[str, dict[str, Part]], {"a": {"b": {"n": 1}}}),
    (tuple[int, ...], [1]),
    (Annotated[int, Field(ge=0, lt=5)], 4),
    (Annotated[float, Field(gt=0, le=5)], 4.5),
    (Annotated[str, Field(min_length=1, max_length=2)], "é"),
    (Annotated[str, Field(pattern="^a+$")], "aa"),
    (Annotated[list[int], Field(min_length=1)], [1]),
    (Annotated[bytes, Field(max_length=2)], b"a"),
    (date, NOON.replace(hour=0)),
    (time | None, "01:02:03"),
    (tuple[int, str, list[date]], [1, "a", [NOON.replace(hour=0)]]),
]
"""Types with a direct BSON form, and stored values."""

SLOW: list[tuple[Any, Any, str]] = [
    (AnyUrl, "http://a.b/", "text"),
    (Line, {"x": 1}, "dataclass"),
    (Annotated[int, pydantic.AfterValidator(abs)], 1, "AfterValidator"),
    (Annotated[int, Field(multiple_of=2)], 2, "MultipleOf"),
    (int | Annotated[int, Field(multiple_of=2)], 1, "cannot tell"),
    (dict[int, str], {"1": "a"}, "keys"),
]
"""Types that Python sees, stored values, and a word of why."""


OWN: list[tuple[Any, Any]] = [
    (Binary, Binary(b"a", 5)),
    (Binary, b"a"),
    (Binary, UID),
    (Code, Code("a", {"b": 1})),
    (DBRef, DBRef("a", 1)),
    (MaxKey, MaxKey()),
    (MinKey, MinKey()),
    (Regex, Regex("a", "i")),
    (Timestamp, Timestamp(1, 2)),
    (told(list[Regex | None]), [Regex("a"), None]),
]
"""Types of bson's own, whose JSON is pydantic's."""


def made(annotation: Any) -> Any:
    """A class with such a field, another, and private attributes."""
    body = {
        "__annotations__": {"v": annotation, "w": int, "_seen": list[int]},
        "__module__": __name__,
        "w": Field(default_factory=lambda: 7),
        "_seen": pydantic.PrivateAttr(default_factory=list),
    }
    return type("Model", (Document,), body)


def counted(schema: Any) -> list[str]:
    """Counts, from now on, how often pydantic is asked: for documents, for fields."""
    asked: list[str] = []

    def counting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counts(value: Any) -> Any:
            asked.append(name)
            return call(value)

        return counts

    schema.plan.fallback = counting("document", schema.plan.fallback)
    if schema.plan.direct is not None:
        schema.plan.direct = counting("document", schema.plan.direct)
    schema.plan.json_dump = counting("document", schema.plan.json_dump)
    fields = []
    for one in schema.plan.fields:
        kind = one.kind
        if isinstance(kind, codec.plan.Through):
            ways = {way: getattr(kind, way) for way in ("load", "checked", "direct")}
            calls = {
                way: counting(one.name, call) for way, call in ways.items() if call
            }
            kind = dataclasses.replace(kind, **calls)
        json = counting(one.name, one.json)
        fields.append(dataclasses.replace(one, kind=kind, json=json))
    schema.plan.fields = tuple(fields)
    return asked


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("annotation", "value"), FAST)
def test_what_is_fast_asks_nobody(annotation: Any, value: Any, module: Any) -> None:
    """A field said to be fast is read, and made JSON of, without pydantic."""
    schema = describe(made(annotation))
    lines = schema.explain().splitlines()
    asked = counted(schema)
    twin = module is _python or codec.implementation == "python"
    pattern = twin and "pattern=" in repr(annotation)
    compiled = module.compile(schema.plan)
    data = to_bson({"_id": ObjectId(), "v": value, "w": 1})
    compiled.decode(data)
    compiled.json(data)

    assert lines[0].endswith(": fast")
    assert lines[2].split()[1:] == ["fast"]
    # Patterns are of pydantic's own library, which only the native codec has.
    assert pattern or asked == []


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("annotation", "value"), OWN)
def test_types_of_bsons_own_are_fast(annotation: Any, value: Any, module: Any) -> None:
    """They are read without pydantic, which only makes their JSON."""
    schema = describe(made(annotation))
    line = schema.explain().splitlines()[2]
    asked = counted(schema)
    compiled = module.compile(schema.plan)
    data = to_bson({"_id": ObjectId(), "v": value, "w": 1})
    read = compiled.decode(data)

    assert line.split("; ")[0].split()[1:] == ["fast"]
    assert line.endswith("JSON by pydantic: a type of bson's own")
    assert asked == []
    assert compiled.encode(read) == data
    compiled.json(data)
    assert asked == ["v"]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("annotation", "value", "why"), SLOW)
def test_what_is_not_asks_for_its_field(
    annotation: Any, value: Any, why: str, module: Any
) -> None:
    """A field through Python goes there alone, and the reason is given."""
    schema = describe(made(annotation))
    line = schema.explain().splitlines()[2]
    asked = counted(schema)
    compiled = module.compile(schema.plan)
    data = to_bson({"_id": ObjectId(), "v": value, "w": 1})
    compiled.decode(data)

    assert "through Python" in line
    assert why in line
    assert asked == ["v"]
    compiled.json(data)
    assert set(asked) == {"v"}


def test_a_validated_field_goes_alone() -> None:
    """A field_validator sends its field through pydantic, for JSON as well."""

    class Checked(Document):
        a: int
        b: datetime

        @pydantic.field_validator("a")
        @classmethod
        def double(cls, value: int) -> int:
            return value * 2

    schema = describe(Checked)
    asked = counted(schema)
    compiled = codec.compile(schema.plan)
    data = to_bson({"_id": ObjectId(), "a": 1, "b": NOON})

    assert compiled.decode(data).a == 2
    assert b'"a":2,"b":"2024-05-01T12:00:00Z"' in compiled.json(data)
    assert set(asked) == {"a"}
    assert "a   through Python: a field_validator" in schema.explain()


def test_fields_of_embedded_classes_are_told() -> None:
    """A field is not said to be fast where a class inside of it is not."""

    class Inner(BaseModel):
        n: int
        day: AnyUrl
        seen: set[int] = set()

    class Outer(Document):
        one: Inner
        more: dict[str, list[Inner]]
        part: Part

    lines = [line.strip() for line in describe(Outer).explain().splitlines()]
    day = "Inner.day  through Python: stored as text"
    seen = "Inner.seen  fast; JSON by pydantic: a set, which has Python's order"

    assert lines[2:5] == ["one   fast, but for", day, seen]
    assert lines[5:8] == ["more  fast, but for", day, seen]
    assert lines[8] == "part  fast"


def test_many_fields_are_fast() -> None:
    """More than thirty fields, and private attributes, change nothing."""
    names = [f"f{at}" for at in range(45)]
    body: dict[str, Any] = {
        "__annotations__": dict.fromkeys(names, int | None),
        "__module__": __name__,
        "_own": 3,
    }
    cls: Any = type("Wide", (Document,), body)
    schema = describe(cls)
    asked = counted(schema)
    compiled = codec.compile(schema.plan)
    document = {"_id": ObjectId(), **dict.fromkeys(names, 1)}
    read = compiled.decode(bson.encode(document))

    assert (read.f44, read._own, asked) == (1, 3, [])
    assert set(schema.explain().split()) & {"Python:", "pydantic:"} == set()


def test_whole_documents_are_said_to_be() -> None:
    """What sends whole documents through pydantic stands in the first line."""

    class Whole(Document):
        a: int = 0

        @pydantic.model_validator(mode="before")
        @classmethod
        def checked(cls, value: Any) -> Any:
            return value

    class After(Document):
        a: int = 0

        @pydantic.model_validator(mode="after")
        def checked(self) -> After:
            return self

    class Shown(Document):
        a: int = 0
        whole: Part | None = None

        @pydantic.computed_field
        def twice(self) -> int:
            return self.a * 2

    class Outer(Document):
        a: int = 0
        shown: Shown | None = None

    whole, outer = describe(Whole).explain(), describe(Outer).explain()

    assert "whole documents through pydantic: model_validator checked" in whole
    assert describe(After).explain().startswith("After: fast, then its own validators")
    assert "json: through pydantic: computed_field twice" in describe(Shown).explain()
    assert "shown  fast; JSON by pydantic: Shown: computed_field twice" in outer
    assert outer.endswith("json: fast")
