"""What all three lanes do alike, on a scripted server and on whole ones."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import bson
import pytest

from mongolane import errors
from mongolane.commands import Command
from mongolane.lanes import open_lane
from mongolane.testing import Close, Cut, Raw, ScriptedServer

from .replies import LANES, NOT_PRIMARY, OK, PING, batch, find, get_more, insert

pytestmark = pytest.mark.parametrize("name", LANES)


async def test_reply_holds_the_documents(opened: Any, name: str) -> None:
    """A find's reply gives its documents and says that there are no more."""
    async with ScriptedServer({"find": batch([{"x": 1}, {"x": 2}])}) as server:
        reply = await opened(server.uri, name).run(find())

    assert reply.documents() == [{"x": 1}, {"x": 2}]
    assert (len(reply), reply.cursor_id, reply.pin) == (2, 0, None)


async def test_values_travel_unharmed(opened: Any, name: str) -> None:
    """The server gets the body's values with their types, the command's name first."""
    body = {
        "find": "b",
        "filter": {"a": [1, {"b": bson.Int64(5)}], "id": bson.ObjectId(b"\1" * 12)},
        "limit": bson.Int64(3),
    }
    async with ScriptedServer({"find": batch([])}) as server:
        await opened(server.uri, name).run(Command("a", body))
        got = server.commands("find")[0].body

    assert list(got)[:3] == ["find", "filter", "limit"]
    assert {key: got[key] for key in body} == body
    assert isinstance(got["filter"]["a"][1]["b"], bson.Int64)
    assert (got["$db"], got["lsid"]["id"].subtype) == ("a", 4)


async def test_command_is_not_changed(opened: Any, name: str) -> None:
    """A command is the same value after it was run, and can be run again."""
    command = insert()
    async with ScriptedServer({"insert": {"n": 2, "ok": 1.0}}) as server:
        lane = opened(server.uri, name)
        for _ in range(2):
            await lane.run(command)
        bodies = [received.body["documents"] for received in server.commands("insert")]

    assert command.body == {"insert": "b", "ordered": True}
    assert bodies == [[{"_id": 0}, {"_id": 1}]] * 2


async def test_cursor_keeps_its_session(opened: Any, name: str) -> None:
    """All batches of a cursor are fetched with one lsid, by the pin of its first."""
    more = [batch([{"x": 2}], 7, "nextBatch"), batch([{"x": 3}], 0, "nextBatch")]
    async with ScriptedServer(
        {"find": batch([{"x": 1}], 7), "getMore": more}
    ) as server:
        lane = opened(server.uri, name)
        reply = await lane.run(find())
        second = await lane.run(get_more(reply.cursor_id), reply.pin)
        third = await lane.run(get_more(reply.cursor_id), reply.pin)
        sessions = {received.body["lsid"]["id"] for received in server.received}

    documents = reply.documents() + second.documents() + third.documents()
    assert documents == [{"x": 1}, {"x": 2}, {"x": 3}]
    assert (reply.cursor_id, third.cursor_id, third.pin) == (7, 0, None)
    assert len(sessions) == 1


async def test_forgotten_command_arrives(opened: Any, name: str) -> None:
    """killCursors is sent in the background, with the cursor's session."""
    kill = Command("a", {"killCursors": "b", "cursors": [bson.Int64(7)]})
    async with ScriptedServer({"find": batch([], 7)}) as server:
        lane = opened(server.uri, name)
        reply = await lane.run(find())
        lane.forget(kill, reply.pin)
        for _ in range(100):
            await asyncio.sleep(0.01)
            if server.commands("killCursors"):
                break
        found, killed = server.commands("find")[0], server.commands("killCursors")[0]

    assert killed.body["cursors"] == [7]
    assert killed.body["lsid"] == found.body["lsid"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"code": 43, "codeName": "CursorNotFound"}, errors.CursorNotFoundError),
        ({"code": 50}, errors.ExecutionTimeoutError),
        ({"code": 11000}, errors.DuplicateKeyError),
        ({"code": 13, "errorLabels": ["Some"]}, errors.ServerError),
        (NOT_PRIMARY, errors.NotPrimaryError),
        ({}, errors.ServerError),
    ],
)
async def test_refusals_have_their_class(
    opened: Any, name: str, reply: dict[str, Any], error: type[errors.ServerError]
) -> None:
    """``ok: 0`` is raised as the class of its code, with the reply inside."""
    answer = {"errmsg": "because", **reply, "ok": 0.0}
    async with ScriptedServer({"update": answer}) as server:
        lane = opened(server.uri, name)
        with pytest.raises(errors.MongolaneError) as caught:
            await lane.run(Command("a", {"update": "b"}, is_write=True))

    assert type(caught.value) is error
    assert caught.value.code == reply.get("code")
    assert dict(caught.value.details)["errmsg"] == answer["errmsg"]
    for label in reply.get("errorLabels", ()):
        assert caught.value.has_error_label(label)


async def test_write_errors_are_left_to_the_caller(opened: Any, name: str) -> None:
    """A reply with ok: 1 is given back whatever writes it says were refused."""
    refused = [{"index": 0, "code": 11000, "errmsg": "E11000"}]
    async with ScriptedServer(
        {"insert": {"n": 1, "writeErrors": refused, "ok": 1.0}}
    ) as server:
        reply = await opened(server.uri, name).run(insert())

    assert reply.has_write_errors
    assert reply.document()["writeErrors"] == refused


@pytest.mark.parametrize(
    "answer",
    [
        Close(),
        Cut(30),
        Raw(lambda _, right: b"\xff\xff\xff\x7f" + right[4:]),
        Raw(lambda _, right: b"\x05\0\0\0" + right[4:]),
    ],
    ids=["closed", "cut", "too long", "too short"],
)
async def test_broken_connection_is_a_network_error(
    opened: Any, name: str, answer: Any
) -> None:
    """A reply that doesn't come whole is a network error, and the next call works."""
    async with ScriptedServer({"update": answer}) as server:
        lane = opened(server.uri, name)
        with pytest.raises((errors.NetworkError, errors.ProtocolError)):
            await lane.run(Command("a", {"update": "b"}, is_write=True))
        server.script["update"] = OK
        reply = await lane.run(Command("a", {"update": "b"}, is_write=True))

    assert reply.ok


async def test_unreachable_server_is_named_in_time(opened: Any, name: str) -> None:
    """Nobody listening: an error within the selection timeout, with the address."""
    lane = opened("mongodb://127.0.0.1:1/", name, serverSelectionTimeoutMS=300)
    begin = time.monotonic()
    with pytest.raises(errors.ServerSelectionTimeoutError, match=r"127\.0\.0\.1:1"):
        await lane.run(PING)

    assert time.monotonic() - begin < 2


async def test_wrong_password_is_an_authentication_error(
    opened: Any, name: str
) -> None:
    """A wrong password is told as such, and never shown."""
    async with ScriptedServer(users={"user": "pencil"}) as server:
        lane = opened(f"mongodb://user:wr0ng-secret@{server.address}/", name)
        with pytest.raises(errors.AuthenticationError) as caught:
            await lane.run(PING)

    assert "wr0ng" not in f"{caught.value!r} {caught.value.__cause__!r} {lane!r}"
    assert caught.value.code == 18


async def test_right_password_opens(opened: Any, name: str) -> None:
    """Credentials from the URI are used, percent-encoding undone."""
    async with ScriptedServer(users={"us:er": "p@ss/wörd"}) as server:
        uri = f"mongodb://us%3Aer:p%40ss%2Fw%C3%B6rd@{server.address}/"
        reply = await opened(uri, name).run(PING)

    assert reply.ok


async def test_credentials_may_be_options(opened: Any, name: str) -> None:
    """username= and password= win over a URI without any."""
    async with ScriptedServer(users={"user": "pencil"}) as server:
        lane = opened(server.uri, name, username="user", password="pencil")
        reply = await lane.run(PING)

    assert reply.ok


async def test_limits_are_the_servers(opened: Any, name: str) -> None:
    """Limits are what hello said; PyMongo's command takes no more than a document."""
    hello = {"maxBsonObjectSize": 1000, "maxWriteBatchSize": 7}
    async with ScriptedServer(hello=hello) as server:
        limits = await opened(server.uri, name).limits()

    sizes = (limits.max_document_size, limits.max_message_size)
    assert sizes == (1000, 48_000_000 if name == "direct" else 1000 - 49 + 16 * 1024)
    assert limits.max_write_batch_size == 7


async def test_reads_are_repeated_once(opened: Any, name: str) -> None:
    """A retryable read that met a network error is sent a second time."""
    async with ScriptedServer({"find": [Close(), batch([{"x": 1}])]}) as server:
        reply = await opened(server.uri, name).run(find())

    assert reply.documents() == [{"x": 1}]
    assert len(server.commands("find")) == 2


async def test_unacknowledged_write_is_answered_at_once(opened: Any, name: str) -> None:
    """A write with w: 0 gives an ok reply and reaches the server."""
    command = Command(
        "a",
        {"delete": "b", "deletes": [], "writeConcern": {"w": 0}},
        is_write=True,
        acknowledged=False,
    )
    async with ScriptedServer({"delete": OK}) as server:
        lane = opened(server.uri, name)
        reply = await lane.run(command)
        await lane.run(PING)

    assert reply.ok
    assert len(server.commands("delete")) == 1


async def test_closed_lane_says_so(name: str) -> None:
    """After close, which may be called twice, a command is refused."""
    async with ScriptedServer() as server:
        lane = open_lane(server.uri, name)
        await lane.run(PING)
        await lane.close()
        await lane.close()
        with pytest.raises(errors.NotConnectedError):
            await lane.run(PING)


async def test_close_before_use(name: str) -> None:
    """A lane that never connected can be closed, and does not connect afterwards."""
    async with ScriptedServer() as server:
        lane = open_lane(server.uri, name)
        await lane.close()
        with pytest.raises(errors.NotConnectedError):
            await lane.run(PING)

    assert server.connections == 0


async def test_client_is_at_hand(opened: Any, name: str) -> None:
    """Each lane gives an AsyncMongoClient for whatever it doesn't wrap."""
    async with ScriptedServer() as server:
        lane = opened(server.uri, name)
        await lane.run(PING)
        answer = await lane.client.admin.command("ping")

    assert answer["ok"] == 1.0


# -- on whole servers ---------------------------------------------------------------


async def test_crud_on_a_server(
    opened: Any, name: str, server: Any, database_name: str
) -> None:
    """Insert, find in several batches, update and delete do what they say."""
    lane = opened(server.uri, name, serverSelectionTimeoutMS=10_000)
    documents = [bson.encode({"_id": n, "x": "y" * n}) for n in range(250)]
    inserted = await lane.run(
        Command(
            database_name,
            {"insert": "c"},
            sequence=("documents", documents),
            is_write=True,
            retryable=True,
        )
    )
    body = {"find": "c", "filter": {}, "sort": {"_id": 1}, "batchSize": 100}
    reply = await lane.run(Command(database_name, body, retryable=True))
    found = reply.raw()
    pin, cursor = reply.pin, reply.cursor_id
    while cursor:
        more = {"getMore": bson.Int64(cursor), "collection": "c", "batchSize": 100}
        reply = await lane.run(Command(database_name, more), pin)
        found += reply.raw()
        cursor = reply.cursor_id
    deleted = await lane.run(
        Command(
            database_name,
            {"delete": "c", "deletes": [{"q": {"_id": {"$lt": 10}}, "limit": 0}]},
            is_write=True,
        )
    )

    assert inserted.document()["n"] == 250
    assert found == documents
    assert deleted.document()["n"] == 10


async def test_duplicate_on_a_server(
    opened: Any, name: str, server: Any, database_name: str
) -> None:
    """A duplicate key is a write error of the reply, with its code."""
    lane = opened(server.uri, name, serverSelectionTimeoutMS=10_000)
    one = ("documents", [bson.encode({"_id": 1})])
    command = Command(
        database_name, {"insert": "c"}, sequence=one, is_write=True, retryable=True
    )
    await lane.run(command)
    reply = await lane.run(command)

    assert reply.has_write_errors
    assert reply.document()["writeErrors"][0]["code"] == 11000


async def test_unknown_command_on_a_server(opened: Any, name: str, server: Any) -> None:
    """A command no server has is refused with MongoDB's code."""
    lane = opened(server.uri, name, serverSelectionTimeoutMS=10_000)
    with pytest.raises(errors.ServerError) as caught:
        await lane.run(Command("a", {f"x{uuid.uuid4().hex}": 1}))

    assert caught.value.code == 59
