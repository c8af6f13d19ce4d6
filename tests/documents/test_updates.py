"""What updates by query send of the things that a class embeds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from mongolane import DataBase, Document, EmbeddedDocument, Stored


class Inner(EmbeddedDocument):
    """Lies under other keys."""

    text: Annotated[str, Stored("t")] = ""
    note: Annotated[str | None, Stored("n")] = "x"


class Cat(BaseModel):
    """One of two."""

    kind: Annotated[Literal["cat"], Stored("k")] = "cat"
    lives: Annotated[int, Stored("l")] = 9


class Dog(BaseModel):
    """The other one."""

    kind: Annotated[Literal["dog"], Stored("k")] = "dog"
    loud: Annotated[bool, Stored("l")] = True


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Outer(Document):
    """Embeds it in every way."""

    one: Annotated[Inner | None, Stored("o")] = None
    many: list[Inner] = []  # noqa: RUF012 (pydantic copies it)
    named: dict[str, list[Inner]] = {}  # noqa: RUF012
    pets: list[Pet] = []  # noqa: RUF012
    either: Inner | int | None = None

    class Settings:
        name = "outers"


GIVEN = {"text": "a", "note": None}
STORED = {"t": "a", "n": None}


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"one": GIVEN}, {"$set": {"o": STORED}}),
        ({"one": STORED}, {"$set": {"o": STORED}}),
        ({"one": {**GIVEN, "more": {"text": 1}}},
         {"$set": {"o": {**STORED, "more": {"text": 1}}}}),
        ({"named.k": [GIVEN]}, {"$set": {"named.k": [STORED]}}),
        ({"either": GIVEN}, {"$set": {"either": STORED}}),
        ({"pets": [{"kind": "dog", "loud": False}, {"kind": "eel", "loud": 1}]},
         {"$set": {"pets": [{"k": "dog", "l": False}, {"kind": "eel", "loud": 1}]}}),
        ({"$push": {"many": {"$each": [GIVEN], "$slice": 3}}},
         {"$push": {"many": {"$each": [STORED], "$slice": 3}}}),
        (Outer.path("many").push(GIVEN), {"$push": {"many": {"$each": [STORED]}}}),
        (Outer.path("many").add_to_set(each=[GIVEN]),
         {"$addToSet": {"many": {"$each": [STORED]}}}),
        (Outer.path("many").pull_all([GIVEN]), {"$pullAll": {"many": [STORED]}}),
        (Outer.path("one").set_on_insert(GIVEN), {"$setOnInsert": {"o": STORED}}),
    ],
)  # fmt: skip
def test_dicts_name_the_attributes_of_what_is_embedded(change: Any, sent: Any) -> None:
    """A dict that stands for an embedded document is stored under its stored keys."""
    assert Outer.find().update(change).command()["updates"][0]["u"] == sent


async def test_dicts_for_embedded_documents_are_read_again(database: DataBase) -> None:
    """What was stored from a dict is found by the dict, and read as the class."""
    outer = await Outer(many=[Inner(text="z")]).insert()
    await Outer.get(outer.id).update(Outer.path("many").push(GIVEN), {"one": GIVEN})
    found = await Outer.find_one({"one": GIVEN, "many": GIVEN})

    assert found is not None
    assert (found.one, found.many[1:]) == (Inner(**GIVEN), [Inner(**GIVEN)])
