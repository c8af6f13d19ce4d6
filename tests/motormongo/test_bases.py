"""What a base class's methods do with documents of its subclasses, at any depth."""

from __future__ import annotations

from typing import Any

import pytest

from mongolane import DataBase, Document, IntegerField, StringField, errors


class Animal(Document):
    """Whose subclasses have collections of their own."""

    name = StringField(required=True)
    legs = IntegerField(default=4)


class Bird(Animal):
    """Two deep."""

    song = StringField(default="chirp")


class Parrot(Bird):
    """Three deep."""


class Vehicle(Document):
    """Whose subclasses share its collection."""

    name = StringField(required=True)

    class Meta:
        collection = "vehicles"


class Car(Vehicle):
    """Shares it."""

    doors = IntegerField(default=5)


class Taxi(Car):
    """Shares it, too."""


CASES = [(Animal, Bird, Parrot), (Vehicle, Car, Taxi)]


@pytest.mark.parametrize(("base", "middle", "leaf"), CASES)
async def test_a_base_finds_before_it_creates(
    base: Any, middle: Any, leaf: Any, database: DataBase
) -> None:
    """What a subclass has is found; what nobody has is made, of the class asked."""
    held = await leaf.insert_one(name="a")
    found, created = await base.find_one_or_create({"name": "a"}, {"name": "other"})
    made, new = await middle.find_one_or_create({"name": "b"}, {})

    assert (found, created) == (held, False)
    assert (type(made), new) == (middle, True)
    assert {type(one) for one in await base.find_many({})} == {middle, leaf}


@pytest.mark.parametrize(("base", "middle", "leaf"), CASES)
async def test_a_replacement_is_of_the_replaced_class(
    base: Any, middle: Any, leaf: Any, database: DataBase
) -> None:
    """A dict that replaces a subclass's document becomes one of the subclass."""
    held = await leaf.insert_one(name="a")
    new = await base.find_one_and_replace({"name": "a"}, {"name": "b"})

    assert type(new) is leaf
    assert (new.id, new.name) == (held.id, "b")
    assert await leaf.find_many({}) == [new]
    assert await base.find_one_and_replace({"name": "none"}, {"name": "b"}) is None


async def test_what_exists_is_found_whatever_the_defaults(database: DataBase) -> None:
    """Values that would not make a document matter only where one has to be made."""
    held = await Bird.insert_one(name="a", legs=2)
    found, created = await Bird.find_one_or_create({"legs": 2}, {})
    both, _ = await Bird.find_one_or_create({"name": "a"}, {"legs": "many"})
    made, new = await Bird.find_one_or_create({"$and": [{"name": "n"}]}, {"legs": 1})
    with pytest.raises(errors.DocumentNotFoundError) as caught:
        await Bird.find_one_or_create({"legs": 3}, {})

    assert found == both == held
    assert not created
    assert (made.name, made.legs, new) == ("n", 1, True)
    assert isinstance(caught.value, errors.StringValueError)


@pytest.mark.parametrize(("base", "middle", "leaf"), CASES)
async def test_rows_as_instances_show_what_found_documents_show(
    base: Any, middle: Any, leaf: Any, one_database: DataBase
) -> None:
    """An aggregation to a list leaves out how a shared collection tells classes."""
    for cls in (base, middle, leaf):
        await cls.insert_one(name=cls.__name__)
    rows = await base.aggregate([{"$match": {}}], return_as_list=True)

    assert rows == await base.find_many()
    shown = [one.to_dict() for one in await base.find_many()]
    assert [one.to_dict() for one in rows] == shown
