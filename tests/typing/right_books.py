"""Fields of many types, each compared with what it holds, and with its elements."""

# ruff: noqa: E711

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address
from typing import Annotated, Literal, NamedTuple, NotRequired, Required, assert_type
from uuid import UUID

from bson import Decimal128, Int64, ObjectId
from pydantic import EmailStr, HttpUrl
from typing_extensions import TypedDict

from mongolane import Document, EmbeddedDocument, Mapped, Path, Version, field
from mongolane.expressions import Change, Filter, expr
from mongolane.queries import Find


class Color(StrEnum):
    RED = "red"


class Rank(IntEnum):
    ONE = 1


class Spec(TypedDict, total=False):
    width: Required[int]
    unit: NotRequired[str]


@dataclass
class Size:
    x: int
    y: int = 0


class Pair(NamedTuple):
    a: int
    b: str


class Chapter(EmbeddedDocument):
    title: Mapped[str]
    pages: Mapped[int] = field(default=0)
    sub: Mapped[list[Chapter]] = field(default_factory=list)
    at: Mapped[datetime | None] = field(default=None)


class Book(Document):
    title: Mapped[str]
    email: Mapped[EmailStr | None] = field(default=None)
    day: Mapped[date | None] = field(default=None)
    color: Mapped[Color] = field(default=Color.RED)
    rank: Mapped[Rank] = field(default=Rank.ONE)
    spec: Mapped[Spec | None] = field(default=None)
    size: Mapped[Size | None] = field(default=None)
    pair: Mapped[Pair | None] = field(default=None)
    url: Mapped[HttpUrl | None] = field(default=None)
    ip: Mapped[IPv4Address | None] = field(default=None)
    price: Mapped[Decimal] = field(default=Decimal(0))
    rebate: Mapped[Decimal | None] = field(default=None)
    span: Mapped[timedelta] = field(default=timedelta(0))
    at: Mapped[time | None] = field(default=None)
    raw: Mapped[bytes] = field(default=b"")
    long: Mapped[Int64] = field(default=Int64(0))
    exact: Mapped[Decimal128 | None] = field(default=None)
    owner: Mapped[ObjectId | None] = field(default=None)
    uid: Mapped[UUID | None] = field(default=None)
    chapters: Mapped[list[Chapter]] = field(default_factory=list)
    index: Mapped[dict[str, list[int]]] = field(default_factory=dict)
    scores: Mapped[dict[Rank, float]] = field(default_factory=dict)
    words: Mapped[frozenset[str]] = field(default_factory=frozenset)
    flags: Mapped[tuple[int, ...]] = field(default=())
    mode: Mapped[Literal["a", "b"]] = field(default="a")
    version: Annotated[int, Version()] = 0

    @classmethod
    def cheap(cls) -> Find[Book]:
        return cls.find(cls.price < 10)


TEXT = "65f0c1d2e3a4b5c6d7e8f901"

FILTERS: list[Filter] = [
    Book.email == "a@b.cc",
    Book.day >= date(2024, 1, 1),
    Book.color == Color.RED,
    Book.rank >= Rank.ONE,
    Book.spec.width == 3,
    Book.size.x > 1,
    Book.pair.a == 1,
    Book.url == HttpUrl("http://x.yy"),
    Book.ip == IPv4Address("1.1.1.1"),
    Book.price > Decimal(1),
    Book.price > 1,
    Book.price <= 9.99,
    Book.price.in_([1, Decimal(2)]),
    Book.rebate == 0,
    Book.rebate == None,
    Book.span < timedelta(1),
    Book.at != None,
    Book.raw == b"x",
    Book.long == 3,
    Book.long.not_in([3, Int64(4)]),
    Book.long >= Int64(3),
    Book.exact == Decimal128("1"),
    Book.owner == TEXT,
    Book.owner.in_([TEXT, ObjectId()]),
    Book.uid == UUID(int=1),
    Book.chapters[0].sub[1].pages > 3,
    Book.chapters.elem_match(Book.chapters.title == "x", Book.chapters.pages > 3),
    Book.index["a"] == 3,
    Book.index["a"] == [3],
    Book.scores[Rank.ONE] > 0.5,
    Book.words == "x",
    Book.words.in_(["x", frozenset({"y"})]),
    Book.words.all(["a", "b"]),
    Book.flags == 3,
    Book.flags > 3,
    Book.flags.in_([3]),
    Book.mode.in_(["a", "b"]),
    Book.id == TEXT,
    ~(Book.title == "x") & expr({"$gt": ["$price", "$rebate"]}),
]

CHANGES: list[Change] = [
    Book.price.inc(Decimal(1)),
    Book.rank.max(Rank.ONE),
    Book.chapters.push(each=[Chapter(title="x")], slice=3, sort=Book.chapters.pages),
    Book.words.add_to_set("x"),
    Book.chapters.pull(Book.chapters.pages > 3),
    Book.chapters.each.pages.inc(1),
    Book.index["a"].push(3),
    Book.scores[Rank.ONE].set(1.5),
    Book.owner.unset(),
    Book.mode.set("b"),
    Book.size.set(Size(1)),
    Book.flags.pop(-1),
]


def main() -> None:
    for one in FILTERS:
        print(Book.find(one).command()["filter"])
    for change in CHANGES:
        print(Book.find().update(change).command())
    assert_type(Book.index["a"], Path[list[int]])
    assert_type(Book.scores[Rank.ONE], Path[float])
    documents: Find[Document] = Book.cheap()
    print(documents.command())


if __name__ == "__main__":
    main()
