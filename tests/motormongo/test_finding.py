"""What finds, aggregations and finds that write give."""

from __future__ import annotations

import asyncio

import pytest
from bson import ObjectId

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    ListField,
    ReferenceField,
    StringField,
    errors,
)
from tests.motormongo.people import Account, Book, Person


async def test_ids_as_text_wherever_ids_are_declared(database: DataBase) -> None:
    """Every method takes an id as text, in operators, too; other text is left alone."""
    hexadecimal = str(ObjectId())
    person = await Person.insert_one(name=hexadecimal, age=1)
    book = await Book.insert_one(title="t", author=str(person.id))
    text = str(person.id)

    assert await Person.find_one({"_id": text}) == person
    assert await Person.find_many({"_id": {"$in": [text]}}) == [person]
    assert await Person.find_many(_id=text) == [person]
    assert await Person.find_many(id=text) == [person]
    assert await Person.find_one({"name": hexadecimal}) == person
    assert (await Person.update_many({"_id": text}, {"age": 2}))[1] == 1
    assert await Book.find_one({"author": text}) == book
    await Book.update_one({"_id": str(book.id)}, {"readers": [text]})
    assert await Book.find_many({"readers": text})
    assert await Book.find_many({"readers": {"$in": [text]}})
    assert (await Person.find_one_or_create({"_id": text}, {"name": "x"}))[1] is False
    assert await Person.find_one({"_id": "no id"}) is None
    assert await Person.find_many({"_id": "no id"}) == []
    assert await Person.delete_one({"_id": "no id"}) is False
    assert await Person.delete_many({"_id": text}) == 1


async def test_find_many_as_a_cursor(database: DataBase) -> None:
    """return_as_list=False gives documents to iterate over."""
    await Person.insert_many([{"name": "a"}, {"name": "b"}])
    cursor = await Person.find_many({}, return_as_list=False)
    names = [person.name async for person in cursor]

    assert sorted(names) == ["a", "b"]


async def test_find_many_limits(database: DataBase) -> None:
    """A limit of 0 gives none; a negative one is an error."""
    await Person.insert_many([{"name": "a"}, {"name": "b"}, {"name": "c"}])

    assert len(await Person.find_many({}, limit=2)) == 2
    assert await Person.find_many({}, limit=0) == []
    with pytest.raises(errors.DocumentNotFoundError):
        await Person.find_many({}, limit=-1)


async def test_keywords_win_over_the_dict(database: DataBase) -> None:
    """Query and keywords are merged, keywords last."""
    await Person.insert_many([{"name": "a", "age": 1}, {"name": "b", "age": 1}])

    found = await Person.find_many({"name": "a", "age": 1}, name="b")
    assert [one.name for one in found] == ["b"]


async def test_find_one_or_create_is_atomic(database: DataBase) -> None:
    """Of many at once exactly one creates."""
    results = await asyncio.gather(
        *(
            Account.find_one_or_create({"email": "one@x"}, {"name": "n"})
            for _ in range(8)
        )
    )

    assert sum(created for _, created in results) == 1
    assert len({str(account.id) for account, _ in results}) == 1
    assert await Account.count() == 1


async def test_find_one_or_create_with_operators(database: DataBase) -> None:
    """Operators in the query only look; they are no values of the new document."""
    made, created = await Person.find_one_or_create(
        {"age": {"$gt": 3}, "name": "n"}, {"age": 4}
    )

    assert created
    assert (made.name, made.age, made.alive) == ("n", 4, True)


async def test_find_one_and_delete(database: DataBase) -> None:
    """It gives what it removed; no match is an error."""
    await Person.insert_one(name="a")
    gone = await Person.find_one_and_delete({"name": "a"})

    assert gone.name == "a"
    with pytest.raises(errors.DocumentDeleteError):
        await Person.find_one_and_delete({"name": "a"})


async def test_aggregate_both_ways(database: DataBase) -> None:
    """Rows as dicts by a cursor, or as instances with what was computed."""
    await Person.insert_many([{"name": "a", "age": 1}, {"name": "a", "age": 2}])
    group = [{"$group": {"_id": "$name", "total": {"$sum": "$age"}}}]
    rows = [row async for row in await Person.aggregate(group)]
    (made,) = await Person.aggregate(group, return_as_list=True)
    (projected, _) = await Person.aggregate(
        [
            {"$sort": {"age": 1}},
            {"$project": {"name": 1, "twice": {"$add": ["$age", 1]}}},
        ],
        return_as_list=True,
    )

    assert rows == [{"_id": "a", "total": 3}]
    assert isinstance(made, Person)
    assert made.to_dict()["total"] == 3
    assert made.to_dict()["_id"] == "a"
    assert set(projected.to_dict()) == {"_id", "name", "twice", "alive", "role"}


class Twig(EmbeddedDocument):
    """Refers to a person."""

    by = ReferenceField(Person)
    code = StringField()


class Branch(Document):
    """Refers to people, and to itself; has text that looks like an id."""

    name = StringField(stored="n")
    owner = ReferenceField(Person)
    owners = ListField(ReferenceField(Person))
    parent = ReferenceField("self")
    twig = EmbeddedDocumentField(Twig)
    twigs = ListField(EmbeddedDocumentField(Twig))
    code = StringField()


async def test_ids_as_text_where_a_pipeline_begins(database: DataBase) -> None:
    """Text that is compared with a declared id or reference is one; no other text."""
    person = await Person.insert_one(name="a")
    text = str(person.id)
    root = await Branch.insert_one(name="r")
    twig = {"by": person, "code": text}
    branch = await Branch.insert_one(
        name="b",
        owner=person,
        owners=[person],
        parent=root,
        twig=twig,
        twigs=[twig],
        code=text,
    )
    for match in (
        {"_id": str(branch.id)},
        {"_id": {"$in": [str(branch.id), "no id"]}},
        {"owner": text, "parent": str(root.id), "n": "b"},
        {"$or": [{"owners": text, "code": "none"}, {"twigs.by": text}]},
        {"twig.by": {"$eq": text}, "twig.code": text, "code": text},
        {"twigs": {"$elemMatch": {"by": text, "code": text}}},
    ):
        stages = [{"$sort": {"n": 1}}, {"$match": match}]
        assert await Branch.aggregate(stages, return_as_list=True) == [branch]
        assert [row["n"] async for row in Branch.aggregate(stages)] == ["b"]
    computed = [{"$project": {"owner": "$code"}}, {"$match": {"owner": text}}]
    assert len(await Branch.aggregate(computed, return_as_list=True)) == 1
