"""A base class with subclasses works itself, at any depth, without duplicates."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from mongolane import DataBase, Document, IntegerField, StringField, errors


class Animal(Document):
    """The base."""

    name = StringField()


class Dog(Animal):
    """A subclass."""

    breed = StringField()


class Puppy(Dog):
    """At a second depth."""

    age: int = 0


class Item(Document):
    """A base whose collection its subclasses share."""

    name: str

    class Meta:
        collection = "items"


class Lamp(Item):
    """Shares it."""

    watts: int


class DeskLamp(Lamp):
    """Shares it, too."""

    arm: bool = True


async def test_each_class_has_its_collection(database: DataBase) -> None:
    """The base finds its own and all below, as what they are; each once."""
    await Animal.insert_one(name="a")
    await Dog.insert_one(name="d", breed="x")
    await Puppy.insert_one(name="p", breed="y", age=1)
    everything = await Animal.find_many()

    assert sorted(type(one).__name__ for one in everything) == [
        "Animal",
        "Dog",
        "Puppy",
    ]
    assert [one.name for one in await Animal.find()] == ["a"]
    assert len(await Dog.find_many()) == 2
    assert len(await Animal.find_many({}, limit=2)) == 2
    found = await Animal.find_one({"name": "p"})
    assert isinstance(found, Puppy)
    assert [kind for kind, _ in Animal.get_collection_name()] == [Animal, Dog, Puppy]
    changed, count = await Animal.update_many({}, {"name": "z"})
    assert (len(changed), count) == (3, 3)
    assert await Animal.delete_one({"name": "z"}) is True
    assert await Animal.delete_many() == 2


async def test_a_shared_collection(database: DataBase) -> None:
    """Each document of a shared collection comes once, as what it is."""
    await Item.insert_one(name="i")
    await Lamp.insert_one(name="l", watts=5)
    await DeskLamp(name="d", watts=7).save()
    everything = await Item.find_many()
    lamps = await Lamp.find_many()
    (desk,) = await DeskLamp.find()

    assert sorted(type(one).__name__ for one in everything) == [
        "DeskLamp",
        "Item",
        "Lamp",
    ]
    assert sorted(one.name for one in lamps) == ["d", "l"]
    assert desk.arm is True
    desk.watts = 9
    await desk.save()
    again = await Item.find_one({"name": "d"})
    assert isinstance(again, DeskLamp)
    assert again.watts == 9
    assert await Lamp.count() == 2
    assert await Lamp.delete_many() == 2
    assert [one.name for one in await Item.find()] == ["i"]


async def test_json_of_a_shared_collection(database: DataBase) -> None:
    """Of each document the fields of the class that was asked, as FastAPI has it."""
    await Item.insert_one(name="i")
    await Lamp.insert_one(name="l", watts=5)
    await DeskLamp(name="d", watts=7).save()
    for cls in (Item, Lamp, DeskLamp):
        written = await cls.find().sort("name").json()
        found = await cls.find().sort("name")
        own: Any = TypeAdapter(list[cls])  # type: ignore[valid-type]

        assert written == own.dump_json(found, by_alias=True)
    assert b"watts" not in await Item.find().json()


async def test_a_find_of_subclasses_that_was_not_awaited() -> None:
    """It says so, as every query does, and what would be sent to each collection."""
    with pytest.warns(RuntimeWarning, match=r"a find of Animal, Dog.* never awaited"):
        Animal.find_many({"name": "a"})
    with pytest.warns(RuntimeWarning, match="never awaited"):
        Animal.find_one()
    commands: Any = Animal.find_many({"name": "a"}, limit=3).command()

    assert [one["find"] for one in commands] == ["animal", "dog", "puppy"]
    assert [one["limit"] for one in commands] == [3, 3, 3]


async def test_a_class_defined_later(database: DataBase) -> None:
    """A subclass defined after the first use belongs to the family."""
    await Item.insert_one(name="i")

    class Rug(Item):
        size: int = 1

    await Rug.insert_one(name="r")
    found = await Item.find_many()

    assert sorted(type(one).__name__ for one in found) == ["Item", "Rug"]


class Vehicle(Document):
    """A base that has something unique."""

    name = StringField(unique=True)

    class Meta:
        collection = "vehicles"


class Car(Vehicle):
    """Shares its collection, and has something unique as well."""

    plate = StringField(unique=True)
    seats = IntegerField()

    class Meta:
        collection = "vehicles"
        indexes = ({"fields": ["name", "seats"], "unique": True},)


class Taxi(Car):
    """At a second depth."""

    licence = IntegerField(unique=True)


async def test_unique_fields_of_subclasses_in_a_shared_collection(
    database: DataBase,
) -> None:
    """They are unique among those that have them: the base lacks them, often."""
    for cls in (Vehicle, Car, Taxi):
        await cls.ensure_indexes()
        names = [f"{cls.__name__} {number}" for number in range(2)]
        await cls.insert_many([{"name": name} for name in names])
    await Taxi.insert_one(name="t", plate="P 1", seats=4, licence=1)
    for bad in (
        Vehicle(name="Taxi 0"),
        Car(name="a", plate="P 1"),
        Taxi(name="b", plate="P 2", licence=1),
    ):
        with pytest.raises(errors.DuplicateKeyError):
            await bad.save()

    assert len(await Vehicle.find_many()) == 7
    assert not await database.plan_indexes(Car, Taxi)


async def test_one_of_several_collections_or_an_error(database: DataBase) -> None:
    """``find_one(...).or_raise()`` of a base finds its subclasses', or raises."""
    await Puppy.insert_one(name="p", breed="y", age=1)
    found = await Animal.find_one(name="p").or_raise()

    assert isinstance(found, Puppy)
    with pytest.raises(errors.NotFoundError, match="no Animal matches"):
        await Animal.find_one(name="nobody").or_raise()
    with pytest.raises(AttributeError, match=r"no sort\(\): find\(\) asks one"):
        _ = Animal.find_many().sort


async def test_a_class_is_not_named_by_a_value(one_database: DataBase) -> None:
    """Bytes in a text that look like a class's name do not make it another class."""

    class Account(Document):
        note: str = ""
        blob: bytes = b""

        class Meta:
            collection = "accounts_of_two"

    class Admin(Account):
        level: int = 9

    name = b"Admin\0"
    element = b"\x02_type\0" + len(name).to_bytes(4, "little") + name
    raw = one_database.client[one_database.name]["accounts_of_two"]
    await raw.insert_many(
        [{"note": element.decode()}, {"blob": element}, {"blob": element[:8]}]
    )
    found = await Account.find()

    assert [type(one) for one in found] == [Account] * 3
    assert found[0].note == element.decode()
    assert type(await Admin(note="a").insert()) is Admin
    assert type(await Account.find(Account.note == "a").first()) is Admin
