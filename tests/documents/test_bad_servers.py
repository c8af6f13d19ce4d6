"""Servers that are wrong, away or broken, through the public face and on each lane."""

from __future__ import annotations

import asyncio
import json
import logging
import struct
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import bson
import pytest

from mongolane import DataBase, Document, errors
from mongolane.testing import Close, Cut, Delay, Hang, Raw, ScriptedServer
from tests.support.servers import Server

LANES = ["direct", "pymongo", "threads"]
SECRET = "s3cr3t-Passw0rd"
ONE_SECOND = {"serverSelectionTimeoutMS": 1000}


class User(Document):
    """Small, or with a large field."""

    name: str = ""
    blob: bytes = b""

    class Meta:
        collection = "users"


def batch(*documents: Mapping[str, Any]) -> dict[str, Any]:
    """What find is answered."""
    first = {"id": bson.Int64(0), "ns": "t.users", "firstBatch": list(documents)}
    return {"cursor": first, "ok": 1.0}


def everything_said(error: BaseException) -> str:
    """The error, its causes and contexts, with all they hold."""
    said = ["".join(traceback.format_exception(error))]
    rest: list[BaseException | None] = [error]
    seen: set[int] = set()
    while rest:
        one = rest.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        said.append(f"{one!r} {one} {one.args!r} {vars(one)!r}")
        rest += [one.__cause__, one.__context__]
    return "".join(said)


@pytest.fixture(autouse=True)
def no_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting asks for none: a reply can be for the command under test."""
    known = "mongolane.documents.database.readable_documents"
    monkeypatch.setattr(known, lambda: iter(()))


@pytest.fixture(params=LANES)
async def connect(request: pytest.FixtureRequest) -> Any:
    """Connect the default database on each lane; it is closed after the test."""

    async def to(uri: str, **options: Any) -> None:
        patience = {"serverSelectionTimeoutMS": 5000, **options}
        await DataBase.connect(uri=uri, db="t", lane=request.param, **patience)

    yield to
    await DataBase.close()


Connect = Callable[..., Awaitable[None]]


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("", "URI"),
        ("localhost:27017", "mongodb://"),
        ("mongodb://host:port", "Port"),
        ("mongodb://host:99999", "65535"),
        (f"mongodb://u:{SECRET}@h:x/", "Port"),
        (f"mongodb://u:{SECRET}@@h/", "escaped"),
        ("mongodb://host/?fooBar=1", "fooBar"),
        ("mongodb://host/?w=1&fooBar=1&maxPoolSize=5", "option: 'fooBar'[.]"),
        (f"mongodb://u:p?{SECRET}=1@h/", "Unknown option"),
        (f"mongodb://u:p?maxPoolSize={SECRET}@h/", "integer"),
        ("mongodb://host/?maxPoolSize=many", "maxPoolSize='many'"),
        (f"mongodb://u:{SECRET}@h/?authMechanism=FOO", "authMechanism"),
        ("embedded://host/folder", "embedded:///"),
        (f"embedded://u:{SECRET}@h/folder", "is not a folder"),
        ("embedded:///", "is not a folder"),
        ("embedded:////", "is not a folder"),
        ("embedded:///a%00b", "is not a folder"),
    ],
)
async def test_wrong_uris(
    connect: Connect, caplog: pytest.LogCaptureFixture, uri: str, said: str
) -> None:
    """A wrong URI is named at once, and its password nowhere."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(errors.ConfigurationError, match=said) as caught:
        await connect(uri)

    assert SECRET not in everything_said(caught.value) + caplog.text


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a/b", "$a", "x" * 64, "ö" * 32])
async def test_impossible_names_of_databases(engine: Server, name: str) -> None:
    """A name no server takes is refused when connecting."""
    with pytest.raises(errors.ConfigurationError, match="database's name"):
        await DataBase.connect(uri=engine.uri, db=name)


async def test_unknown_options(connect: Connect) -> None:
    """An option nobody knows is named, before anything is sent."""
    with pytest.raises(errors.ConfigurationError, match="fooBar"):
        await connect("mongodb://127.0.0.1:1", fooBar=1)


async def test_an_unreachable_server(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told in the time that is set, by its address, without the password."""
    caplog.set_level(logging.DEBUG)
    before = time.monotonic()
    with pytest.raises(errors.ServerSelectionTimeoutError) as caught:
        await connect(f"mongodb://user:{SECRET}@127.0.0.1:1/", **ONE_SECOND)

    assert "127.0.0.1:1" in str(caught.value)
    # A bound against hanging; the time set is one second.
    assert time.monotonic() - before < 10
    assert SECRET not in everything_said(caught.value) + caplog.text


@pytest.mark.parametrize("user", ["user", "nobody"])
async def test_a_wrong_password(
    connect: Connect, caplog: pytest.LogCaptureFixture, user: str
) -> None:
    """A wrong password is told as such, and is in no error, cause or log line."""
    caplog.set_level(logging.DEBUG)
    async with ScriptedServer({"find": batch()}, users={"user": "pencil"}) as server:
        with pytest.raises(errors.AuthenticationError) as caught:
            await connect(f"mongodb://{user}:{SECRET}@{server.address}/")
        await DataBase.close()

    assert caught.value.code == 18
    assert SECRET not in everything_said(caught.value) + caplog.text


async def test_a_document_of_17_mb(connect: Connect, engine: Server) -> None:
    """It is refused with its number and size, before anything is sent."""
    await connect(engine.uri)
    large = User(name="large", blob=bytes(17_000_000))
    for write in (
        lambda: large.insert(),
        lambda: User.insert_many([{"name": "small"}, {"blob": large.blob}]),
    ):
        with pytest.raises(errors.EncodeError, match=r"document [01] has 17,000,0"):
            await write()

    assert await User.find_many({}) == []


async def test_many_documents_of_63_mb(connect: Connect, engine: Server) -> None:
    """Together they are more than one command takes, and all arrive."""
    await connect(engine.uri)
    await User.insert_many([{"blob": bytes(9_000_000)} for _ in range(7)])
    sizes = [len(user.blob) for user in await User.find_many({})]
    await User.delete_many({})

    assert sizes == [9_000_000] * 7


async def test_a_filter_of_17_mb(connect: Connect) -> None:
    """A command that no server takes is refused with its name, and nothing is sent."""
    async with ScriptedServer({"find": batch()}) as server:
        await connect(server.uri)
        with pytest.raises(errors.EncodeError, match="find command"):
            await User.find_many({"blob": bytes(17_000_000)})
        assert await User.find_many({}) == []
        await DataBase.close()

    assert [one.name for one in server.received].count("find") == 1


def length(number: int) -> Raw:
    """A right answer but for its length."""
    return Raw(lambda _, reply: struct.pack("<i", number) + reply[4:], batch())


BROKEN: dict[str, tuple[Any, Any]] = {
    "closed": (Close(), errors.NetworkError),
    "cut": (Cut(30, batch()), errors.NetworkError),
    "negative": (length(-1), errors.ProtocolError),
    "short": (length(15), errors.ProtocolError),
    "huge": (length(2**31 - 1), errors.ProtocolError),
    "other request": (
        Raw(lambda _, r: r[:8] + struct.pack("<i", 99) + r[12:], batch()),
        errors.ProtocolError,
    ),
    "garbage": (
        Raw(lambda _, r: r[:21] + b"\xff" * len(r[21:]), batch()),
        (errors.ProtocolError, errors.BSONError),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_broken_replies(connect: Connect, name: str) -> None:
    """The request fails, and the next one has a connection of its own."""
    answer, kind = BROKEN[name]
    good = batch({"_id": bson.ObjectId(), "name": "ann"})
    async with ScriptedServer({"find": [answer, answer, good]}) as server:
        await connect(server.uri)
        with pytest.raises(kind):
            await User.find_many({})
        # Where the lane repeated the read, both bad answers are used up.
        server.script["find"] = good
        found = await User.find_many({})
        await DataBase.close()

    assert [user.name for user in found] == ["ann"]


def not_utf8(_: Any, reply: bytes) -> bytes:
    """The answer with a byte that no text has, in each ``name`` that begins with x."""
    return reply.replace(b"\x03\x00\x00\x00xy\x00", b"\x03\x00\x00\x00x\xff\x00")


async def test_stored_text_that_is_not_utf8(connect: Connect) -> None:
    """A document with such text is refused, or left out, or given with a mark there."""
    bad, good = {"_id": 7, "name": "xy"}, {"_id": bson.ObjectId(), "name": "ann"}
    async with ScriptedServer({"find": Raw(not_utf8, batch(bad, good))}) as server:
        await connect(server.uri)
        with pytest.raises(errors.BSONError, match=r"UTF-8.*name"):
            await User.find()
        collected: list[errors.DocumentDecodeError] = []
        skipped = await User.find().on_invalid("skip", collected.append)
        given = await User.find().on_invalid("raw")
        shown = json.loads(await User.find().on_invalid("raw").json())
        await DataBase.close()

    assert [user.name for user in skipped] == ["ann"]
    assert [(one.document_id, one.path) for one in collected] == [(7, "name")]
    assert given[0] == {"_id": 7, "name": "x\ufffd"}
    assert [one["name"] for one in shown] == ["x\ufffd", "ann"]


async def outcome(ask: Callable[[], Awaitable[Any]]) -> Any:
    """What comes back, or an error of ours; any other is raised."""
    try:
        return await ask()
    except errors.MongolaneError as error:
        return error


ODD_REPLIES: list[dict[str, Any]] = [
    {"n": "many"},
    {"n": [1]},
    {"writeErrors": 5},
    {"writeErrors": [5]},
    {"writeErrors": [{"code": [1], "index": 99}]},
    {"writeErrors": [{"code": 1}]},
    {"writeConcernError": [1]},
    {"upserted": 5},
    {"ok": 0.0},
    {"ok": 0.0, "code": [1], "errmsg": 5},
    {"ok": 0.0, "errorLabels": 5},
    {"ok": "no"},
]


@pytest.mark.parametrize("odd", ODD_REPLIES, ids=str)
async def test_odd_replies(connect: Connect, odd: dict[str, Any]) -> None:
    """A reply with values of other types is an error of ours, or understood."""
    answer = {"ok": 1.0, "n": 1, **odd}
    commands = dict.fromkeys(("find", "insert", "update", "delete"), answer)
    asks: list[Callable[[], Awaitable[Any]]] = [
        lambda: User.find(),
        lambda: User(name="a").insert(),
        lambda: User.insert_many([{"name": "a"}, {"name": "b"}]),
        lambda: User.find().update({"name": "a"}),
        lambda: User.find().delete(),
        lambda: User.bulk(User.find().update({"name": "a"})),
    ]
    async with ScriptedServer(commands) as server:
        await connect(server.uri)
        results = [await outcome(ask) for ask in asks]
        await DataBase.close()

    assert not any("full error" in str(one) for one in results)


async def test_a_server_that_never_answers(connect: Connect) -> None:
    """The time that is set ends the wait, as a timeout that names the server."""
    async with ScriptedServer({"find": Hang()}) as server:
        await connect(server.uri, socketTimeoutMS=200)
        with pytest.raises(errors.NetworkTimeoutError) as caught:
            await User.find_many({})
        await DataBase.close()

    assert isinstance(caught.value, TimeoutError)
    assert server.address.rpartition(":")[2] in str(caught.value)


async def test_an_exhausted_pool(connect: Connect) -> None:
    """It says so, with the pool's figures, and goes on afterwards."""
    async with ScriptedServer({"find": Delay(0.4, batch())}) as server:
        await connect(server.uri, maxPoolSize=1, waitQueueTimeoutMS=100)

        async def read() -> Any:
            return await User.find_many({})

        tasks = [asyncio.create_task(read()) for _ in range(3)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert await User.find_many({}) == []
        await DataBase.close()

    refused = [one for one in results if isinstance(one, BaseException)]
    assert 1 <= len(refused) <= 2
    for error in refused:
        assert isinstance(error, errors.WaitQueueTimeoutError)
        assert "maxPoolSize" in str(error)
        assert "1" in str(error)


async def test_a_storm_of_cancelled_requests(connect: Connect) -> None:
    """Every answer that arrives is its own request's, whoever was cancelled."""

    def echo(command: dict[str, Any]) -> Delay:
        name = command["filter"]["name"]
        return Delay(0.003, batch({"_id": bson.ObjectId(), "name": name}))

    async def read(name: str) -> tuple[str, str]:
        return name, (await User.find_many({"name": name}))[0].name

    pairs: list[tuple[str, str]] = []
    async with ScriptedServer({"find": echo}) as server:
        await connect(server.uri, maxPoolSize=5)
        for turn in range(8):
            tasks = [asyncio.create_task(read(f"{turn}-{i}")) for i in range(20)]
            await asyncio.sleep(0.002 * turn)
            for task in tasks[::2]:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            pairs += [one for one in done if isinstance(one, tuple)]
        await DataBase.close()

    assert len(pairs) >= 80
    assert [asked for asked, _ in pairs] == [answered for _, answered in pairs]


@pytest.mark.parametrize("lane", LANES)
def test_two_loops(engine: Server, lane: str, database_name: str) -> None:
    """The default database serves one event loop after the other."""

    async def use(name: str) -> list[str]:
        await DataBase.connect(uri=engine.uri, db=database_name, lane=lane)
        await User(name=name).insert()
        names = [user.name for user in await User.find_many({})]
        await DataBase.close()
        return names

    async def forget() -> None:
        await DataBase.connect(uri=engine.uri, db=database_name, lane=lane)
        await User.find_many({})

    assert asyncio.run(use("a")) == ["a"]
    asyncio.run(forget())
    assert asyncio.run(use("b")) == ["a", "b"]
