"""Documents read as another model, or in part, wherever their fields are stored."""

# ruff: noqa: RUF012 - pydantic copies defaults.
from __future__ import annotations

import json
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from bson import Decimal128, ObjectId
from pydantic import BaseModel, Field

from mongolane import DataBase, Document, EmbeddedDocument, Mapped, Stored, field
from mongolane.errors import ConfigurationError, DocumentDecodeError, QueryError
from mongolane.expressions import meta


class Kind(Enum):
    """Values of a field."""

    GIFT = "g"
    BOOK = "b"


class Place(EmbeddedDocument):
    """Embedded, with a key of its own."""

    city: Annotated[str, Stored("c")]


class Line(EmbeddedDocument):
    """In a list."""

    item: Annotated[str, Stored("i")]
    price: Decimal = Decimal(0)
    kind: Kind = Kind.GIFT


class Cat(BaseModel):
    """One of a union."""

    type: Literal["cat"] = "cat"
    lives: Annotated[int, Stored("l")] = 9


class Dog(BaseModel):
    """Another of it."""

    type: Literal["dog"] = "dog"
    sound: Annotated[str, Stored("s")] = "wuff"


class Framed(Document):
    """Has an array whose elements are declared by their places."""

    size: Mapped[tuple[int, str]]


class Buyer(Document):
    """Nothing is stored under its name."""

    name: Annotated[Mapped[str], Stored("n")]
    place: Annotated[Mapped[Place | None], Stored("p")] = field(default=None)
    lines: Annotated[Mapped[list[Line]], Stored("ls")] = field(default_factory=list)
    homes: Annotated[Mapped[dict[str, Place]], Stored("h")] = field(
        default_factory=dict
    )
    pet: Mapped[Any] = field(default=None)
    pets: Annotated[
        list[Annotated[Cat | Dog, Field(discriminator="type")]], Stored("ps")
    ] = []
    either: Annotated[Cat | Place | None, Stored("e")] = None


class Town(BaseModel):
    """Part of a place, by its name."""

    city: str


class Card(EmbeddedDocument):
    """A view of a buyer: none of its fields says where it is stored."""

    id: ObjectId
    name: str
    place: Town | None = None
    homes: dict[str, Town] = {}
    note: str = "-"


LINES = [Line(item="x", price=Decimal(3)), Line(item="y", price=Decimal(7))]


@pytest.fixture
async def ann(database: DataBase) -> Buyer:
    """One that is stored."""
    return await Buyer(
        name="Ann",
        place=Place(city="Porto"),
        lines=LINES,
        homes={"old": Place(city="Faro")},
        pets=[Cat(), Dog()],
        either=Cat(lives=3),
    ).save()


async def test_fields_are_found_where_they_are_stored(ann: Buyer) -> None:
    """A model gets the fields of its names, at any depth, and no more is fetched."""
    query = Buyer.find(Buyer.name == "Ann").project(Card)
    [card] = await query

    assert card.model_dump() == {
        "id": ann.id,
        "name": "Ann",
        "place": {"city": "Porto"},
        "homes": {"old": {"city": "Faro"}},
        "note": "-",
    }
    assert query.command()["projection"] == {
        "_id": 1, "n": 1, "p": 1, "h": 1, "note": 1
    }  # fmt: skip
    assert await Buyer.find_one().project(Card) == card
    [row] = json.loads(await query.json())
    assert Card(**row) == card


class Plain(BaseModel):
    """Read without pydantic."""

    name: str
    lines: list[Any] = []
    total: int = 0


async def test_parts_of_arrays(ann: Buyer) -> None:
    """A slice, the matched element and one by conditions come as the model says."""
    found = Buyer.find(Buyer.lines.price > 5)
    dear = Buyer.lines.elem_match(Buyer.lines.price > 5)

    async def items(*parts: object) -> list[str]:
        row = await found.project(Plain, *parts).one_or_raise()
        assert row.name == "Ann"
        return [line["i"] for line in row.lines]

    assert await items(Buyer.lines.slice(1)) == ["x"]
    assert await items(Buyer.lines.slice(1, 1)) == ["y"]
    assert await items(Buyer.lines.matched) == ["y"]
    assert await items(dear) == ["y"]
    [row] = await found.project(Plain, total={"$size": Buyer.lines})
    assert row.total == 2
    [same] = await found.project(Buyer, Buyer.lines.slice(-1))
    assert [line.item for line in same.lines] == ["y"]


@pytest.mark.parametrize(
    ("fields", "computed", "keys"),
    [
        ([Buyer.name], {}, {"n"}),
        (["place.city"], {}, {"p"}),
        ([Buyer.id, Buyer.lines.slice(1)], {}, {"_id", "ls"}),
        ([Buyer.lines.slice(-1)], {}, {"ls"}),
        ([Buyer.lines.elem_match({"item": "y"})], {}, {"ls"}),
        ([], {"many": {"$size": Buyer.lines}}, {"many"}),
        ([Buyer.name], {"many": {"$size": Buyer.lines}}, {"n", "many"}),
    ],
)
async def test_only_these_keys(
    ann: Buyer, fields: list[Any], computed: dict[str, Any], keys: set[str]
) -> None:
    """only() gives what is asked for, and nothing beside it."""
    [row] = await Buyer.find().only(*fields, **computed)

    assert row.keys() == keys


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Buyer.find().only(), "at least one field"),
        (lambda: Buyer.find().only(Buyer.lines[0]), "slice"),
        (lambda: Buyer.find().only("lines.0.item"), "slice"),
        (lambda: Framed.find().only(Framed.size[0]), "slice"),
        (lambda: Buyer.find().only(Buyer.name == "x"), "elem_match"),
        (lambda: Buyer.find().only("nmae"), "did you mean 'name'"),
        (lambda: Buyer.find().project(Card, Buyer.name), "Card"),
        (lambda: Buyer.find().project(Card, nope=meta("textScore")), "no field 'nope'"),
        (lambda: Buyer.find().project(int), "pydantic model"),
        (lambda: Buyer.find().project({"name": 1}), "pydantic model"),
        (lambda: Buyer.lines.slice(1, 0), "at least one"),
        (lambda: Buyer.lines.slice(), "one number or two"),
    ],
)  # fmt: skip
def test_odd_projection_is_refused(make: Any, message: str) -> None:
    """What a server would misunderstand is refused before it is sent."""
    with pytest.raises((QueryError, ConfigurationError), match=message):
        make()


async def test_unfit_rows_of_another_model(ann: Buyer) -> None:
    """A document that does not fit the other model is told by that model's names."""

    class Strict(BaseModel):
        name: int

    with pytest.raises(DocumentDecodeError) as caught:
        await Buyer.find().project(Strict)

    assert (caught.value.owner, caught.value.path) == ("Strict", "name")


@pytest.mark.parametrize(
    "condition",
    [
        Buyer.place == {"city": "Porto"},
        Buyer.place == Place(city="Porto"),
        {"place": {"city": "Porto"}},
        {"place": {"c": "Porto"}},
        Buyer.lines.contains({"item": "x", "price": 3, "kind": Kind.GIFT}),
        Buyer.lines.elem_match({"item": "y", "kind": {"$in": [Kind.GIFT]}}),
        Buyer.homes["old"] == {"city": "Faro"},
        Buyer.homes["old"].city == "Faro",
        Buyer.pets.lives == 9,
        Buyer.pets.sound == "wuff",
        Buyer.pets.type == "dog",
        Buyer.pets.elem_match(Buyer.pets.type == "dog", Buyer.pets.sound > "a"),
        Buyer.either.lives == 3,
        Buyer.either == {"type": "cat", "lives": 3},
        {"pets.sound": {"$in": ["wuff"]}},
    ],
)  # fmt: skip
async def test_names_inside_are_stored_names(ann: Buyer, condition: Any) -> None:
    """A filter reaches what is embedded by the class's names: values given as dicts,
    and classes of a union."""
    assert await Buyer.find(condition).count() == 1


async def test_updates_store_by_stored_names(ann: Buyer) -> None:
    """A dict that an update stores gets the class's keys and values, at any depth."""
    await Buyer.find().update(
        Buyer.place.set({"city": "Lagos"}),
        Buyer.lines.push({"item": "z", "price": Decimal("1.5"), "kind": Kind.BOOK}),
        {"$set": {"homes": {"new": {"city": "Evora"}}}},
    )
    found = await Buyer.find().one_or_raise()
    [stored] = await Buyer.find().raw()

    assert found.place == Place(city="Lagos")
    assert found.homes == {"new": Place(city="Evora")}
    assert stored["ls"][-1] == {"i": "z", "price": Decimal128("1.5"), "kind": "b"}


def test_a_name_and_its_key_are_one_field() -> None:
    """A value that has a field twice, by its name and its key, is refused."""
    with pytest.raises(QueryError, match="twice"):
        Buyer.find(Buyer.place == {"city": "a", "c": "b"}).command()


def test_unknown_name_in_a_union() -> None:
    """A name that no class of a union has is refused."""
    with pytest.raises(AttributeError, match="did you mean 'sound'"):
        Buyer.find({"pets.suond": "x"}).command()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (Buyer.name, ["Ann"]),
        (Buyer.lines.kind, [Kind.GIFT]),
        (Buyer.lines.price, [Decimal(3), Decimal(7)]),
        (Buyer.lines, LINES),
        (Buyer.place, [Place(city="Porto")]),
        (Buyer.either, [Cat(lives=3)]),
        ("pets", [Cat(), Dog()]),
        ("place.city", ["Porto"]),
    ],
)  # fmt: skip
async def test_distinct_values_are_instances_values(
    ann: Buyer, field: Any, values: list[Any]
) -> None:
    """distinct() gives what instances hold, by names as well as by paths."""
    found = await Buyer.find().distinct(field)

    assert sorted(found, key=repr) == sorted(values, key=repr)


async def test_distinct_values_that_do_not_fit(ann: Buyer) -> None:
    """A stored value that does not fit its class is given as it is."""
    # A pipeline, since nobody checks what the server makes of one.
    lines = {"$literal": [{"kind": "old"}, {"kind": "b"}]}
    await Buyer.find().update([{"$set": {"ls": lines}}])

    found = await Buyer.find().distinct(Buyer.lines.kind)
    assert sorted(found, key=repr) == ["old", Kind.BOOK]
