"""What inserts store, and what they give."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from bson import ObjectId
from bson.binary import Binary

from mongolane import DataBase, Document, GeoJSONField, errors
from tests.motormongo.people import Account, Coat, Level, Person, hashed, raw


async def test_insert_one_is_one_round_trip(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An insert sends one command and reads nothing back."""
    await Person.insert_one(name="first", email="0")
    sent: list[str] = []
    lane: Any = one_database.lane
    run, ask = lane.run, lane.ask

    def counted(command: Any, *rest: Any) -> Any:
        sent.append(command.name)
        return run(command, *rest)

    def asked(command: Any) -> Any:
        monkeypatch.setattr(lane, "run", run)
        sent.append(command.name)
        return ask(command)

    monkeypatch.setattr(lane, "run", counted)
    monkeypatch.setattr(lane, "ask", asked)
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


class Spot(Document):
    """A place in either form."""

    place = GeoJSONField()
    bare = GeoJSONField(store_as_list=True)


async def test_points_are_found_in_both_forms(database: DataBase) -> None:
    """A point in a query finds what is stored as GeoJSON, and as a bare array."""
    pair = [8.5, -41]
    point = {"type": "Point", "coordinates": pair}
    await database.client[database.name]["spot"].insert_many(
        [{"place": pair, "bare": point}, {"place": point, "bare": pair}]
    )
    place: Any = Spot.place
    for given in (pair, tuple(pair), point):
        for name in ("place", "bare"):
            assert len(await Spot.find_many({name: given})) == 2
            assert await Spot.find_many({name: {"$ne": given}}) == []
        assert await Spot.find(place == given).count() == 2
        assert await Spot.find(place.in_([given])).count() == 2
        assert not (await Spot.find_one_or_create({"place": given}, {}))[1]
    await Spot.delete_many({"place": pair})
    made, created = await Spot.find_one_or_create({"place": pair}, {"bare": pair})
    stored = await database.client[database.name]["spot"].find_one({}, {"_id": 0})

    assert created
    assert (made.place, made.bare) == (pair, pair)
    assert stored == {"place": point, "bare": pair}


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


async def test_required_is_enforced(database: DataBase) -> None:
    """A document without a required field is neither built nor stored."""
    with pytest.raises(errors.StringValueError, match=r"Person\.name") as caught:
        await Person.insert_one(age=3)

    assert isinstance(caught.value, ValueError)
    assert await Person.count() == 0


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


async def test_insert_many_takes_any_iterable(one_database: DataBase) -> None:
    """A generator, as motormongo did, and a tuple."""
    made, _ = await Person.insert_many({"name": name} for name in "ab")
    more, _ = await Person.insert_many(({"name": "c"},))

    assert [one.name for one in (*made, *more)] == ["a", "b", "c"]
    with pytest.raises(errors.DocumentInsertError, match="at least one"):
        await Person.insert_many(iter(()))
