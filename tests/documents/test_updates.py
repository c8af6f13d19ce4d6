"""What updates by query send of the things that a class embeds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from bson import Decimal128
from pydantic import BaseModel, Field, field_validator

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    Stored,
    StringField,
    errors,
)


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
        ({"pets": [{"kind": "dog", "loud": False}, {"k": "cat", "lives": 1}]},
         {"$set": {"pets": [{"k": "dog", "l": False}, {"k": "cat", "l": 1}]}}),
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


class Limited(Document):
    """Takes few values."""

    size: Annotated[int, Field(ge=0)] = 0
    code: Annotated[str, Stored("c"), Field(pattern="^a")] = "a"
    kind: Literal["x", "y"] = "x"
    words: Annotated[list[Annotated[str, Field(max_length=3)]], Field(min_length=1)] = [  # noqa: RUF012
        "w"
    ]
    price: Decimal = Decimal(0)
    day: date | None = None
    inner: Inner | None = None
    name = StringField(min_length=2)
    even: int = 0

    @field_validator("even")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("is odd")
        return value


LIMITED = Limited.path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": -1}, "Limited.size: -1: Input should be greater than or equal to 0"),
        ({"size": 1.5}, "Limited.size: 1.5: Input should be a valid integer"),
        ({"size": None}, "Limited.size: None"),
        ({"$setOnInsert": {"c": "b"}}, "Limited.code: 'b': String should match"),
        ({"kind": "z"}, "Limited.kind: 'z'"),
        ({"words": ["long"]}, "Limited.words: .*: 0: String should have at most 3"),
        ({"words": []}, "Limited.words: .*: List should have at least 1 item"),
        ({"words": "w"}, "Limited.words: 'w': Input should be a valid list"),
        ({"words.0": "long"}, "String should have at most 3"),
        ({"$push": {"words": "long"}}, "String should have at most 3"),
        ({"$addToSet": {"words": {"$each": ["w", "long"]}}}, "at most 3"),
        ({"inner": 5}, "Limited.inner: 5"),
        ({"inner.text": None}, "Inner.text: None"),
        ({"name": "n"}, "Limited.name: 'n': must have at least 2 characters"),
        ({"even": 3}, "Limited.even: 3: is odd"),
        ({"$max": {"size": -1}}, "Limited.size: -1"),
    ],
)
def test_what_the_class_could_not_read_is_not_written(change: Any, said: str) -> None:
    """A value that breaks a field's type, limits or validator is refused before."""
    with pytest.raises(errors.QueryError, match=said):
        Limited.find().update(change)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LIMITED("size").set(-1), "Limited.size: -1"),
        (lambda: LIMITED("words").push("long"), "at most 3"),
        (lambda: LIMITED("words").add_to_set(each=["long"]), "at most 3"),
        (lambda: LIMITED("even").min(3), "is odd"),
    ],
)
def test_expressions_refuse_what_the_class_could_not_read(make: Any, said: str) -> None:
    """They do so where they are made."""
    with pytest.raises(errors.QueryError, match=said):
        make()


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"price": Decimal128("1.5")}, {"$set": {"price": Decimal128("1.5")}}),
        ({"price": 2}, {"$set": {"price": 2}}),
        ({"day": date(2024, 1, 2)},
         {"$set": {"day": datetime(2024, 1, 2, tzinfo=UTC)}}),
        ({"$push": {"words": {"$each": []}}}, {"$push": {"words": {"$each": []}}}),
        ({"$pull": {"words": "long"}}, {"$pull": {"words": "long"}}),
        ({"name": None}, {"$set": {"name": None}}),
        ({"inner": None, "even": 4}, {"$set": {"inner": None, "even": 4}}),
    ],
)  # fmt: skip
def test_stored_forms_pass(change: Any, sent: Any) -> None:
    """What can be read is written, in Python's form or the stored one."""
    assert Limited.find().update(change).command()["updates"][0]["u"] == sent


class Piece(EmbeddedDocument):
    """Has to have a code."""

    code: str
    note: str = ""


class Needing(Document):
    """Values that have to be there, declared in each style."""

    plain: Annotated[str, Stored("p")]
    declared = StringField(required=True)
    piece: Piece
    pieces: list[Piece] = []  # noqa: RUF012 (pydantic copies it)
    spare: str = ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Needing.path("plain").unset(), "unset of 'p': a Needing without it"),
        ({"$unset": {"declared": ""}}, "unset of 'declared'"),
        ({"$unset": {"piece": ""}}, "unset of 'piece'"),
        ({"$unset": {"piece.code": ""}}, "unset of 'piece.code'"),
        ({"$unset": {"pieces.0.code": ""}}, "unset of 'pieces.0.code'"),
        ({"$unset": {"pieces.0": ""}}, "Needing.pieces: .None.: 0: "),
        ({"$rename": {"plain": "spare"}}, "rename of 'p'"),
        ({"declared": None}, "Needing.declared: a value is required"),
    ],
)
def test_what_has_to_be_there_stays(change: Any, said: str) -> None:
    """No update takes away what a document could not be read without."""
    with pytest.raises(errors.QueryError, match=said):
        Needing.find().update(change)
    Needing.find().update({"$unset": {"spare": "", "piece.note": ""}}).command()


def test_upserts_make_what_can_be_read() -> None:
    """One that may make a document says, or is told, all that it has to have."""
    asked = Needing.find({"plain": "a", "declared": "b"})
    for ask in (
        asked.upsert,
        lambda *changes: asked.update(*changes, upsert=True),
        lambda *changes: asked.first().update(*changes, upsert=True),
        lambda *changes: asked.first().and_update(*changes, upsert=True),
    ):
        for change in ({"spare": "x"}, {"$unset": {"piece.note": ""}}):
            with pytest.raises(errors.QueryError, match=r"without 'piece'.*insert="):
                ask(change)
        ask({"piece": {"code": "x"}}).command()
    asked.update({"spare": "x"}).command()
    made = {"plain": "a", "declared": "b", "piece": {"code": "x"}}
    asked.upsert(insert=Needing.model_validate(made)).command()
