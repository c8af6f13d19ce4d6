"""Fields below embedded documents: alone, in lists, in dicts, at any depth."""

# ruff: noqa: E711, E712

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal, assert_type

from pydantic import BaseModel, Field

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    ListField,
    Mapped,
    Path,
    StringField,
    desc,
    field,
    path_of,
)
from mongolane.expressions import Change, Filter, Order


class Place(EmbeddedDocument):
    lat: Mapped[float]
    lng: Mapped[float] = field(default=0.0)
    label: str = ""


class Address(EmbeddedDocument):
    city: Mapped[str]
    zip: str = ""
    street = StringField()
    size: Mapped[int] = field(default=1)
    exists: Mapped[bool] = field(default=True)
    type: Mapped[int] = field(default=2)
    place: Mapped[Place | None] = field(default=None)
    kids: Mapped[list[Address]] = field(default_factory=list)
    marks: Mapped[set[str]] = field(default_factory=set)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self.city == other.city


class Tree(EmbeddedDocument):
    name: Mapped[str]


class Cat(EmbeddedDocument):
    kind: Mapped[Literal["cat"]] = field(default="cat")
    lives: Mapped[int] = field(default=9)


class Dog(EmbeddedDocument):
    kind: Mapped[Literal["dog"]] = field(default="dog")


class Plain(BaseModel):
    x: int = 1
    type: str = "home"
    min: int = 1
    size: list[int] = [3]


class User(Document):
    home: Mapped[Address]
    work: Mapped[Address | None] = field(default=None)
    all: Mapped[list[Address]] = field(default_factory=list)
    more: Mapped[list[Address] | None] = field(default=None)
    pair: Mapped[tuple[Address, ...]] = field(default=())
    named: Mapped[dict[str, Address]] = field(default_factory=dict)
    grid: Mapped[list[list[Address]]] = field(default_factory=list)
    pet: Mapped[Annotated[Cat | Dog, Field(discriminator="kind")]] = field(
        default_factory=Cat
    )
    plain: Mapped[Plain] = field(default_factory=Plain)
    plains: Mapped[list[Plain]] = field(default_factory=list)
    anything: Mapped[Any] = field(default=None)
    loose: Mapped[list[Any]] = field(default_factory=list)
    counts: Mapped[dict[str, int]] = field(default_factory=dict)
    rows: Mapped[list[list[int]]] = field(default_factory=list)
    age: int = 3
    old = EmbeddedDocumentField(Address)
    trees: Mapped[list[Tree]] = field(default_factory=list)
    olds = ListField(EmbeddedDocumentField(Address))


def types() -> None:
    assert_type(User.home, type[Address])
    assert_type(User.work, type[Address])
    assert_type(User.all[0], type[Address])
    assert_type(User.home.city, Path[str])
    assert_type(User.work.place.lat, Path[float])
    assert_type(User.all.place.lat, Path[float])
    assert_type(User.all[0].kids[1].kids.each.city, Path[str])
    assert_type(User.more.city, Path[str])
    assert_type(User.pair.city, Path[str])
    assert_type(User.named["x"].city, Path[str])
    assert_type(User.named.x.place.lat, Path[float])
    assert_type(User.old.street, Path[str])
    assert_type(User.olds.filtered("f").street, Path[str])
    assert_type(User.home.zip, str)
    assert_type(path_of(User.home.zip), Path[str])
    assert_type(path_of(User.home), Path[Address])
    assert_type(path_of(User.age), Path[int])
    assert_type(path_of(User.home.city), Path[str])
    assert_type(User.pet, Path[Cat | Dog])
    assert_type(User.plain, Path[Plain])
    assert_type(User.plains[0], Path[Plain])
    assert_type(User.anything, Path[Any])
    assert_type(User.loose, Path[list[Any]])
    assert_type(User.loose[0], Path[Any])
    assert_type(User.counts["x"], Path[int])
    assert_type(User.rows[0][1], Path[int])
    assert_type(User.home == Address(city="x"), Filter)
    assert_type(User.all == [Address(city="x")], Filter)
    assert_type(User.work.place.exists(), Filter)
    assert_type(User.home.desc(), Order)
    assert_type(User.home.set(Address(city="x")), Change)
    assert_type(User.trees.size(2), Filter)
    assert_type(User.trees.type("array"), Filter)


def values(user: User) -> None:
    assert_type(user.home, Address)
    assert_type(user.work, Address | None)
    assert_type(user.all, list[Address])
    assert_type(user.named, dict[str, Address])
    assert_type(user.home.place, Place | None)
    assert_type(user.old, Address)
    assert_type(user.olds, list[Address])
    assert_type(user.home == user.work, bool)
    kinds: dict[type[Address], int] = {Address: 1}
    if type(user.home) == Address:  # noqa: E721
        assert_type(kinds[Address], int)


FILTERS: list[Filter] = [
    User.home.city == "Porto",
    User.home.city.in_(["Porto", "Faro"]),
    User.home.street.starts_with("Rua"),
    User.home.size > 0,
    User.home.type == 2,
    User.home.exists == True,
    User.home.marks == "m",
    User.home != None,
    User.work == None,
    User.work.place.lat.exists(False),
    User.all.city == "Faro",
    User.all[0].city == "Faro",
    User.all.elem_match(User.all.city == "Faro", User.all.size >= 1),
    User.all.kids.city == "Tavira",
    User.all.contains(Address(city="Faro", kids=[Address(city="Tavira")])),
    User.more == None,
    User.trees.size(0),
    User.named["a"].city == "Beja",
    User.named.a.size == 1,
    User.pet.kind == "cat",
    User.pet.lives == 9,
    User.plain.x == 1,
    User.plain.type == "home",
    (User.plain.min < 2) & (User.plain.size[0] == 3),
    User.plain.size.size(1),
    User.plains.type.exists(False),
    User.counts["x"] == 1,
    User.counts.x >= 1,
    User.old == None,
    User.olds.city.in_([None]),
    path_of(User.age).in_([3]),
    path_of(User.home.zip) == "1",
    (User.home.city == "Porto") & (User.all.city == "Faro"),
    ~(User.home.city == "Faro") | User.home.place.lat.exists(),
]


async def main() -> None:
    types()
    await DataBase.connect(uri="embedded://", db="parts")
    user = await User(
        home=Address(city="Porto", zip="1", marks={"m"}),
        all=[Address(city="Faro", kids=[Address(city="Tavira")])],
        named={"a": Address(city="Beja")},
        counts={"x": 1},
    ).insert()
    user.home.street = "Rua da Boa Vista"
    await user.save()
    values(user)
    for one in FILTERS:
        assert await User.find(one).count() == 1, one
    assert await User.find(User.home.zip == "1", User.plain.x < 2).count() == 1
    orders = [User.home.city.desc(), -User.home.size, desc(User.home.zip)]
    assert len(await User.find().sort(*orders, User.work)) == 1
    await User.find().update(
        User.home.city.set("Braga"),
        User.home.place.set(Place(lat=1.5)),
        User.work.set(Address(city="Lisbon")),
        User.all[0].size.inc(2),
        User.all.each.type.set(5),
        User.named["a"].place.set(Place(lat=2.5)),
        path_of(User.home.zip).set("9"),
    )
    await User.find().update(User.all.push(Address(city="Lagos")))
    await user.reload()
    assert (user.home.city, user.home.zip, len(user.all)) == ("Braga", "9", 2)
    assert (user.all[0].size, user.all[0].type) == (3, 5)
    assert_type(await User.find().distinct(User.home.city), list[str])
    assert_type(await User.find().distinct(User.all.place.lat), list[float])
    rows = await User.find().only(User.home.city, User.work)
    assert rows[0]["home"] == {"city": "Braga"}
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
