"""All three styles in one class, and filters that mix them."""

# ruff: noqa: E711, E712

from __future__ import annotations

import asyncio
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, assert_type
from uuid import UUID, uuid4

import pydantic
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    field_serializer,
    field_validator,
)

from mongolane import (
    BooleanField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    FloatField,
    Index,
    IntegerField,
    ListField,
    Mapped,
    Path,
    Reference,
    ReferenceField,
    Stored,
    StringField,
    asc,
    desc,
    field,
)
from mongolane.expressions import Filter, nor, or_, path_of


class Kind(Enum):
    A = "a"
    B = "b"


class Geo(BaseModel):
    lat: float
    lng: float


class Address(EmbeddedDocument):
    city: Mapped[str]
    zip: str = ""
    street = StringField()
    geo: Mapped[Geo | None] = field(default=None)


class Team(Document):
    id: UUID = pydantic.Field(default_factory=uuid4)
    name: Mapped[str]


class Person(Document):
    model_config = ConfigDict(validate_assignment=True)
    LIMIT: ClassVar[int] = 3
    _memo: dict[str, int] = PrivateAttr(default_factory=dict)

    name: Mapped[str] = StringField(required=True, max_length=30)
    nick: Mapped[str | None] = StringField()
    age: Mapped[int] = IntegerField(min_value=0, default=0)
    score: Mapped[float | None] = FloatField()
    kind: Mapped[Kind] = field(default=Kind.A)
    other: Mapped[Any] = EnumField(Kind, default=Kind.B)
    born: Mapped[datetime | None] = DateTimeField()
    home: Mapped[Address | None] = field(default=None)
    work: Mapped[Address | None] = EmbeddedDocumentField(Address)
    homes: Mapped[list[Address]] = ListField(EmbeddedDocumentField(Address))
    tags: Mapped[list[str]] = ListField(StringField())
    team: Mapped[Any] = ReferenceField(Team)
    email: Annotated[str, Index(unique=True), Stored("e")]
    balance: Decimal = Decimal(0)
    level: int = Field(default=1, ge=0, le=10)
    mode: Literal["x", "y"] = "x"
    bio = StringField(max_length=100)
    active = BooleanField(default=True)
    meta: dict[str, list[int]] = Field(default_factory=dict)

    @field_validator("email")
    @classmethod
    def lower(cls, value: str) -> str:
        return value.lower()

    @field_serializer("balance")
    def money(self, value: Decimal) -> str:
        return f"{value:.2f}"


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="p08")
    team = await Team(name="T").insert()
    person = Person(
        name="Ann",
        email="A@x.org",
        age=3,
        home=Address(city="Porto"),
        homes=[Address(city="Faro", zip="1")],
        tags=["a"],
        balance=Decimal("2.5"),
        team=team,
    )
    person.bio = "hello"
    person.work = Address(city="Lisbon")
    await person.insert()
    assert_type(person.nick, str | None)
    assert_type(person.score, float | None)
    assert_type(person.homes, list[Address])
    assert_type(person.kind, Kind)
    assert_type(Person.nick, Path[str | None])
    f: Filter = (Person.age > 1) & (Person.balance >= 1) & (Person.mode == "x")
    g = (Person.level < 5) & (Person.age >= 3)
    h: Filter = (Person.age > 3) | (Person.email == "a@x.org")
    i = or_(Person.level == 1, Person.name == "Bob", {"mode": "y"})
    j = nor(Person.level > 5, Person.bio == "x")
    for each in (f, h, i, j):
        assert await Person.find(each).count() == 1, each
    assert await Person.find(g).count() == 1
    assert (
        await Person.find(
            Person.home.city == "Porto",
            Person.homes.city == "Faro",
            Person.homes[0].zip == "1",
            Person.work.city == "Lisbon",
            Person.nick == None,
            Person.bio.starts_with("he"),
            Person.active == True,
            Person.team == team.id,
        ).count()
        == 1
    )
    people = await Person.find().sort(
        desc(Person.balance), asc(Person.email), Person.age, -Person.bio, "name"
    )
    assert_type(people, list[Person])
    p = people[0]
    if p.home is not None and p.home.geo is not None:
        print(p.home.geo.lat + 1)
    print(p.homes[0].street, p.email.upper(), p.level + 1, p.meta.get("x", []), p.LIMIT)
    ref: Any = p.team
    assert isinstance(ref, Reference)
    await Person.find(Person.email == "a@x.org").update(
        Person.age.inc(2),
        Person.bio.set("new"),
        Person.nick.set("n"),
        Person.score.set(1.5),
        {"balance": Decimal(3), "meta.x": [1]},
        Person.home.city.set("Braga"),
        path_of(Person.homes[0].zip).set("9"),
        Person.tags.push("b"),
        Person.kind.set(Kind.B),
    )
    await p.reload()
    assert (p.age, p.bio, p.nick, p.balance, p.homes[0].zip, p.kind) == (
        5,
        "new",
        "n",
        Decimal(3),
        "9",
        Kind.B,
    )
    print(
        await Person.find().distinct(Person.name),
        await Person.find().distinct("email"),
        await Person.find().distinct(Person.balance),
    )
    print(p.model_dump(mode="json"), p.model_dump_json(), p.to_dict())
    copied = p.model_copy(update={"id": None, "email": "b@x.org"})
    await copied.save()
    assert await Person.count() == 2
    assert await Person.exists(Person.age >= 5)
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
