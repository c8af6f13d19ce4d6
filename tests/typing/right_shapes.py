"""Recursive and odd shapes: unions, typed dicts, root models, tuples."""

# ruff: noqa: E711, RUF012

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, assert_type

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator
from typing_extensions import TypedDict

from mongolane import DataBase, Document, EmbeddedDocument, Index, Mapped, field
from mongolane.expressions import Given


class Tree(EmbeddedDocument):
    name: Mapped[str]
    children: Mapped[list[Tree]] = field(default_factory=list)


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Opts(TypedDict, total=False):
    a: int
    b: str


class Ids(RootModel[list[int]]):
    pass


class Zoo(Document):
    model_config = ConfigDict(extra="allow", frozen=False, str_strip_whitespace=True)
    root: Mapped[Tree]
    pet: Mapped[Pet] = field(default_factory=Cat)
    pets: list[Pet] = []
    opts: Mapped[Opts] = field(default_factory=lambda: Opts(a=1))
    ids: Mapped[Ids] = field(default_factory=lambda: Ids([1]))
    meta: Mapped[dict[str, Any]] = field(default_factory=dict)
    matrix: Mapped[list[list[float]]] = field(default_factory=list)
    pair: Mapped[tuple[int, str] | None] = field(default=None)
    when: Mapped[Annotated[datetime, Index(direction=-1)]] = field(
        default_factory=lambda: datetime.now(UTC)
    )
    parent: Zoo | None = None

    @model_validator(mode="after")
    def check(self) -> Zoo:
        return self


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="q2")
    zoo = Zoo(
        root=Tree(name="a", children=[Tree(name="b")]),
        pets=[Dog()],
        matrix=[[1.0]],
        pair=(1, "x"),
        meta={"k": {"d": 1}},
    )
    assert_type(zoo.pet, Cat | Dog)
    assert_type(zoo.root.children[0].children, list[Tree])
    await zoo.insert()
    assert_type(Zoo.root, type[Tree])
    checks: list[Given] = [
        Zoo.root.children.name == "b",
        Zoo.pet.kind == "cat",
        Zoo.opts.a == 1,
        Zoo.opts["a"] > 0,
        Zoo.meta["k"]["d"] == 1,
        Zoo.matrix[0][0] == 1.0,
        Zoo.pair[1] == "x",
        Zoo.when <= datetime.now(UTC),
        Zoo.meta.exists(),
        Zoo.ids == Ids([1]),
        Zoo.pets == [Dog()],
        Zoo.matrix.size(1),
        Zoo.pair != None,
    ]
    for one in checks:
        assert await Zoo.find(one).exists(), one
    got = await Zoo.find(*checks).first()
    assert got is not None
    if got.pet.kind == "cat":
        print(got.pet.lives)
    match got.pet:
        case Cat(lives=n):
            print(n)
        case Dog():
            print("dog")
    print(
        got.opts.get("a"),
        got.ids.root,
        got.pair,
        got.matrix[0][0] + 1,
        got.model_dump_json(),
    )
    await Zoo.find().update(
        Zoo.meta["x"].set(3),
        Zoo.matrix.push([2.0]),
        Zoo.root.children[0].name.set("c"),
        Zoo.opts["a"].inc(1),
    )
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
