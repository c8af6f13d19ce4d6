"""What updates and replacements change, and what they leave."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic
import pytest
from pydantic import BaseModel

from mongolane import (
    BinaryField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    Version,
    errors,
)
from tests.motormongo.people import Person, raw


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "b", "$set": {"name": "c"}}, r"Person\.name is set twice"),
        ({"email": "b", "$unset": {"email": ""}}, "'email'"),
        ({"age": 1, "$inc": {"age": 1}}, "'age'"),
        ({"$set": 5}, r"\$set needs a dict of fields, not a int"),
        ({"$setOnInsert": ["name"]}, "needs a dict"),
    ],
)
async def test_what_an_update_cannot_say(
    change: dict[str, Any], words: str, database: DataBase
) -> None:
    """Conflicting fields, and operands that are none; nothing is written."""
    person = await Person.insert_one(name="a", age=3)
    for update in (Person.update_one, Person.update_many):
        with pytest.raises(errors.DocumentUpdateError, match=words):
            await update({}, change)

    assert await Person.find_many({}) == [person]


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


async def test_a_replacement_with_operators_is_refused(database: DataBase) -> None:
    """It would empty the document; nothing is written."""
    person = await Person.insert_one(name="a", age=3)
    for odd in ({"$set": {"name": "b"}}, {"name": "b", "$inc": {"age": 1}}):
        with pytest.raises(errors.DocumentUpdateError, match="no operators"):
            await Person.find_one_and_replace({"name": "a"}, odd)

    assert await Person.find_many({}) == [person]


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


class Note(EmbeddedDocument):
    """In a list, with a reference."""

    text = StringField(required=True, max_length=5)
    by = ReferenceField(Person)
    at = DateTimeField()
    place = GeoJSONField()


class Board(Document):
    """Of notes."""

    sizes = ListField(IntegerField(min_value=1))
    note = EmbeddedDocumentField(Note)
    notes = ListField(EmbeddedDocumentField(Note))
    best = IntegerField(max_value=9)

    class Meta:
        created_at_timestamp = True
        updated_at_timestamp = True


BAD: list[dict[str, Any]] = [
    {"$push": {"sizes": 0}},
    {"$push": {"sizes": {"$each": [1, 0]}}},
    {"$addToSet": {"sizes": "x"}},
    {"sizes.0": 0},
    {"$set": {"note.text": "too long"}},
    {"notes.0.text": "too long"},
    {"$push": {"notes": {}}},
    {"$push": {"notes": {"text": "a", "by": "no id"}}},
    {"$max": {"best": 10}},
]


@pytest.mark.parametrize("change", BAD)
@pytest.mark.parametrize("update", ["update_one", "update_many"])
async def test_what_is_put_inside_is_checked(
    change: dict[str, Any], update: str, one_database: DataBase
) -> None:
    """Into lists and parts, by operators and paths: limits hold, nothing is stored."""
    board = await Board.insert_one(sizes=[1], note={"text": "a"}, notes=[{"text": "b"}])
    with pytest.raises(errors.DocumentUpdateError, match=r"Board|Note"):
        await getattr(Board, update)({}, change)

    assert await Board.find_one() == board


@pytest.mark.parametrize("update", ["update_one", "update_many", "find"])
async def test_what_is_put_inside_has_its_stored_form(
    update: str, database: DataBase
) -> None:
    """Ids, dates and places given as text or lists are stored as they are declared."""
    person = await Person.insert_one(name="a")
    await Board.insert_one(notes=[])
    note = {"text": "t", "by": str(person.id), "at": "2024-05-01", "place": [1, 2]}
    for change in ({"$push": {"notes": note}}, {"$set": {"note": note}}):
        if update == "find":
            await Board.find({}).update(change)
        else:
            await getattr(Board, update)({}, change)
    stored = await database.client[database.name]["board"].find_one()
    assert stored is not None

    for held in (stored["note"], stored["notes"][0]):
        assert held["by"] == person.id
        assert held["at"].isoformat() == "2024-05-01T00:00:00"
        assert held["place"] == {"type": "Point", "coordinates": [1, 2]}
    assert await Board.find_one({"notes.by": person, "note.by": str(person.id)})


@pytest.mark.parametrize("update", ["update_one", "update_many"])
@pytest.mark.parametrize(
    "change",
    [
        {"$unset": {"text": ""}},
        {"$unset": {"part.text": ""}},
        {"$unset": {"parts.0.text": ""}},
        {"$rename": {"text": "other"}},
        {"$unset": {"sole.size": ""}},
    ],
)
async def test_required_values_are_not_taken_away(
    change: dict[str, Any], update: str, database: DataBase
) -> None:
    """Nothing is written that could not be read again; what has a default may go."""

    class Part(EmbeddedDocument):
        text = StringField(required=True)

    class Page(Document):
        text = StringField(required=True)
        colour = StringField(required=True, default="white")
        part = EmbeddedDocumentField(Part)
        parts = ListField(EmbeddedDocumentField(Part))
        sole = EmbeddedDocumentField(Sole)

    part = {"text": "b"}
    page = await Page.insert_one(
        text="a", colour="red", part=part, parts=[part], sole={"size": 1}
    )
    with pytest.raises(errors.DocumentUpdateError):
        await getattr(Page, update)({}, change)
    assert await Page.find_many({}) == [page]
    await getattr(Page, update)({}, {"$unset": {"colour": "", "part": ""}})
    (read,) = await Page.find_many({})

    assert (read.colour, read.part) == ("white", None)


class Sole(BaseModel):
    """A plain pydantic model."""

    size: int
    worn: bool | None = None


class Lace(EmbeddedDocument):
    """Dated, with a default."""

    colour = StringField(required=True)
    knot = StringField(default="bow")
    length = IntegerField()

    class Meta:
        created_at_timestamp = True
        updated_at_timestamp = True


class Boot(Document):
    """Has parts of both kinds."""

    sole = EmbeddedDocumentField(Sole)
    lace = EmbeddedDocumentField(Lace)
    laces = ListField(EmbeddedDocumentField(Lace))
    sizes = ListField(IntegerField())
    extra = EmbeddedDocumentField(dict)


@pytest.mark.parametrize("update", ["update_one", "update_many"])
@pytest.mark.parametrize("wrap", [dict, lambda fields: {"$set": fields}])
async def test_none_inside_of_parts(update: str, wrap: Any, database: DataBase) -> None:
    """At a path, too, None empties a field, is its default, or is refused."""
    lace = {"colour": "red", "knot": "k", "length": 3}
    boot: Any = await Boot.insert_one(
        sole={"size": 1, "worn": True},
        lace=lace,
        laces=[lace],
        sizes=[1],
        extra={"a": 1},
    )
    for path in ("sole.size", "lace.colour", "laces.0.colour", "sizes.0"):
        with pytest.raises(errors.DocumentUpdateError):
            await getattr(Boot, update)({}, wrap({path: None}))
    paths = "sole.worn lace.length lace.knot laces.0.length extra.a lace.created_at"
    await getattr(Boot, update)({}, wrap(dict.fromkeys(paths.split())))
    stored: Any = await database.client[database.name]["boot"].find_one({})
    read = await Boot.find_one()

    assert read is not None
    assert read.lace.created_at == boot.lace.created_at
    assert stored["sole"] == {"size": 1, "worn": None}
    assert stored["lace"].keys() == {"colour", "knot", "created_at", "updated_at"}
    assert stored["lace"]["knot"] == "bow"
    assert "length" not in stored["laces"][0]
    assert stored["extra"] == {"a": None}


async def test_empty_dates_of_a_form_change_no_dates(database: DataBase) -> None:
    """Dates that writes set stay theirs: None, or old ones, are not taken over."""
    board = await Board.insert_one(best=1)
    given = {**board.to_dict(), "best": 2}
    first = await Board.update_one({"_id": board.id}, given)
    assert first is not None
    given |= {"created_at": None, "updated_at": None, "best": 3}
    (second,), _ = await Board.update_many({"_id": board.id}, given)

    assert first.created_at == second.created_at == board.created_at
    assert board.updated_at < first.updated_at < second.updated_at
    assert second.best == 3


class Counted(Document):
    """Counts its versions."""

    name: str
    version: Annotated[int, Version()] = 0


async def test_updates_count_the_version(database: DataBase) -> None:
    """A save that builds on what an update has changed since is refused."""
    await Counted(name="a").save()
    for update in (Counted.update_one, Counted.update_many):
        old = await Counted.find_one()
        assert old is not None
        await update({}, {"name": "b"})
        old.name = "c"
        with pytest.raises(errors.VersionConflictError):
            await old.save()


class Mailing(Document):
    """Field objects with validators of the class."""

    email = StringField(max_length=9)
    pin = BinaryField(hash_function=lambda text: b"hash of " + text.encode())

    @pydantic.field_validator("email")
    @classmethod
    def lowered(cls, value: Any) -> Any:
        if value == "nobody":
            raise ValueError("is nobody's")
        return value and value.lower()

    @pydantic.field_validator("pin", mode="before")
    @classmethod
    def long_enough(cls, value: Any) -> Any:
        if len(value) < 4:
            raise ValueError("is too short")
        return value


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "nobody"}, r"Mailing\.email: 'nobody': is nobody's"),
        ({"email": "x" * 10}, r"Mailing\.email: must have at most 9 characters"),
        ({"pin": "abc"}, r"Mailing\.pin: is too short"),
    ],
)
@pytest.mark.parametrize(
    "wrap", [lambda fields: fields, lambda fields: {"$set": fields}]
)
async def test_updates_ask_the_classs_validators(
    fields: dict[str, Any], words: str, wrap: Any, one_database: DataBase
) -> None:
    """What a field_validator refuses is not stored: nobody could read it again."""
    mailing = await Mailing.insert_one(pin="secret")
    for update in (Mailing.update_one, Mailing.update_many):
        with pytest.raises(errors.DocumentUpdateError, match=words) as caught:
            await update({}, wrap(fields))
        assert "abc" not in str(caught.value)
    with pytest.raises(errors.DocumentUpdateError):
        await Mailing.find_one_and_update_empty_fields({}, {"email": "nobody"})

    assert await Mailing.find_many() == [mailing]


async def test_what_the_classs_validators_make_is_stored(
    one_database: DataBase,
) -> None:
    """Updates store what a new document would; a secret is hashed once."""
    await Mailing.insert_one(email="A@X", pin="secret")
    changed = await Mailing.update_one({}, {"email": "B@X", "pin": "other"})
    raw = await (await Mailing.db())["mailing"].find_one({}, {"_id": 0})

    assert changed is not None
    assert raw == {"email": "b@x", "pin": b"hash of other"}


async def test_fields_inside_of_parts_may_be_empty(one_database: DataBase) -> None:
    """What is there already stays, at any depth; operators are no names of fields."""
    await Person.insert_one(name="a", address={"city": "Porto"}, tags=["x"])
    inside, changed = await Person.find_one_and_update_empty_fields(
        {"name": "a"}, {"address.city": "Faro", "tags.0": "y"}
    )
    with pytest.raises(errors.DocumentUpdateError, match=r"not \$set"):
        await Person.find_one_and_update_empty_fields({}, {"$set": {"name": "b"}})

    assert (inside.address.city, inside.tags, changed) == ("Porto", ["x"], False)
