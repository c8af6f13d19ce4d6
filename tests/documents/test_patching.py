"""What a patch takes over from a model, and what it leaves."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic_core import MISSING

from mongolane import DataBase, Document, EmbeddedDocument, Stored, errors


def changed(sent: list[Any]) -> Any:
    """The one update that was sent."""
    [body] = sent
    [statement] = body["updates"]
    sent.clear()
    return statement["u"]


class Lid(EmbeddedDocument):
    """A part."""

    size: Annotated[int, Stored("s")] = 0
    colour: str = "red"


class Crate(Document):
    """Has parts, and a field with an alias."""

    lid: Lid = Field(default_factory=Lid)
    lids: list[Lid] = Field(default_factory=list)
    label: str = Field(default="", alias="theLabel")

    class Settings:
        name = "crates"


class LidBody(BaseModel):
    """What a request may change of a part."""

    size: int | None = None
    colour: str | None = None


class CrateBody(BaseModel):
    """A request's body."""

    lid: LidBody | Lid | None = None
    lids: list[LidBody] | None = None
    text: str | None = Field(default=None, alias="theLabel")


async def test_a_patch_changes_what_was_set_inside_of_parts(
    one_database: DataBase, sent: list[Any]
) -> None:
    """What a part did not set stays; one of the same class takes the other's place."""
    crate = await Crate(lid=Lid(size=1, colour="blue")).insert()
    sent.clear()
    await crate.patch(CrateBody(lid=LidBody(size=2)))
    assert changed(sent) == {"$set": {"lid.s": 2}}
    await crate.patch(CrateBody(lid=Lid(size=3)))
    assert changed(sent) == {"$set": {"lid.s": 3, "lid.colour": "red"}}
    await crate.patch({"lid": {"colour": "green"}})
    assert changed(sent) == {"$set": {"lid.s": 0, "lid.colour": "green"}}
    await crate.patch(CrateBody(lids=[LidBody(size=4)]))
    assert crate.lids == [Lid(size=4)]
    with pytest.raises(errors.FieldError):
        await crate.patch(CrateBody(lid=LidBody(size=None)))
    assert crate.lid == Lid(colour="green")


@dataclasses.dataclass
class Edge:
    """A dataclass."""

    width: int
    lid: Lid


@dataclasses.dataclass
class EdgeBody:
    """Another one with the same fields."""

    width: int
    lid: LidBody


class Stack(Document):
    """Parts in parts of other types, and whatever else it is given."""

    model_config = ConfigDict(extra="allow")
    rows: dict[str, list[Lid]] = Field(default_factory=dict)
    whole: RootModel[list[Lid]] = RootModel[list[Lid]]([])
    edge: Edge | None = None


class StackBody(BaseModel):
    """A request's body, with more in it."""

    model_config = ConfigDict(extra="allow")
    rows: dict[str, list[LidBody]] = Field(default_factory=dict)
    whole: RootModel[list[LidBody]] = RootModel[list[LidBody]]([])
    edge: EdgeBody | None = None


async def test_a_patch_reaches_parts_at_any_depth(one_database: DataBase) -> None:
    """Parts of another class in lists of dicts and root models; undeclared keys."""
    stack = await Stack.model_validate({"note": "a"}).insert()
    edge = {"width": 4, "lid": {"size": 5}}
    body = {"rows": {"a": [{"size": 2}]}, "whole": [{"size": 3}], "more": 1}
    body |= {"edge": edge}
    await stack.patch(StackBody.model_validate(body))
    await stack.patch({"note": "b"})

    assert stack.rows == {"a": [Lid(size=2)]}
    assert stack.whole.root == [Lid(size=3)]
    assert stack.edge == Edge(4, Lid(size=5))
    assert stack.model_extra == {"note": "b", "more": 1}
    assert await Stack.get(stack.id) == stack


async def test_a_patch_leaves_what_is_missing(one_database: DataBase) -> None:
    """pydantic's ``MISSING`` in a body changes nothing."""
    crate = await Crate.model_validate({"theLabel": "a"}).insert()
    await crate.patch(CrateBody.model_construct(text=MISSING, lid=Lid(size=2)))

    assert (crate.label, crate.lid.size) == ("a", 2)


BODY = CrateBody.model_validate({"theLabel": "a"})


@pytest.mark.parametrize("body", [{"theLabel": "a"}, {"label": "a"}, BODY])
async def test_a_patch_takes_aliases(one_database: DataBase, body: Any) -> None:
    """A name may be the document's alias, or that of the body's field."""
    crate = await Crate().insert()
    await crate.patch(body)

    assert crate.label == "a"
