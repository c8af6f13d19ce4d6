"""An application of motormongo, by its own module paths."""

# ruff: noqa: RUF012, UP042

from __future__ import annotations

import asyncio
from enum import Enum

from mongolane.motormongo import (
    BinaryField,
    BooleanField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    FloatField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
)
from mongolane.motormongo.abstracts.exceptions import (
    DocumentInsertError,
    DocumentNotFoundError,
)
from mongolane.motormongo.fields.exceptions import (
    IntegerRangeError,
    StringLengthError,
    StringValueError,
)
from mongolane.motormongo.mongo.database import DataBase as DB2


class Status(str, Enum):
    ON = "on"


class Address(EmbeddedDocument, init=False):
    city = StringField()


class User(Document, init=False):
    name = StringField(required=True, max_length=5)
    age = IntegerField(min_value=0)
    home = EmbeddedDocumentField(document_type=Address)
    status = EnumField(enum=Status, default=Status.ON)
    friends = ListField(field=StringField())
    born = DateTimeField(auto_now_add=True)
    pos = GeoJSONField(return_as_list=True)
    boss = ReferenceField(document="User")
    mate = ReferenceField(document_class="User")
    height = FloatField()
    live = BooleanField()
    pw = BinaryField(return_decoded=True)

    class Meta:
        collection = "users"
        created_at_timestamp = True
        indexes = [{"fields": ["name"], "unique": True}]


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="q1")
    user = User(
        name="Ann", age=3, home=Address(city="x"), friends=["a"], pos=[1, 2], pw="x"
    )
    await user.save()
    user.boss = user
    await user.save()
    boss = await user.boss
    print(
        boss,
        user.pw.upper(),
        user.pos[0] + 1,
        user.friends[0].upper(),
        user.home.city.lower(),
    )
    try:
        user.name = "x" * 9
    except (StringLengthError, StringValueError, IntegerRangeError) as error:
        print(error)
    try:
        await User.insert_one({"name": "Ann"})
    except (DocumentInsertError, DocumentNotFoundError) as error:
        print(error)
    print(
        DB2 is DataBase,
        await User.find_many(name="Ann"),
        await User.find_one(name="Ann"),
        await User.find_one({"age": {"$gt": 1}}),
    )
    cursor = User.find_many({}, return_as_list=False)
    async for one in cursor:
        print(one.name.upper())
    rows = await User.aggregate([{"$match": {}}])
    print(await rows.to_list(3))
    listed = await User.aggregate([{"$match": {}}], return_as_list=True)
    print(listed[0].name.upper())
    user.age = 7
    await user.save()
    await user.delete()
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
