"""A blog in ``Mapped`` annotations: every operator, updates, and what comes back."""

# ruff: noqa: E711, E712, PT018

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, Literal, assert_type
from uuid import UUID, uuid4

from bson import ObjectId
from pydantic import BaseModel

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    Mapped,
    Path,
    Stored,
    asc,
    bulk,
    desc,
    field,
)
from mongolane.expressions import Filter, and_, nor, or_
from mongolane.queries import Find


class Status(Enum):
    DRAFT = "draft"
    LIVE = "live"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Author(EmbeddedDocument):
    name: Mapped[str]
    email: Mapped[str | None] = field(default=None)
    born: Mapped[datetime | None] = field(default=None)


class Comment(EmbeddedDocument):
    text: Mapped[str]
    by: Mapped[Author]
    votes: Mapped[int] = field(default=0)


class Post(Document):
    title: Mapped[str]
    slug: Mapped[str] = field(stored="s", index=True, min_length=1)
    status: Mapped[Status] = field(default=Status.DRAFT)
    level: Mapped[Level] = field(default=Level.LOW)
    kind: Mapped[Literal["news", "essay"]] = field(default="news")
    price: Mapped[Decimal | None] = field(default=None)
    ref: Mapped[UUID] = field(default_factory=uuid4)
    when: Mapped[datetime] = field(default_factory=lambda: datetime.now(UTC))
    reading: Mapped[timedelta] = field(default=timedelta(minutes=5))
    author: Mapped[Author]
    comments: Mapped[list[Comment]] = field(default_factory=list)
    tags: Mapped[set[str]] = field(default_factory=set)
    scores: Mapped[dict[str, int]] = field(default_factory=dict)
    flagged: Mapped[bool] = field(default=False)
    rating: Mapped[float] = field(default=0.0)
    data: Mapped[bytes] = field(default=b"")
    owner: Mapped[ObjectId | None] = field(default=None)


class Card(BaseModel):
    title: str
    rating: float


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="p01")
    ann = Author(name="Ann", email="a@x.org")
    post = Post(title="One", slug="one", author=ann, scores={"a": 3}, tags={"x", "y"})
    assert_type(post.title, str)
    assert_type(Post.title, Path[str])
    assert_type(post.author.email, str | None)
    assert_type(post.scores, dict[str, int])
    assert_type(post.comments, list[Comment])
    await post.insert()
    post.comments.append(Comment(text="hi", by=Author(name="Bob")))
    post.tags.add("z")
    await post.save()
    filters: list[Filter] = [
        Post.title == "One",
        Post.title != "Two",
        Post.rating >= 0,
        Post.rating > -1,
        Post.rating < 1.5,
        Post.price == None,
        Post.price.in_([None, Decimal(3)]),
        Post.status == Status.DRAFT,
        Post.status.in_([Status.DRAFT, Status.LIVE]),
        Post.level >= Level.LOW,
        Post.kind == "news",
        Post.kind.not_in(["essay"]),
        Post.when > datetime(2020, 1, 1, tzinfo=UTC),
        Post.reading >= timedelta(minutes=1),
        Post.author.name == "Ann",
        Post.author.name.starts_with("A"),
        Post.author.email.exists(),
        Post.comments.by.name == "Bob",
        Post.comments[0].text == "hi",
        Post.comments.elem_match(Post.comments.votes >= 0, Post.comments.text == "hi"),
        Post.comments.size(1),
        Post.tags.contains("x"),
        Post.tags.all(["x", "y"]),
        Post.tags == "x",
        Post.scores["a"] == 3,
        Post.scores["a"] > 2,
        Post.flagged == False,
        Post.data == b"",
        Post.owner == None,
        Post.ref == post.ref,
        Post.title.regex("^o", "i"),
        Post.title.type("string"),
        ~(Post.title == "x"),
        (Post.title == "One") | (Post.rating > 3),
        (Post.title == "One") & (Post.rating < 3),
        and_(Post.title == "One", Post.rating < 3),
        or_(Post.title == "One", {"rating": 3}),
        nor(Post.title == "x"),
    ]
    for each in filters:
        assert await Post.find(each).count() == 1, each
    query = Post.find(*filters)
    assert_type(query, Find[Post])
    assert await query.count() == 1
    for p in await Post.find(Post.rating >= 0).sort(
        desc(Post.rating), Post.title.asc(), -Post.when, asc("slug")
    ):
        assert_type(p, Post)
    cards = await Post.find().project(Card)
    assert_type(cards, list[Card])
    assert cards[0].title == "One"
    dicts = await Post.find().only(Post.title, Post.author.name)
    assert_type(dicts, list[dict[str, Any]])
    values = await Post.find().distinct(Post.title)
    assert_type(values, list[str])
    n = await Post.find(Post.title == "One").update(
        Post.rating.inc(1.5),
        Post.tags.add_to_set("q"),
        Post.comments.push(Comment(text="x", by=ann)),
        Post.status.set(Status.LIVE),
        Post.price.set(None),
        Post.scores["b"].set(4),
        Post.author.name.set("Anna"),
        Post.when.current_date(),
        Post.data.unset(),
        Post.level.max(Level.HIGH),
    )
    assert (n.matched, n.modified) == (1, 1)
    doc, made = await Post.find(Post.slug == "two").upsert(
        Post.rating.inc(1), insert=Post(title="Two", slug="two", author=ann)
    )
    assert_type(doc, Post)
    assert_type(made, bool)
    changed = (
        await Post.find(Post.slug == "two")
        .first()
        .and_update(Post.rating.mul(2), new=True)
    )
    assert_type(changed, Post | None)
    r = await bulk(
        Post.find(Post.slug == "two").update(Post.title.set("T")),
        Post.find(Post.slug == "x").delete(),
    )
    assert r.modified == 1 and r.deleted == 0
    body = await Post.find().json()
    assert_type(body, bytes)
    async for p in Post.find().sort(Post.slug):
        print(
            p.title.upper(),
            p.rating + 1,
            p.author.name.lower(),
            p.status.value,
            p.level + 1,
        )
    one = await Post.find(Post.slug == "one").one_or_raise()
    assert one.author.name == "Anna"
    assert Stored("x").name == "x"
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
