"""Classes that tests share: a bit of everything."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import BaseModel

from mongolane import (
    BinaryField,
    BooleanField,
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
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
