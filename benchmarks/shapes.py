"""
Is the codec ever slower than plain pydantic, whatever a class looks like?

``python -m benchmarks.shapes [part of a name]``. Each row is a class with one field or
many, read from a reply, read one by one, written, and made JSON of: pydantic with
PyMongo's ``bson`` against ours, processor time, the least of the rounds.
"""

from __future__ import annotations

import dataclasses
import enum
import gc
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

import bson
import pydantic
from bson import Decimal128, ObjectId
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from mongolane import Document, codec
from mongolane.schema import describe

OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
NOW = datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
Way = Callable[[], Any]


class Point(BaseModel):
    x: float
    y: float
    label: str


class Cat(BaseModel):
    name: str
    lives: int


class Dog(BaseModel):
    name: str
    good: bool


class Tree(BaseModel):
    name: str
    child: Tree | None = None


class Pair(TypedDict):
    a: int
    b: str


@dataclasses.dataclass
class Record:
    a: int
    b: str
    c: float


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"


def tree(depth: int) -> dict[str, Any]:
    """Documents in documents."""
    return {"name": f"{depth}", "child": tree(depth - 1) if depth else None}


def same(cls: Any, value: Any) -> Any:
    """A validator that changes nothing."""
    return value


class Shape(NamedTuple):
    """So many documents of a class with these fields; what stands in it besides."""

    count: int
    fields: dict[str, Any]
    make: Callable[[int], dict[str, Any]]
    body: Callable[[], dict[str, Any]] = dict


def many(kind: Any, count: int) -> dict[str, Any]:
    """So many fields of one type."""
    return {f"f{at}": kind for at in range(count)}


def filled(count: int, value: Callable[[int], Any]) -> Callable[[int], dict[str, Any]]:
    """Makes documents with so many fields."""
    return lambda number: {f"f{at}": value(number + at) for at in range(count)}


def one(value: Any) -> Callable[[int], dict[str, Any]]:
    """Makes documents with one field, ``f0``."""
    return lambda number: {"f0": value}


def validated(mode: Any) -> Callable[[], dict[str, Any]]:
    """A class body with a validator of the field ``f0``."""
    return lambda: {"_v": pydantic.field_validator("f0", mode=mode)(classmethod(same))}


def whole() -> dict[str, Any]:
    """A class body with a validator of the whole."""
    check: Any = pydantic.model_validator(mode="after")
    return {"_v": check(lambda self: self)}


MONEY = Annotated[Decimal, Field(max_digits=12, decimal_places=2)]
SHAPES = {
    "one int": Shape(3000, many(int, 1), filled(1, int)),
    "60 texts": Shape(200, many(str, 60), filled(60, str)),
    "60 fields, 9 there": Shape(
        500,
        many(str | None, 60),
        filled(9, str),
        lambda: {f"f{at}": None for at in range(60)},
    ),
    "a tree of 40": Shape(100, {"f0": Tree}, lambda number: {"f0": tree(40)}),
    "list of 100 models": Shape(
        50, {"f0": list[Point]}, one([{"x": 0.5, "y": 1.5, "label": "a"}] * 100)
    ),
    "one list of 20,000 models": Shape(
        1, {"f0": list[Point]}, one([{"x": 0.5, "y": 1.5, "label": "a"}] * 20_000)
    ),
    "10,000 floats": Shape(5, {"f0": list[float]}, one([n / 7 for n in range(10_000)])),
    "dict of 100 ints": Shape(
        200, {"f0": dict[str, int]}, one({f"k{n}": n for n in range(100)})
    ),
    "dict with int keys": Shape(
        200, {"f0": dict[int, str]}, one({f"{n}": "a" for n in range(50)})
    ),
    "8 unions of scalars": Shape(
        1000,
        many(int | str | float | None, 8),
        filled(8, lambda n: [n, "a", 1.5, None][n % 4]),
    ),
    "100 of two models": Shape(
        50,
        {"f0": list[Cat | Dog]},
        one([{"name": "a", "lives": 9}, {"name": "b", "good": True}] * 50),
    ),
    "100 dataclasses": Shape(
        50, {"f0": list[Record]}, one([{"a": 1, "b": "x", "c": 0.5}] * 100)
    ),
    "100 typed dicts": Shape(50, {"f0": list[Pair]}, one([{"a": 1, "b": "x"}] * 100)),
    "a fixed tuple": Shape(2000, {"f0": tuple[int, str, float]}, one([1, "a", 1.5])),
    "10 decimals": Shape(
        500, many(Decimal, 10), filled(10, lambda n: Decimal128(f"{n}.5"))
    ),
    "10 bounded decimals": Shape(
        300, many(MONEY, 10), filled(10, lambda n: Decimal128(f"{n}.5"))
    ),
    "10 UUIDs": Shape(500, many(uuid.UUID, 10), filled(10, lambda n: uuid.uuid4())),
    "10 enums": Shape(
        1000, many(Color, 10), filled(10, lambda n: ["red", "green"][n % 2])
    ),
    "10 dates": Shape(500, many(datetime, 10), filled(10, lambda n: NOW)),
    "a text of 100 kB": Shape(20, {"f0": str}, one("x" * 100_000)),
    "the same, not ASCII": Shape(20, {"f0": str}, one("é" * 50_000)),
    "1 MiB of bytes": Shape(5, {"f0": bytes}, one(b"x" * 2**20)),
    "extra=allow, 10 more": Shape(
        500, many(int, 1), filled(11, int), lambda: {"model_config": {"extra": "allow"}}
    ),
    "a validator after": Shape(1000, many(str, 5), filled(5, str), validated("after")),
    "a validator before": Shape(
        1000, many(str, 5), filled(5, str), validated("before")
    ),
    "a model_validator": Shape(1000, many(str, 5), filled(5, str), whole),
    "str_strip_whitespace": Shape(
        1000,
        many(str, 5),
        filled(5, str),
        lambda: {"model_config": {"str_strip_whitespace": True}},
    ),
}


def classes(shape: Shape) -> tuple[Any, Any, Any]:
    """The same fields as a Document, as a plain model, and as one fit for JSON."""
    body = {"__module__": __name__, **shape.body()}
    ours = type("Ours", (Document,), {**body, "__annotations__": dict(shape.fields)})
    config = ConfigDict(**body.pop("model_config", {}), arbitrary_types_allowed=True)
    body |= {"model_config": config, "id": Field(alias="_id")}
    plain, shown = (
        type(f"Of{kind.__name__}", (BaseModel,), {**body, "__annotations__": named})
        for kind in (ObjectId, str)
        for named in [{"id": kind, **shape.fields}]
    )
    return ours, plain, shown


def native(value: Any) -> Any:
    """What ``bson`` decodes as pydantic wants it."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return value


def storable(value: Any) -> Any:
    """What pydantic dumps as ``bson`` wants it."""
    if isinstance(value, Decimal):
        return Decimal128(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): storable(item) for key, item in value.items()}
    return value


def ways(shape: Shape) -> list[tuple[str, Way, Way]]:
    """What is measured: a name, pydantic's way, ours."""
    ours, plain, shown = classes(shape)
    compiled = describe(ours).codec
    documents = [{"_id": ObjectId(), **shape.make(at)} for at in range(shape.count)]
    cursor = {"id": bson.Int64(0), "ns": "a.b", "firstBatch": documents}
    data = bson.encode({"cursor": cursor, "ok": 1.0}, codec_options=OPTIONS)
    odd = any(kind in (Decimal, MONEY) for kind in shape.fields.values())

    def rows() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = bson.decode(data, OPTIONS)["cursor"]["firstBatch"]
        if odd:
            found = [{key: native(v) for key, v in row.items()} for row in found]
        return found

    theirs = [plain.model_validate(row) for row in rows()]
    made = compiled.decode_reply(codec.Reply(data))
    changed = storable(theirs[0].model_dump()) != theirs[0].model_dump()
    fit = storable if changed else (lambda value: value)
    adapter = TypeAdapter(list[shown])

    def pydantic_json() -> bytes:
        found = [{**row, "_id": str(row["_id"])} for row in rows()]
        return adapter.dump_json(adapter.validate_python(found))

    return [
        (
            "read",
            lambda: [plain.model_validate(row) for row in rows()],
            lambda: compiled.decode_reply(codec.Reply(data)),
        ),
        (
            "write",
            lambda: [
                bson.encode(fit(one.model_dump(by_alias=True)), codec_options=OPTIONS)
                for one in theirs
            ],
            lambda: [compiled.encode(one) for one in made],
        ),
        (
            "JSON",
            pydantic_json,
            lambda: compiled.json_reply(codec.Reply(data), whole=True),
        ),
    ]


def spent(way: Way) -> float:
    """Seconds of one call, of so many that they can be told."""
    calls, start = 0, time.process_time()
    while (passed := time.process_time() - start) < 0.01:
        way()
        calls += 1
    return passed / calls


def least(theirs: Way, ours: Way, rounds: int) -> float:
    """How many times faster ours is."""
    figures: list[tuple[float, float]] = []
    for _ in range(rounds):
        gc.collect()
        figures.append((spent(theirs), spent(ours)))
    return min(one for one, _ in figures) / min(two for _, two in figures)


def tables(rounds: int, part: str = "") -> list[str]:
    """The table's lines: how many times faster than pydantic."""
    lines = ["| shape | read | write | JSON |", "|---|--:|--:|--:|"]
    for name, shape in SHAPES.items():
        if part in name:
            figures = [least(*pair, rounds) for _, *pair in ways(shape)]
            shown = " | ".join(f"{figure:.1f}x" for figure in figures)
            lines.append(f"| {name} | {shown} |")
    return lines


class Place(BaseModel):
    city: str
    zip: str


class Plain(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: ObjectId | None = None
    name: str
    age: int
    tags: list[str]
    at: datetime
    place: Place
    score: float = 0.0


class Ours(Document):
    name: str
    age: int
    tags: list[str]
    at: datetime
    place: Place
    score: float = 0.0


def instances(rounds: int) -> list[str]:
    """A table of what is done to one instance, likewise."""
    place = {"city": "a", "zip": "b"}
    given: dict[str, Any] = {"name": "a", "age": 3, "at": NOW, "tags": ["x", "y"]}
    given |= {"id": ObjectId(), "place": place}
    theirs, ours = Plain(**given), Ours(**given)
    rows: dict[str, tuple[Way, Way]] = {
        "made": (lambda: Plain(**given), lambda: Ours(**given)),
        "an attribute set": (
            lambda: setattr(theirs, "age", 4),
            lambda: setattr(ours, "age", 4),
        ),
        "`model_dump()`, `to_dict()`": (theirs.model_dump, ours.to_dict),
    }
    lines = ["| one instance | |", "|---|--:|"]
    for name, (their_way, our_way) in rows.items():
        lines.append(f"| {name} | {least(their_way, our_way, rounds):.2f}x |")
    return lines


if __name__ == "__main__":
    print(*tables(5, *sys.argv[1:2]), sep="\n")
    if not sys.argv[1:]:
        print("", *instances(9), sep="\n")
