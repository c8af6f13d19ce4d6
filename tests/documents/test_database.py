"""Connections: the default one, others, and what goes wrong."""

from __future__ import annotations

import asyncio
import gc
from functools import partial

import pytest
from pymongo import AsyncMongoClient

from mongolane import DataBase, Document, errors, get_db
from tests.support.servers import Server


class Thing(Document):
    """Something."""

    name: str


async def test_connect_and_close(engine: Server, database_name: str) -> None:
    """The default knows client and database while connected, and None after."""
    await DataBase.connect(uri=engine.uri, db=database_name)
    client = DataBase.client
    assert isinstance(client, AsyncMongoClient)
    assert (await get_db()).name == DataBase.db.name == database_name
    assert (await Thing.db()).name == database_name
    assert DataBase.get().name == database_name
    await DataBase.close()
    await DataBase.close()

    assert DataBase.client is None
    assert DataBase.db is None
    with pytest.raises(RuntimeError, match="Database not connected"):
        await get_db()


async def test_failure_leaves_nothing_behind() -> None:
    """After a failed connect nothing is connected, and the address is named."""
    with pytest.raises(errors.ServerSelectionTimeoutError, match=r"127\.0\.0\.1:1"):
        await DataBase.connect(
            uri="mongodb://user:hush@127.0.0.1:1/", db="x", serverSelectionTimeoutMS=200
        )

    assert DataBase.client is None
    with pytest.raises(errors.NotConnectedError):
        await Thing.find()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"db": "x"}, "uri"),
        ({"uri": "mongodb://localhost/"}, "db="),
        ({"uri": "mongodb://localhost/", "db": None}, "db="),
        ({"uri": "mongodb://localhost/", "db": "a.b"}, "no"),
        ({"uri": "http://localhost/", "db": "x"}, "URI"),
        ({"uri": "mongodb://localhost/", "db": "x", "maxPoolsize": 1, "odd": 2}, "odd"),
        ({"uri": "mongodb://localhost/", "db": "x", "lane": "fast"}, "fast"),
    ],
)
async def test_bad_arguments_are_named(options: dict[str, object], named: str) -> None:
    """Each bad argument is a configuration error that names it."""
    with pytest.raises(errors.ConfigurationError, match=named) as caught:
        await DataBase.connect(**options)  # type: ignore[arg-type]
    assert isinstance(caught.value, RuntimeError)
    assert DataBase.client is None


async def test_second_connect_closes_the_first(
    engine: Server, database_name: str
) -> None:
    """A second connect replaces the connection and closes the old one."""
    await DataBase.connect(uri=engine.uri, db=database_name)
    first = DataBase.get().lane
    await DataBase.connect(uri=engine.uri, db=database_name)

    assert "closed" in repr(first)
    await DataBase.close()


async def test_connects_at_one_time_leave_one_connection(
    engine: Server, database_name: str, lane: str
) -> None:
    """PyMongo's clients warn when nobody closes them: one of both is in use."""
    one = partial(DataBase.connect, uri=engine.uri, db=database_name, lane=lane)
    await asyncio.gather(one(), one(), one())
    gc.collect()

    assert await Thing.count() == 0
    await DataBase.close()


def test_loop_after_loop(engine: Server, database_name: str) -> None:
    """Connecting works on each new event loop, closed or not before the last ended."""

    async def use(close: bool) -> int:
        await DataBase.connect(uri=engine.uri, db=database_name)
        await Thing.insert_one(name="x")
        count = await Thing.count()
        if close:
            await DataBase.close()
        return count

    assert [asyncio.run(use(close)) for close in (True, False, False, True)] == [
        1, 2, 3, 4,
    ]  # fmt: skip


async def test_another_database(engine: Server, database_name: str) -> None:
    """Objects are databases of their own; ``using`` leads a class there."""
    await DataBase.connect(uri=engine.uri, db=database_name)
    async with DataBase(engine.uri, f"{database_name}_2") as second:
        await Thing(name="first").insert()
        made = await Thing.using(second).insert_one(name="second")
        other = Thing(name="third")
        await other.save(using=second)
        made.name = "renamed"
        await made.save(using=second)

        assert [one.name for one in await Thing.find()] == ["first"]
        found = await Thing.using(second).find_many()
        assert sorted(one.name for one in found) == ["renamed", "third"]
        assert await Thing.using(second).find(Thing.name == "third").count() == 1
        await second.drop()
    await DataBase.close()


async def test_an_existing_client(engine: Server, database_name: str) -> None:
    """An AsyncMongoClient can be shared, and is not closed with the connection."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(engine.uri)
    await DataBase.connect(client=client, db=database_name)
    await Thing.insert_one(name="x")

    assert DataBase.client is client
    await DataBase.close()
    assert (await client.admin.command("ping"))["ok"] == 1
    await client.close()


async def test_lifespan(engine: Server, database_name: str) -> None:
    """A lifespan connects for as long as the application runs."""
    lifespan = DataBase.lifespan(uri=engine.uri, db=database_name)
    async with lifespan(None):
        await Thing.insert_one(name="x")
        assert await Thing.count() == 1

    assert DataBase.client is None


async def test_no_secret_is_shown(engine: Server) -> None:
    """Neither repr nor errors hold the password of a URI."""
    database = DataBase("mongodb://user:hush@localhost:1/", "x")

    assert "hush" not in repr(database)
    with pytest.raises(errors.ConfigurationError) as caught:
        DataBase("mongodb://user:hush@localhost:abc/", "x")
    assert "hush" not in str(caught.value)


async def test_failures_are_runtime_errors_too() -> None:
    """Whoever catches motormongo's RuntimeError around connect still does."""
    with pytest.raises(RuntimeError) as caught:
        await DataBase.connect(
            uri="mongodb://127.0.0.1:1/", db="x", serverSelectionTimeoutMS=100
        )

    assert isinstance(caught.value, errors.ServerSelectionTimeoutError)
    assert isinstance(caught.value.__cause__, errors.ServerSelectionTimeoutError)
