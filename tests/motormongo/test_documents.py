"""What motormongo's documents do, and what its README promised of them."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from enum import Enum
from itertools import pairwise
from typing import Any

import pytest
from bson import ObjectId
from bson.binary import Binary
from pydantic import BaseModel

from mongolane import (
    BinaryField,
    BooleanField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    errors,
)


class Role(Enum):
    """Roles."""

    ADMIN = "admin"
    USER = "user"


class Level(Enum):
    """Levels, which are numbers."""

    LOW = 1
    HIGH = 2


class Address(EmbeddedDocument):
    """A part with dates of its own."""

    city = StringField(required=True)

    class Meta:
        created_at_timestamp = True
        updated_at_timestamp = True


class Coat(BaseModel):
    """A plain pydantic model."""

    colour: str
    size: int = 1


def hashed(password: str) -> bytes:
    """Something like bcrypt: its outcome never looks like its input."""
    return b"hashed:" + password[::-1].encode()


class Person(Document):
    """A bit of everything."""

    name = StringField(required=True, min_length=1, max_length=50)
    email = StringField()
    age = IntegerField(min_value=0, max_value=150)
    alive = BooleanField(default=True)
    password = BinaryField(hash_function=hashed)
    role = EnumField(Role, default=Role.USER)
    level = EnumField(Level)
    tags = ListField(StringField())
    address = EmbeddedDocumentField(Address)
    coat = EmbeddedDocumentField(Coat)
    extra = EmbeddedDocumentField(dict)
    place = GeoJSONField()

    class Meta:
        collection = "people"
        created_at_timestamp = True
        updated_at_timestamp = True


class Account(Document):
    """One for each address."""

    email = StringField(unique=True)
    name = StringField()


class Book(Document):
    """Refers to people."""

    title = StringField()
    author = ReferenceField(Person)
    readers = ListField(ReferenceField(Person))


async def raw(database: DataBase, **query: Any) -> Any:
    """A document as it is stored."""
    return await database.client[database.name]["people"].find_one(query)


async def test_insert_one_is_one_round_trip(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An insert sends one command and reads nothing back."""
    await Person.insert_one(name="first", email="0")
    sent: list[str] = []
    lane = type(one_database.lane)
    run = lane.run

    async def counted(self: Any, command: Any, pin: Any = None) -> Any:
        sent.append(command.name)
        return await run(self, command, pin)

    monkeypatch.setattr(lane, "run", counted)
    person = await Person.insert_one({"name": "Ada"}, email="1")

    assert sent == ["insert"]
    assert isinstance(person.id, ObjectId)
    assert person.alive is True


async def test_insert_keeps_nothing_that_was_not_set(database: DataBase) -> None:
    """Fields without a value are neither stored nor in to_dict()."""
    person = await Person.insert_one(name="Ada")
    stored = await raw(database, name="Ada")

    assert set(stored) == {"_id", "name", "alive", "role", "created_at", "updated_at"}
    assert next(iter(person.to_dict())) == "_id"
    assert "email" not in person.to_dict()


async def test_what_was_held_is_read_back(database: DataBase) -> None:
    """A document read again equals the one that was inserted, dates included."""
    held = await Person.insert_one(
        name="Ada",
        age=3,
        password="x",
        role="admin",
        level=Level.HIGH,
        tags=["a"],
        address={"city": "Porto"},
        coat={"colour": "red"},
        extra={"a": [1, {"b": 2}]},
        place=[8.6, -41.1],
    )
    read = await Person.find_one({"name": "Ada"})

    assert read == held
    assert read is not None
    assert (read.role, read.level, read.place) == ("admin", 2, [8.6, -41.1])
    assert isinstance(read.coat, Coat)
    assert read.created_at.tzinfo is UTC
    assert read.address.created_at is not None


async def test_geojson_is_stored_as_geojson(database: DataBase) -> None:
    """A point is stored as GeoJSON; the bare array of old is read as well."""
    await Person.insert_one(name="Ada", place=[1.0, 2.0])
    stored = await raw(database, name="Ada")
    people = database.client[database.name]["people"]
    await people.insert_one({"name": "old", "place": [3.0, 4.0]})
    old = await Person.find_one(name="old")

    assert stored["place"] == {"type": "Point", "coordinates": [1.0, 2.0]}
    assert old is not None
    assert old.place == [3.0, 4.0]


async def test_passwords_are_hashed_on_every_way_in(database: DataBase) -> None:
    """No write path stores plain text, and none hashes twice."""
    wanted = hashed("secret")
    one = await Person.insert_one(name="one", password="secret")
    (two,), _ = await Person.insert_many([{"name": "two", "password": b"secret"}])
    three = Person(name="three")
    three.password = "secret"
    await three.save()
    four = await Person.insert_one(name="four")
    await Person.update_one({"name": "four"}, {"password": "secret"})
    five = await Person.insert_one(name="five")
    await Person.update_many({"name": "five"}, {"password": "secret"})
    six = await Person.insert_one(name="six")
    await Person.find_one_and_replace(
        {"name": "six"}, {"name": "six", "password": "secret"}
    )
    seven, _ = await Person.find_one_or_create(
        {"name": "seven"}, {"password": "secret"}
    )
    eight = await Person.insert_one(name="eight")
    await Person.find_one_and_update_empty_fields(
        {"name": "eight"}, {"password": "secret"}
    )
    nine = await Person.insert_one(name="nine")
    await Person.update_one({"name": "nine"}, {"$set": {"password": "secret"}})
    ten = await Person.insert_one(name="ten")
    await Person.find(Person.name == "ten").update(Person.password.set("secret"))
    for person in (one, two, three, four, five, six, seven, eight, nine, ten):
        found = await Person.get(person.id)
        assert found is not None
        assert found.password == Binary(wanted), person.name
        found.age = 5
        await found.save()
        stored = await raw(database, _id=person.id)
        assert stored["password"] == wanted, person.name


def test_a_hash_is_never_shown() -> None:
    """Neither repr, nor JSON, nor an error shows a hashed value or its plain text."""
    person = Person(name="Ada", password="secret")
    with pytest.raises(errors.InvalidBinaryTypeError) as caught:
        Person(name="Ada", password=["secret"])

    shown = (
        repr(person) + person.to_json() + person.model_dump_json() + str(caught.value)
    )
    assert "secret" not in shown
    assert "terces" not in shown
    assert caught.value.value is None


async def test_required_is_enforced(database: DataBase) -> None:
    """A document without a required field is neither built nor stored."""
    with pytest.raises(errors.StringValueError, match=r"Person\.name") as caught:
        await Person.insert_one(age=3)

    assert isinstance(caught.value, ValueError)
    assert await Person.count() == 0


async def test_update_one_touches_what_it_was_given(database: DataBase) -> None:
    """No default is written again, and the key of the filter may change."""
    await Person.insert_one(name="a", alive=False, age=1)
    aged = await Person.update_one({"name": "a"}, {"age": 2})
    renamed = await Person.update_one({"name": "a"}, {"name": "b"})

    assert aged is not None
    assert renamed is not None
    assert (aged.alive, aged.age) == (False, 2)
    assert (renamed.name, renamed.alive, renamed.age) == ("b", False, 2)


async def test_update_one_takes_operators(database: DataBase) -> None:
    """Operators and fields may stand in one update."""
    await Person.insert_one(name="a", age=1, tags=["x"])
    changed = await Person.update_one(
        {"name": "a"}, {"name": "c", "$inc": {"age": 2}, "$push": {"tags": "y"}}
    )

    assert changed is not None
    assert (changed.name, changed.age, changed.tags) == ("c", 3, ["x", "y"])


async def test_update_one_checks_values(database: DataBase) -> None:
    """A bad value is refused as both errors, and nothing is written."""
    await Person.insert_one(name="a", age=1)
    with pytest.raises(errors.DocumentUpdateError) as caught:
        await Person.update_one({"name": "a"}, {"age": 999})

    assert isinstance(caught.value, errors.IntegerRangeError)
    assert isinstance(caught.value, ValueError)
    assert "Person.age" in str(caught.value)
    assert "999" in str(caught.value)
    stored = await raw(database, name="a")
    assert stored["age"] == 1


async def test_update_many_checks_values(database: DataBase) -> None:
    """update_many checks, too, takes operators, and gives what it changed."""
    await Person.insert_many([{"name": "a", "age": 1}, {"name": "a", "age": 2}])
    with pytest.raises(errors.DocumentUpdateError):
        await Person.update_many({"name": "a"}, {"age": "x"})
    changed, count = await Person.update_many({"name": "a"}, {"name": "b"})
    more, number = await Person.update_many({"name": "b"}, {"$inc": {"age": 10}})

    assert count == number == 2
    assert [one.name for one in changed] == ["b", "b"]
    assert sorted(one.age for one in more) == [11, 12]
    assert await Person.update_many({"name": "none"}, {"age": 1}) == ([], 0)


async def test_update_one_of_nothing_is_none(database: DataBase) -> None:
    """An update that matches nothing gives None, and stores nothing."""
    assert await Person.update_one({"name": "none"}, {"age": 1}) is None
    assert await Person.count() == 0


async def test_the_callers_dicts_are_not_changed(database: DataBase) -> None:
    """Neither filter nor fields are changed by the call."""
    person = await Person.insert_one(name="a")
    query, fields = {"_id": str(person.id)}, {"age": 2}
    await Person.update_one(query, fields)

    assert query == {"_id": str(person.id)}
    assert fields == {"age": 2}


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


async def test_dates_are_set_by_writes(database: DataBase) -> None:
    """Each write of a document gives a strictly later date; creation stays."""
    person = await Person.insert_one(name="a")
    seen = [person.updated_at]
    for age in range(5):
        changed = await Person.update_one({"name": "a"}, {"age": age})
        assert changed is not None
        seen.append(changed.updated_at)
    for age in range(5, 10):
        changed.age = age
        await changed.save()
        seen.append(changed.updated_at)
    (changed,), _ = await Person.update_many({"name": "a"}, {"age": 50})
    seen.append(changed.updated_at)
    replaced = await Person.find_one_and_replace({"name": "a"}, {"name": "a"})
    assert replaced is not None
    seen.append(replaced.updated_at)

    assert all(one < other for one, other in pairwise(seen))
    assert replaced.created_at == person.created_at
    read = await Person.get(person.id)
    assert read is not None
    assert read.updated_at == seen[-1]
    assert person.created_at.microsecond % 1000 == 0


class Event(Document):
    """Dates that fields set."""

    name = StringField()
    created = DateTimeField(auto_now_add=True)
    changed = DateTimeField(auto_now=True)


async def test_auto_now_acts_at_writes_alone(database: DataBase) -> None:
    """Neither construction nor reading sets a date; each write does."""
    event = Event(name="e")
    assert (event.created, event.changed) == (None, None)
    await event.save()
    created, changed = event.created, event.changed
    read = await Event.find_one()
    assert read is not None
    assert (read.created, read.changed) == (created, changed)
    read.name = "f"
    await read.save()

    assert read.created == created
    assert read.changed > changed


async def test_unset_dates_are_not_null(database: DataBase) -> None:
    """A class with timestamps stores dates by save, never nulls."""
    await Person(name="a").save()
    stored = await raw(database)

    assert isinstance(stored["created_at"], datetime)
    assert isinstance(stored["updated_at"], datetime)


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


async def test_replacement_is_checked(database: DataBase) -> None:
    """A replacement is validated, gets defaults, and unknown keys are dropped."""
    await Person.insert_one(name="a", age=3)
    with pytest.raises(errors.DocumentUpdateError):
        await Person.find_one_and_replace({"name": "a"}, {"name": 5})
    new = await Person.find_one_and_replace({"name": "a"}, {"name": "b", "odd": 1})
    stored = await raw(database)

    assert new is not None
    assert (new.name, new.age, new.alive) == ("b", None, True)
    assert "odd" not in stored
    assert await Person.find_one_and_replace({"name": "zzz"}, {"name": "b"}) is None


async def test_update_empty_fields(database: DataBase) -> None:
    """Only empty fields are filled; no match is an error."""
    await Person.insert_one(name="a", age=0)
    filled, updated = await Person.find_one_and_update_empty_fields(
        {"name": "a"}, {"name": "zzz", "age": 5, "tags": ["t"]}
    )
    again, once_more = await Person.find_one_and_update_empty_fields(
        {"name": "a"}, {"age": 6}
    )

    assert updated
    assert (filled.name, filled.age, filled.tags) == ("a", 5, ["t"])
    assert (again.age, once_more) == (5, False)
    with pytest.raises(errors.DocumentUpdateError):
        await Person.find_one_and_update_empty_fields({"name": "zzz"}, {"age": 1})


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


async def test_insert_many_gives_documents_and_ids(database: DataBase) -> None:
    """All are checked first; nothing is written when one is bad."""
    documents, ids = await Person.insert_many([{"name": "a"}, {"name": "b"}])
    with pytest.raises(errors.DocumentInsertError):
        await Person.insert_many([])
    with pytest.raises(errors.StringValueError):
        await Person.insert_many([{"name": "c"}, {"name": 3}])

    assert [one.id for one in documents] == ids
    assert await Person.count() == 2
    assert await Person.find_many({"name": "a"}) == [documents[0]]


async def test_duplicate_key_is_both_errors(database: DataBase) -> None:
    """A duplicate is motormongo's error and PyMongo's, and names index and value."""
    import pymongo.errors

    await Account.insert_one(name="a", email="a@x")
    with pytest.raises(errors.DocumentInsertError) as caught:
        await Account.insert_one(name="b", email="a@x")

    assert isinstance(caught.value, pymongo.errors.DuplicateKeyError)
    assert isinstance(caught.value.__cause__, errors.DuplicateKeyError)
    assert "email" in str(caught.value)


async def test_not_connected_is_both_errors() -> None:
    """Without a connection each method raises its own error, a RuntimeError, too."""
    await DataBase.close()
    for kind, call in (
        (errors.DocumentInsertError, lambda: Person.insert_one(name="a")),
        (errors.DocumentNotFoundError, lambda: Person.find_one()),
        (errors.DocumentNotFoundError, lambda: Person.find_many()),
        (errors.DocumentUpdateError, lambda: Person.update_one({}, {"age": 1})),
        (errors.DocumentDeleteError, lambda: Person.delete_many()),
        (errors.DocumentInsertError, lambda: Person(name="a").save()),
    ):
        with pytest.raises(kind) as caught:
            await call()
        assert isinstance(caught.value, errors.NotConnectedError)
        assert isinstance(caught.value, RuntimeError)


async def test_references_are_awaited_and_kept(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference gives its document, asks once, and None when it leads nowhere."""
    author = await Person.insert_one(name="a")
    book = await Book.insert_one(title="t", author=author)
    read = await Book.find_one()
    assert read is not None
    sent: list[str] = []
    lane = type(one_database.lane)
    run = lane.run

    async def counted(self: Any, command: Any, pin: Any = None) -> Any:
        sent.append(command.name)
        return await run(self, command, pin)

    monkeypatch.setattr(lane, "run", counted)

    assert await read.author == author
    assert await read.author == author
    assert sent == ["find"]
    assert read.author.id == author.id
    assert book.to_dict()["author"] == str(author.id)
    assert await Book(title="none").author is None
    lost = Book(author=ObjectId())
    assert await lost.author is None
    with pytest.raises(errors.NotFoundError, match=r"Book\.author"):
        await lost.author.fetch(required=True)
    with pytest.raises(errors.ReferenceTypeError):
        Book(author=Person(name="unsaved"))


async def test_lists_of_references_are_one_query(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of references is fetched by one $in, in order; so are many documents'."""
    people, ids = await Person.insert_many([{"name": n} for n in "abc"])
    gone = ObjectId()
    await Book.insert_many(
        [{"author": one, "readers": [*ids[::-1], gone]} for one in ids]
    )
    books = await Book.find_many()
    sent: list[str] = []
    lane = type(one_database.lane)
    run = lane.run

    async def counted(self: Any, command: Any, pin: Any = None) -> Any:
        sent.append(command.name)
        return await run(self, command, pin)

    monkeypatch.setattr(lane, "run", counted)
    readers = await books[0].readers
    await Book.prefetch(books, "author")
    authors = [await one.author for one in books]

    assert readers == [*people[::-1], None]
    assert authors == people
    assert sent == ["find", "find"]


async def test_to_dict_makes_ids_text_everywhere(database: DataBase) -> None:
    """Ids inside lists and parts are text as well, unless asked otherwise."""
    person = await Person.insert_one(name="a", extra={"ids": [ObjectId()]})
    book = Book(title="t", readers=[person.id], author=person)

    assert book.to_dict()["readers"] == [str(person.id)]
    assert isinstance(person.to_dict()["extra"]["ids"][0], str)
    assert book.to_dict(id_as_string=False)["readers"] == [person.id]


def test_to_json_of_everything() -> None:
    """to_json works with every field, binary ones included."""

    class Blob(Document):
        data = BinaryField()
        when = DateTimeField()
        level = EnumField(Level)

    blob = Blob(data=b"\xff\xfe", when="2024-05-01", level=1)

    assert blob.to_json() == (
        '{"data": "//4=", "when": "2024-05-01T00:00:00+00:00", "level": 1}'
    )


def test_construction_rules() -> None:
    """Unknown keys are dropped, None is the default, id and _id both name the id."""
    oid = ObjectId()
    person = Person(name="a", odd=1, alive=None, _id=str(oid))

    assert person.alive is True
    assert not hasattr(person, "odd")
    assert (person.id, person._id) == (oid, oid)
    assert Person(name="a", id=oid).id == oid
    assert Person(name="a").id is None
    assert Person(name="a", _id=None).id is None
    with pytest.raises(ValueError, match="id"):
        Person(name="a", _id="nonsense")


def test_assignment_is_checked() -> None:
    """A bad assignment raises the field's error and leaves the value."""
    person = Person(name="a", age=3)
    with pytest.raises(errors.IntegerValueError, match=r"Person\.age.*'x'"):
        person.age = "x"
    person._id = str(ObjectId())

    assert person.age == 3
    assert isinstance(person.id, ObjectId)


async def test_no_value_is_logged(
    database: DataBase, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither documents, nor queries, nor the URI's password are in any log."""
    caplog.set_level(logging.DEBUG, logger="mongolane")
    await Person.insert_one(name="logged-name", password="logged-secret")
    await Person.find_many({"name": "logged-name"})

    assert "logged" not in caplog.text


async def test_collection_names() -> None:
    """Names follow motormongo's rule."""
    from mongolane.schema import snake_case

    assert Person.get_collection_name() == "people"
    assert {
        name: snake_case(name)
        for name in ("UserDetails", "HTTPServer", "UserV2", "New__User")
    } == {
        "UserDetails": "user_details",
        "HTTPServer": "http_server",
        "UserV2": "user_v2",
        "New__User": "new__user",
    }


async def test_the_article(database: DataBase) -> None:
    """The article's class and calls give what it prints."""

    class User(Document):
        name = StringField(required=True)
        active = BooleanField()

    await User.insert_one({"name": "John", "active": True})
    users = await User.find_many({"active": True})
    shown = [user.to_dict() for user in users]

    assert shown == [{"_id": str(users[0].id), "name": "John", "active": True}]
    assert not await User.find_many({"active": False})
