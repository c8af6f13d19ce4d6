"""Queries with values that a field can never have: they mean what the server says."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from mongolane import DataBase, errors
from tests.motormongo.people import Book, Person

KEY = {
    "_id": "name",
    "age": "name",
    "role": "name",
    "author": "title",
    "readers": "title",
}
"""By the field that is asked, another one of its class."""


@pytest.mark.parametrize("name", ["_id", "age", "role", "author", "readers"])
@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda name: {name: "no such"}, 0),
        (lambda name: {name: {"$in": ["no such"]}}, 0),
        (lambda name: {name: {"$ne": "no such"}}, 2),
        (lambda name: {name: {"$nin": ["no such"]}}, 2),
        (lambda name: {name: {"$not": {"$eq": "no such"}}}, 2),
        (lambda name: {"$nor": [{name: "no such"}]}, 2),
        (lambda name: {"$or": [{name: "no such"}, {KEY[name]: "a"}]}, 1),
    ],
)
async def test_they_equal_nothing(
    name: str, make: Any, found: int, one_database: DataBase
) -> None:
    """Other operators go on working; native queries refuse such a value."""
    cls: Any = Person if KEY[name] == "name" else Book
    await cls.insert_many([{KEY[name]: "a"}, {KEY[name]: "b"}])
    query = make(name)

    assert len(await cls.find_many(query)) == found
    assert bool(await cls.find_one(query)) is bool(found)
    with pytest.raises(errors.QueryError):
        await cls.find(query)
    assert await cls.delete_many(query) == found


async def test_one_of_several_may_be_an_id(one_database: DataBase) -> None:
    """Text that is no id does not hide those beside it."""
    person = await Person.insert_one(name="a")

    query = {"_id": {"$in": ["no id", str(person.id)]}}
    assert await Person.find_many(query) == [person]


async def test_an_upsert_stores_none(one_database: DataBase) -> None:
    """What a filter says would be stored: it is refused."""
    with pytest.raises(errors.QueryError, match=r"Person\.age: 'x' is not a number"):
        await Person.find_many({"age": "x"}).upsert(
            {"name": "a"}, insert=Person(name="a")
        )

    assert await Person.count() == 0


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"$in": [one]}])
async def test_a_document_that_is_not_saved_is_refused(
    wrap: Any, one_database: DataBase
) -> None:
    """It has no id to compare with, and would find what refers to nothing."""
    await Book.insert_one(title="t")
    person = Person(name="a")

    with pytest.raises(errors.DocumentNotFoundError, match="not saved has no id"):
        await Book.find_many({"author": wrap(person)})
    with pytest.raises(errors.QueryError, match="not saved has no id"):
        Book.find(Book.author == person)
    assert not await Book.find_many({"author": ObjectId()})
