"""Attributes that no class declares, as motormongo's documents take them."""

from __future__ import annotations

import copy
from enum import Enum
from functools import cached_property
from typing import Any

import pytest
from bson import ObjectId

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntegerField,
    ListField,
    Mapped,
    StringField,
    errors,
)


class Wheel(EmbeddedDocument):
    """A part."""

    size = IntegerField()


class Car(Document):
    """Declared by field objects alone, with constants and a property of its own."""

    LIMIT = 5
    _shared = ("a", "b")
    name = StringField()
    wheel = EmbeddedDocumentField(Wheel)
    wheels = ListField(EmbeddedDocumentField(Wheel))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seen = True

    class Kind(Enum):
        """Nested."""

        FAST = 1

    @property
    def title(self) -> str:
        """Set through its setter."""
        return (self.name or "").upper()

    @title.setter
    def title(self, value: str) -> None:
        self.name = value.lower()

    @cached_property
    def length(self) -> int:
        """Worked out once, and never stored."""
        return len(self.name or "")


class Van(Document):
    """Declared by annotations."""

    name: str


async def stored(database: DataBase, document: Any) -> dict[str, Any]:
    """What the server holds, without the id."""
    held = await database.client[database.name]["car"].find_one({"_id": document.id})
    assert held is not None
    del held["_id"]
    return dict(held)


async def test_undeclared_attributes_are_kept_and_saved(database: DataBase) -> None:
    """save() stores what was set on an instance; a document read again lacks it."""
    car = Car(name="a")
    car.temp, car._own, car.LIMIT = 1, {"x": [2]}, 6
    await car.save()
    read = await Car.find_one(name="a")
    assert read is not None

    everything = {"name": "a", "seen": True, "temp": 1, "_own": {"x": [2]}, "LIMIT": 6}
    assert await stored(database, car) == everything
    assert {"_id": str(car.id), **everything} == car.to_dict()
    assert not hasattr(read, "temp")
    assert (read.LIMIT, read._shared, Car.LIMIT) == (5, ("a", "b"), 5)


async def test_undeclared_attributes_of_what_was_read(database: DataBase) -> None:
    """They are written by the next save, and change again; nothing else is touched."""
    await Car.insert_one(name="a", wheel={"size": 1}, wheels=[{"size": 2}])
    read = await Car.find_one(name="a")
    assert read is not None
    read.temp = None
    read.wheel.maker = "m"
    read.wheels[0].maker = "n"
    await read.save()
    read.temp = 2
    del read.seen
    await read.save()

    assert await stored(database, read) == {
        "name": "a",
        "seen": True,
        "temp": 2,
        "wheel": {"size": 1, "maker": "m"},
        "wheels": [{"size": 2, "maker": "n"}],
    }


async def test_every_insert_stores_them(database: DataBase) -> None:
    """insert, insert_one, insert_many and copies store them as save does."""
    made = [Car(name=name) for name in "abcd"]
    for car in made:
        car.temp = car.name
    await made[0].insert()
    await Car.insert_one(made[1])
    await Car.insert_many([made[2]])
    await copy.deepcopy(made[3]).save()
    cars = database.client[database.name]["car"]

    assert await cars.distinct("temp") == ["a", "b", "c", "d"]


async def test_what_cannot_be_stored_is_an_insert_error(database: DataBase) -> None:
    """An attribute that BSON has no form for is refused by save, not by assignment."""
    car = Car(name="a")
    car.temp = object()

    with pytest.raises(errors.DocumentInsertError):
        await car.save()


async def test_properties_stay_properties(database: DataBase) -> None:
    """A setter is called, and a cached value is not stored."""
    car = Car(name="a")
    car.title = "LONG"
    assert car.length == 4
    await car.save()

    assert await stored(database, car) == {"name": "long", "seen": True}


def test_annotated_classes_keep_pydantics_rule() -> None:
    """A class with annotated fields refuses attributes that it does not declare."""

    class Mixed(Document):
        name: str
        age = IntegerField()

    class Typed(Document):
        name: Mapped[str] = StringField()

    for made in (Van(name="a"), Mixed(name="a"), Typed(name="a")):
        with pytest.raises(ValueError, match="temp"):
            made.temp = 1  # type: ignore[attr-defined, union-attr]


def test_hints_beside_field_objects_change_nothing() -> None:
    """Who writes a type before a field object has motormongo's rule all the same."""

    class Hinted(Document):
        name: Any = StringField()

    made = Hinted(name="a")
    made.temp = 1

    assert made.to_dict() == {"name": "a", "temp": 1}


def test_unknown_keys_are_still_dropped() -> None:
    """A constructor takes nothing that is not declared."""
    assert not hasattr(Car(name="a", temp=1), "temp")


def test_documents_are_hashed_by_their_ids() -> None:
    """Stored documents can be in sets; one without an id says why it cannot."""
    oid = ObjectId()

    assert len({Car(_id=oid, name="a"), Car(_id=oid, name="a")}) == 1
    with pytest.raises(TypeError, match="never stored"):
        hash(Car(name="a"))
