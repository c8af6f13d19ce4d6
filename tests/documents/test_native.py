"""The native operations of documents."""

from __future__ import annotations

from typing import Annotated

import pytest
from bson import ObjectId
from pydantic import BaseModel

from mongolane import DataBase, Document, Stored, Version, errors


class Body(BaseModel):
    """A request's body."""

    name: str | None = None
    age: int | None = None


class Cat(Document):
    """A versioned document."""

    name: Annotated[str, Stored("n")]
    age: int = 0
    nick: str | None = None
    version: Annotated[int, Version()] = 1

    class Settings:
        name = "cats"
        timestamps = True


async def test_insert_find_get(database: DataBase) -> None:
    """What is inserted is found by expression and by id, as text, too."""
    cat = await Cat(name="Tom").insert()

    assert await Cat.get(cat.id) == cat
    assert await Cat.get(str(cat.id)) == cat
    assert await Cat.find(Cat.name == "Tom") == [cat]
    assert await Cat.count(Cat.name == "Tom") == 1
    assert await Cat.exists(Cat.age > 0) is False
    with pytest.raises(errors.QueryError, match=r"Cat\.id.*'xyz'"):
        await Cat.get("xyz")


async def test_get_takes_no_operators(database: DataBase) -> None:
    """A dict given as an id is a value, and never runs."""
    await Cat(name="Tom").insert()

    assert await Cat.get({"$ne": None}) is None


async def test_save_sends_what_changed(database: DataBase) -> None:
    """Only changed keys are set; an unchanged document sends nothing."""
    cat = await Cat(name="Tom", age=1).insert()
    cats = database.client[database.name]["cats"]
    await cats.update_one({}, {"$set": {"age": 9}})
    updated = cat.updated_at  # type: ignore[attr-defined]
    await cat.save()
    assert cat.updated_at == updated  # type: ignore[attr-defined]
    cat.name = "Tim"
    await cat.save()
    stored = await cats.find_one({})

    assert (stored["n"], stored["age"], stored["version"]) == ("Tim", 9, 2)


async def test_version_conflicts(database: DataBase) -> None:
    """Of two writers the second is told, with the current document."""
    await Cat(name="Tom").insert()
    one, other = await Cat.find_one(), await Cat.find_one()
    assert one is not None
    assert other is not None
    one.age, other.age = 1, 2
    await one.save()
    with pytest.raises(errors.VersionConflictError) as caught:
        await other.save()

    assert caught.value.current == one
    assert (other.version, one.version) == (1, 2)


async def test_patch_takes_what_was_set(database: DataBase) -> None:
    """A body changes what was set in it alone; unknown names are refused."""
    cat = await Cat(name="Tom", age=3).insert()
    await cat.patch(Body(name="Tim"))
    assert (cat.name, cat.age) == ("Tim", 3)
    with pytest.raises(errors.UnknownFieldError):
        await cat.patch({"nme": "x"})
    with pytest.raises(ValueError, match="age"):
        await cat.patch({"name": "x", "age": "old"})

    assert cat.name == "Tim"
    assert await Cat.get(cat.id) == cat


async def test_upsert_once(database: DataBase) -> None:
    """The first upsert creates, the second finds."""
    first, created = await Cat(name="Tom", age=1).upsert("name")
    second, again = await Cat(name="Tom", age=2).upsert("name")

    assert (created, again) == (True, False)
    assert first.id == second.id
    assert second.age == 1


async def test_bulk_of_several(database: DataBase) -> None:
    """Inserts, updates and deletes go together."""
    tom, tim = Cat(name="Tom"), Cat(name="Tim")
    await Cat.insert_all([Cat(name="old"), Cat(name="older")])
    result = await Cat.bulk(
        tom,
        tim,
        Cat.find(Cat.name == "old").update(Cat.age.inc(1)),  # type: ignore[attr-defined]
        Cat.find(Cat.name == "older").delete(),
    )

    assert (result.inserted, result.modified, result.deleted) == (2, 1, 1)
    assert tom.id is not None


async def test_the_id_does_not_change(database: DataBase) -> None:
    """Saving a stored document under another id is refused; both are named."""
    cat = await Cat(name="Tom").insert()
    old, cat.id = cat.id, ObjectId()
    with pytest.raises(errors.QueryError, match=f"{old}.*{cat.id}"):
        await cat.save()
    assert await Cat.count() == 1


async def test_reload(database: DataBase) -> None:
    """reload takes over what is stored; a gone document is an error."""
    cat = await Cat(name="Tom").insert()
    await Cat.find(Cat.name == "Tom").update({"$set": {"age": 8}})
    await cat.reload()
    assert cat.age == 8
    await cat.delete()
    with pytest.raises(errors.NotFoundError):
        await cat.reload()


async def test_a_wrong_type_is_not_stored(database: DataBase) -> None:
    """A value of the wrong type in an attribute is refused with its place."""
    cat = await Cat(name="Tom").insert()
    cat.age = "old"  # type: ignore[assignment]
    with pytest.raises(errors.EncodeError, match=r"Cat\.age"):
        await cat.save()


async def test_a_document_that_does_not_fit(database: DataBase) -> None:
    """A stored document that does not fit names its id, the path, and the reason."""
    await database.client[database.name]["cats"].insert_one({"_id": 5, "n": 3})
    with pytest.raises(errors.DocumentDecodeError, match=r"_id 5.*name"):
        await Cat.find()


async def test_projection_and_aggregation(database: DataBase) -> None:
    """Another model gets what it needs; a pipeline gives dicts."""

    class Short(BaseModel):
        n: str

    await Cat(name="Tom", age=3).insert()
    (short,) = await Cat.find().project(Short)
    (row,) = await Cat.pipeline([{"$group": {"_id": "$n", "age": {"$sum": "$age"}}}])

    assert short == Short(n="Tom")
    assert row == {"_id": "Tom", "age": 3}
