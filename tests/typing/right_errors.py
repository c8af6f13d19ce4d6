"""Other databases, indexes, every error caught, and servers for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any, assert_type

import pymongo.errors
from pydantic import BaseModel, ValidationError

from mongolane import (
    DataBase,
    Document,
    Index,
    Mapped,
    StringField,
    Version,
    desc,
    field,
    get_db,
)
from mongolane.embedded import Engine
from mongolane.errors import (
    BulkWriteError,
    ConfigurationError,
    DocumentDecodeError,
    DuplicateKeyError,
    EncodeError,
    ExecutionTimeoutError,
    FieldError,
    MongolaneError,
    NotConnectedError,
    NotFoundError,
    QueryError,
    ServerError,
    UnknownFieldError,
    VersionConflictError,
    WriteError,
)
from mongolane.testing import (
    CannedServer,
    Close,
    Cut,
    Delay,
    Hang,
    PretendLane,
    Raw,
    ScriptedServer,
)


class Item(Document):
    sku: Mapped[str] = StringField(required=True, unique=True)
    n: Mapped[int] = field(default=0)
    label: Annotated[str, Index()] = ""
    version: Annotated[int, Version()] = 1


class View(BaseModel):
    sku: str


@asynccontextmanager
async def database(name: str) -> AsyncGenerator[DataBase]:
    async with DataBase("embedded://", name) as made:
        yield made


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="p06")
    default = DataBase.get()
    assert_type(default, DataBase)
    assert_type(default.name, str)
    async with database("other") as other:
        there = Item.using(other)
        made = await there.insert_one({"sku": "a"})
        assert_type(made, Item)
        assert_type(await there.find(Item.n >= 0), list[Item])
        assert_type(await there.find_one({"sku": "a"}), Item | None)
        assert_type(await there.find_many({"sku": "a"}), list[Item])
        assert_type(await there.get(made.id), Item | None)
        assert_type(await there.count(Item.n == 0), int)
        assert_type(await there.exists({"sku": "a"}), bool)
        assert_type(await there.update_one({"sku": "a"}, {"n": 3}), Item | None)
        assert_type(await there.find(Item.sku == "a").project(View), list[View])
        assert_type(await there.delete_many({}), int)
        assert_type(await there.insert_all([Item(sku="x")]), list[Any])
        item = await Item(sku="z").save(using=other)
        await item.delete(using=other)
        plan = await other.plan_indexes(Item)
        for step in plan:
            print(step.name, step.action, step.done)
        done = await other.sync_indexes(Item, drop=True)
        print(bool(done), str(done))
        print(other.client, other.db)
        await other.drop()
    await DataBase.create_indexes_for_document(Item)
    assert_type(await DataBase.get_existing_indexes("item"), dict[str, Any])
    (await get_db())["item"]
    item = await Item(sku="a").insert()
    try:
        await Item(sku="a").insert()
    except DuplicateKeyError as error:
        assert_type(error.index, str | None)
        print(error.key_value, error.code, error.details)
    try:
        await Item.insert_all([Item(sku="a"), Item(sku="q")], ordered=False)
    except BulkWriteError as error:
        print(error.details["nInserted"])
    try:
        await Item.find({"skuu": 1})
    except UnknownFieldError as error:
        print(error.owner, error.field, error.near)
    try:
        Item(sku="x" * 3, n=2**70)
        await Item(sku="x" * 3, n=2**70).insert()
    except EncodeError as error:
        print(error.path, error.reason)
    other_copy = await Item.get(item.id).or_raise()
    other_copy.n = 5
    await other_copy.save()
    item.n = 6
    try:
        await item.save()
    except VersionConflictError as error:
        print(error.current)
    await DataBase.db["item"].insert_one({"sku": "bad", "n": "x"})
    errors: list[DocumentDecodeError] = []
    print(
        len(await Item.find().on_invalid("skip", errors.append)),
        errors[0].path,
        errors[0].document_id,
        errors[0].value,
        errors[0].owner,
    )
    async for one in Item.find().on_invalid("raw").sort(desc(Item.n)):
        if isinstance(one, dict):
            print(one["n"])
        else:
            print(one.n)
    try:
        await Item.find(Item.sku == "nobody").one_or_raise()
    except NotFoundError as error:
        print(error)
    try:
        Item.find().update(Item.n.inc(1), Item.n.set(3))
    except QueryError as error:
        print(error)
    try:
        Item.model_validate({"sku": 3})
    except (ValidationError, FieldError) as error:
        print(type(error))
    await DataBase.close()
    try:
        await Item.find()
    except NotConnectedError as error:
        print(error)
    except (
        ServerError,
        WriteError,
        ExecutionTimeoutError,
        ConfigurationError,
    ) as error:
        print(error)
    except pymongo.errors.PyMongoError as error:
        print(error)
    except MongolaneError as error:
        print(error)

    found: dict[str, Any] = {
        "cursor": {"id": 0, "ns": "t.item", "firstBatch": [{"sku": "B"}]},
        "ok": 1,
    }
    async with ScriptedServer({"find": [Close(), found]}) as server:
        db = DataBase(server.uri, "t")
        got = await Item.using(db).find()
        assert_type(got, list[Item])
        print([command.name for command in server.commands("find")])
        await db.disconnect()
    print(Hang, Cut, Delay, Raw, CannedServer, PretendLane)
    with Engine() as engine:
        print(engine.uri)


if __name__ == "__main__":
    asyncio.run(main())
