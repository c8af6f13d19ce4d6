"""Generic classes are stored as what they were made for, at any depth."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

import pytest
import typing_extensions
from bson import ObjectId
from pydantic import BaseModel
from typing_extensions import TypedDict

from mongolane import Document, EmbeddedDocument, codec
from mongolane.codec import _python
from mongolane.schema import describe

DAY = date(2020, 1, 2)
HOUR = timedelta(hours=1)
OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")

T = TypeVar("T")
DayOrDecimal = TypeVar("DayOrDecimal", date, Decimal)
ADay = typing_extensions.TypeVar("ADay", default=date)
ALeaf = TypeVar("ALeaf", bound="Leaf")


class Leaf(BaseModel):
    """What a type variable is bound to by its name."""

    day: date


class Tree(BaseModel, Generic[T]):
    """A generic model that holds itself."""

    v: T
    inner: list[Tree[T]] = []
    named: dict[str, Tree[T]] = {}
    more: Tree[T] | None = None


class Branch(EmbeddedDocument, Generic[T]):
    """The same of ours."""

    v: T
    inner: list[Branch[T]] = []  # noqa: RUF012 (pydantic copies it)


class Forest(Document, Generic[T]):
    """A generic document that holds itself, and a part of its own type."""

    v: T
    inner: list[Forest[T]] = []  # noqa: RUF012 (pydantic copies it)
    tree: Tree[T] | None = None


class Page(Document, Generic[T]):
    """A generic document."""

    items: list[T]


class Constrained(Document, Generic[DayOrDecimal]):
    """Of one of several types."""

    v: DayOrDecimal


class ByDefault(Document, Generic[ADay]):
    """Of a type by default."""

    v: ADay


class Bound(Document, Generic[ALeaf]):
    """Of any class of a kind."""

    v: ALeaf


@dataclasses.dataclass
class Line(Generic[T]):
    """A generic dataclass."""

    v: T
    some: list[T] = dataclasses.field(default_factory=list)


class Row(TypedDict, Generic[T]):
    """A generic typed dict."""

    v: T


class Pair(NamedTuple, Generic[T]):
    """A generic named tuple."""

    a: T
    b: int


class Held(Document):
    """Generic types that are no models."""

    line: Line[timedelta]
    row: Row[dict[tuple[int, int], timedelta]]
    pair: Pair[set[int]]


def _days(tree: Any) -> Any:
    return tree(v=DAY, inner=[tree(v=DAY)], named={"a": tree(v=DAY, more=tree(v=DAY))})


FOREST = Forest[ObjectId](v=OID, inner=[Forest[ObjectId](v=OID)])
MADE: list[Document] = [
    Forest[date](v=DAY, inner=[Forest[date](v=DAY)], tree=_days(Tree[date])),
    FOREST,
    Page[Branch[date]](items=[Branch[date](v=DAY, inner=[Branch[date](v=DAY)])]),
    Page[Branch[ObjectId]](items=[Branch[ObjectId](v=OID)]),
    Page[Line[ObjectId]](items=[Line(OID, [OID])]),
    Page[None](items=[None]),
    Constrained(v=DAY),
    Constrained(v=Decimal("1.50")),
    ByDefault(v=DAY),
    Bound(v=Leaf(day=DAY)),
    Held(line=Line(HOUR, [HOUR]), row={"v": {(1, 2): HOUR}}, pair=Pair({1}, 2)),
]


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and all in them of the same types."""
    if isinstance(one, (list, tuple)):
        pairs = zip(one, other, strict=True)
        return type(one) is type(other) and all(same(a, b) for a, b in pairs)
    if hasattr(one, "__dict__"):
        held = (list(one.__dict__.values()), list(other.__dict__.values()))
        return type(one) is type(other) and same(*held)
    return type(one) is type(other) and bool(one == other)


@pytest.mark.parametrize("made", MADE, ids=lambda made: type(made).__name__)
def test_a_generic_document_comes_back(made: Any) -> None:
    """By plan, by twin and by pydantic, all in it is of the type it was."""
    schema = describe(type(made))
    data = schema.codec.encode(made)

    assert same(schema.codec.decode(data), made)
    assert same(_python.compile(schema.plan).decode(data), made)
    assert same(schema.load(codec.decode(data)), made)
    assert codec.encode(schema.dump(made)) == data


def test_a_class_that_holds_itself_needs_no_python() -> None:
    """What a generic class holds of itself goes by the plan."""
    lines = describe(Tree[int]).explain().splitlines()

    for name in ("inner", "named", "more"):
        assert [name, "fast"] in [line.split() for line in lines]


def test_a_generic_class_is_named_for_what_it_holds() -> None:
    """A marked type is not seen in the name, and the class is one and the same."""
    assert Forest[ObjectId].__name__ == "Forest[ObjectId]"
    assert pickle.loads(pickle.dumps(FOREST)) == FOREST
    assert type(FOREST.inner[0]) is Forest[ObjectId]


def test_an_id_as_text_is_one_in_a_generic_document() -> None:
    """As wherever an id is declared; JSON schema says how it looks."""
    made = Page[ObjectId](items=[str(OID)])  # type: ignore[list-item]

    assert made.items == [OID]
    shown = Page[ObjectId].model_json_schema()["properties"]["items"]["items"]
    assert shown["pattern"] == "^[0-9a-fA-F]{24}$"
