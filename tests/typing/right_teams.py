"""Generics, inheritance, references, and a repository of any class."""

# ruff: noqa: PT018

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, assert_type
from uuid import UUID, uuid4

import pydantic
from pydantic import BaseModel

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    Index,
    IntegerField,
    ListField,
    Mapped,
    Path,
    Reference,
    ReferenceField,
    StringField,
    field,
)
from mongolane.queries import Find, FindOne

T = TypeVar("T")
D = TypeVar("D", bound=Document)


class Box(EmbeddedDocument, Generic[T]):
    content: T
    label: str = ""


class Base(Document):
    kind: ClassVar[str] = "base"
    name: Mapped[str]

    @classmethod
    async def by_name(cls, name: str) -> Self | None:
        return await cls.find(cls.name == name).first()

    @classmethod
    def named(cls, *names: str) -> Find[Self]:
        return cls.find(cls.name.in_(names))


class Animal(Base):
    legs: Mapped[int] = field(default=4)

    class Settings:
        name = "animals"


class Bird(Animal):
    wings: Mapped[int] = field(default=2)

    async def fly(self) -> Self:
        self.wings += 1
        return await self.save()


class Crate(Document):
    inside: Mapped[Box[int]]
    many: Mapped[list[Box[str]]] = field(default_factory=list)


class Team(Document, init=False):
    id: UUID = pydantic.Field(default_factory=uuid4)
    title = StringField(required=True)


class Player(Document, init=False):
    name: Annotated[str, Index()]
    team = ReferenceField(Team)
    others = ListField(ReferenceField(Team))
    number: Mapped[int] = IntegerField(min_value=1, default=1)


class Repository(Generic[D]):
    def __init__(self, kind: type[D]) -> None:
        self.kind = kind

    async def all(self) -> list[D]:
        return await self.kind.find()

    def where(self, *filters: Any) -> Find[D]:
        return self.kind.find(*filters)

    def one(self, id: Any) -> FindOne[D]:
        return self.kind.get(id)

    async def add(self, document: D) -> D:
        return await document.insert()

    async def change(self, document: D, body: BaseModel) -> D:
        return await document.patch(body)


async def names_of(query: Find[Any]) -> list[str]:
    return [one.name async for one in query]


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="p05")
    bird = await Bird(name="Tit").insert()
    assert_type(bird.legs, int)
    assert_type(bird.name, str)
    assert_type(Bird.legs, Path[int])
    await bird.fly()
    found = await Bird.by_name("Tit")
    assert_type(found, Bird | None)
    assert found is not None and found.wings == 3
    print(await names_of(Bird.named("Tit", "x")))
    animals = await Animal.find_many({})
    assert_type(animals, list[Animal])
    for one in animals:
        if isinstance(one, Bird):
            print(one.wings)
    crate = await Crate(inside=Box[int](content=3), many=[Box(content="x")]).insert()
    assert_type(crate.inside.content, int)
    assert_type(crate.many[0].content, str)
    assert (
        await Crate.find(Crate.inside.label == "", {"inside.content": 3}).count() == 1
    )
    team = await Team(title="T").insert()
    player = await Player(name="P", team=team, others=[team.id]).insert()
    player2 = await Player.get(player.id).or_raise()
    assert_type(player2.team, Reference[Team])
    t = await player2.team
    assert t is not None
    assert_type(t, Team)
    assert t.title == "T"
    t2 = await player2.team.fetch(required=True)
    print(t2)
    others = await player2.others
    print([o.title for o in others if o is not None])
    await Player.prefetch([player, player2], "team")
    assert await Player.find(Player.team == team).count() == 1
    assert await Player.find(Player.team == team.id).count() == 1
    assert await Player.find(Player.team == str(team.id)).count() == 1
    repo = Repository(Crate)
    assert_type(await repo.all(), list[Crate])
    assert_type(await repo.one(crate.id), Crate | None)
    assert_type(await repo.where(Crate.inside.label == ""), list[Crate])
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
