"""A program that declares, filters, sorts, awaits, iterates and writes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, assert_type

from pydantic import BaseModel

from mongolane import (
    BooleanField,
    Document,
    EmbeddedDocument,
    Index,
    IntegerField,
    Mapped,
    Path,
    StringField,
    bulk,
    desc,
    field,
)
from mongolane.expressions import Change, Filter, Order
from mongolane.queries import BulkResult, Find, UpdateResult


class Address(EmbeddedDocument):
    """Inside of another document."""

    city: Mapped[str]
    street: str = ""


class User(Document):
    """All three ways of declaring in one class."""

    name: Mapped[str] = StringField(required=True)
    nickname = StringField(max_length=20)
    active = BooleanField()
    visits = IntegerField()
    email: Annotated[str, Index(unique=True)]
    balance: Decimal = Decimal(0)
    age: Mapped[int] = field(default=0)
    tags: Mapped[list[str]] = field(default_factory=list)
    address: Mapped[Address | None] = field(default=None)


class Short(BaseModel):
    """What a list shows."""

    name: str


def declared() -> None:
    """Paths on the class, values on an instance."""
    user = User(name="Ann", email="ann@example.org", age=3)
    assert_type(User.age, Path[int])
    assert_type(user.age, int)
    assert_type(user.name, str)
    assert_type(User.tags, Path[list[str]])
    assert_type(user.email, str)
    user.age = 4


def filters() -> None:
    """Comparisons of paths are filters; of plain annotations, bool to a checker."""
    assert_type(User.age > 30, Filter)
    assert_type(User.name == "Ann", Filter)
    assert_type(User.age.in_([1, 2]), Filter)
    assert_type(User.tags.contains("x"), Filter)
    assert_type((User.age > 3) & (User.name != "x"), Filter)
    assert_type(~(User.age > 3), Filter)
    assert_type(User.age.desc(), Order)
    assert_type(-User.age, Order)
    assert_type(User.age.inc(1), Change)
    assert_type(User.address.city == "Porto", Filter)
    User.find(User.balance >= 3, User.email == "x", {"age": {"$gt": 3}})


async def reading() -> None:
    """The result's type follows from the query."""
    query = User.find(User.age > 30).sort(desc(User.balance), -User.age).limit(5)
    assert_type(query, Find[User])
    assert_type(await query, list[User])
    assert_type(await query.to_list(), list[User])
    assert_type(await query.first(), User | None)
    assert_type(await query.one_or_raise(), User)
    assert_type(await query.count(), int)
    assert_type(await query.exists(), bool)
    assert_type(await query.distinct(User.age), list[int])
    assert_type(await query.json(), bytes)
    assert_type(await query.raw(), list[dict[str, Any]])
    assert_type(await query.bson(), list[bytes])
    assert_type(await query.only(User.name), list[dict[str, Any]])
    assert_type(await query.project(Short), list[Short])
    assert_type(await query.project(Short).first(), Short | None)
    assert_type(await query.on_invalid("skip"), list[User])
    assert_type(await query.on_invalid("raw"), list[User | dict[str, Any]])
    assert_type(await User.get("65f0a1b2c3d4e5f6a7b8c9d0"), User | None)
    assert_type(await User.find_one({"name": "Ann"}), User | None)
    assert_type(await User.find_one({"name": "Ann"}).or_raise(), User)
    async for user in query:
        assert_type(user, User)
    async with query.cursor() as rows:
        assert_type(await anext(rows), User)


async def aggregating() -> None:
    """A pipeline gives dicts, or instances of what it is read as."""
    rows = User.pipeline([{"$match": {"age": 3}}])
    assert_type(await rows, list[dict[str, Any]])
    assert_type(await rows.to(Short), list[Short])
    assert_type(await rows.to(Short).first(), Short | None)


async def refining() -> None:
    """Options and other questions keep the type."""
    query = (
        User.find(User.name.starts_with("A"), User.tags.size(2) | (User.age == 3))
        .where({"active": True})
        .hint("age_1")
        .collation("pt", strength=1)
        .comment("why")
        .max_time(1.5)
        .batch_size(10)
        .skip(1)
        .with_options(read_concern="majority", allow_disk_use=True)
    )
    assert_type(query, Find[User])
    assert_type(await query.explain(), dict[str, Any])
    assert_type(query.command(), dict[str, Any])
    assert_type(await query.first().only(User.age), dict[str, Any] | None)
    assert_type(await query.first().project(Short).or_raise(), Short)
    assert_type(await query.first().json(), bytes | None)
    users = await query
    for user in users:
        print(user.name.upper(), user.age + 1, user.balance.normalize())
    if (found := await User.find_one({"name": "Ann"})) is not None:
        assert_type(found.tags, list[str])
        if found.address is not None:
            print(found.address.city.title(), found.address.street)


async def instances() -> None:
    """What an instance does gives the instance."""
    user = await User(name="Ann", email="ann@example.org").insert()
    assert_type(user, User)
    user.tags.append("new")
    assert_type(await user.save(), User)
    assert_type(await user.patch(Short(name="Bob")), User)
    assert_type(await user.reload(), User)
    assert_type(await user.upsert("email"), tuple[User, bool])
    copied = user.model_copy(update={"name": "Cid"})
    assert_type(copied, User)
    await User.insert_all([user, copied], progress=lambda done: print(done))
    await User.insert_all([user], progress=lambda done, total: print(done, total))
    made, ids = await User.insert_many([{"name": "Dan"}, user])
    assert_type(made, list[User])
    assert_type(ids, list[Any])
    await user.delete()


async def writing() -> None:
    """Writes tell what they did."""
    query = User.find(User.age > 3)
    assert_type(await query.update(User.age.inc(1)), UpdateResult)
    assert_type(await query.delete(), int)
    assert_type(await query.upsert(User.age.set(1)), tuple[User, bool])
    one = query.first()
    assert_type(await one.and_update(User.age.inc(1)), User | None)
    assert_type(await one.and_delete(), User | None)
    assert_type(await bulk(query.delete(), one.update(User.age.set(1))), BulkResult)
