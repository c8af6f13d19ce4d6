"""What a document's own methods store and remove."""

from __future__ import annotations

from datetime import UTC

import pytest
from bson import ObjectId

from mongolane import (
    DataBase,
    errors,
)
from tests.motormongo.people import Coat, Person, raw


async def test_save_inserts_and_gives_itself(database: DataBase) -> None:
    """The README's ``inserted = await user.save()`` gives the document."""
    person = Person(name="Ada")
    saved = await person.save()

    assert saved is person
    assert await Person.find_one(name="Ada") == person


async def test_save_keeps_what_it_does_not_know(database: DataBase) -> None:
    """Undeclared keys and created_at survive a save; only changes are sent."""
    person = await Person.insert_one(name="a", coat={"colour": "red"})
    people = database.client[database.name]["people"]
    await people.update_one({}, {"$set": {"foreign": 1, "coat.brand": "x", "age": 7}})
    read = await Person.find_one(name="a")
    assert read is not None
    await people.update_one({}, {"$set": {"age": 8}})
    read.name = "b"
    read.coat = Coat(colour="blue")
    await read.save()
    stored = await raw(database)

    assert (stored["name"], stored["foreign"], stored["age"]) == ("b", 1, 8)
    assert stored["coat"] == {"colour": "blue", "size": 1, "brand": "x"}
    assert stored["created_at"].replace(tzinfo=UTC) == person.created_at


async def test_save_upserts(database: DataBase) -> None:
    """A document with an id of its own, or deleted meanwhile, is stored by save."""
    own = Person(_id=ObjectId(), name="own")
    await own.save()
    found = await Person.get(own.id)
    assert found == own
    await own.delete()
    assert await Person.count() == 0
    await own.save()

    assert await Person.count() == 1
    assert own.created_at is not None


async def test_save_removes_what_was_emptied(database: DataBase) -> None:
    """None can be assigned, and leaves the stored document."""
    person = await Person.insert_one(name="a", age=3)
    person.age = None
    await person.save()
    read = await Person.find_one(name="a")

    assert "age" not in await raw(database)
    assert read is not None
    assert read.age is None


async def test_delete_of_a_document(database: DataBase) -> None:
    """delete removes it, is harmless twice, and says so when it was never stored."""
    person = await Person.insert_one(name="a")
    await person.delete()
    await person.delete()

    assert await Person.count() == 0
    with pytest.raises(errors.DocumentDeleteError):
        await Person(name="b").delete()
