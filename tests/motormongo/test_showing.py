"""What instances are, and how they are shown."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from bson import ObjectId

from mongolane import (
    BinaryField,
    BooleanField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    StringField,
    errors,
)
from tests.motormongo.people import Book, Level, Person


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


async def test_to_dict_has_bytes_where_instances_hold_text(
    one_database: DataBase,
) -> None:
    """Decoded on an instance, and not in its dict, in parts as well."""

    class Secretless(EmbeddedDocument):
        data = BinaryField(return_decoded=True)

    class Letter(Document):
        data = BinaryField(return_decoded=True, encode=_backwards, decode=_forwards)
        part = EmbeddedDocumentField(Secretless)

    await Letter.insert_one(data="abc", part={"data": "def"})
    letter: Any = await Letter.find_one()

    assert (letter.data, letter.part.data) == ("abc", "def")
    assert letter.to_dict()["data"] == b"cba"
    assert letter.to_dict()["part"] == {"data": b"def"}
    assert json.loads(letter.to_json())["part"] == {"data": "def"}
    assert Letter(**letter.to_dict()) == letter


def _backwards(text: str) -> bytes:
    return text[::-1].encode()


def _forwards(data: bytes) -> str:
    return data.decode()[::-1]


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
