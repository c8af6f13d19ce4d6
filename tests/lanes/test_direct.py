"""What only the direct lane does itself: sessions, gossip, preferences, retry."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import bson
import pytest
from pymongo import ReadPreference
from pymongo.read_preferences import Secondary

from mongolane import errors
from mongolane.commands import Command
from mongolane.testing import Close, Delay, Hang, ScriptedServer

from .replies import NOT_PRIMARY, OK, PING, RETRYABLE, batch, find, get_more, insert

UPDATE = Command("a", {"update": "b"}, is_write=True)


def clock(seconds: int, increment: int = 0) -> dict[str, Any]:
    signature = {"hash": b"\0" * 20, "keyId": bson.Int64(1)}
    moment = bson.Timestamp(seconds, increment)
    return {"$clusterTime": {"clusterTime": moment, "signature": signature}}


# -- sessions -----------------------------------------------------------------------


async def test_one_session_after_the_other(opened: Any) -> None:
    """Commands in a row use one session, commands at once use one each."""
    async with ScriptedServer({"find": Delay(0.02, batch([]))}) as server:
        lane = opened(server.uri)
        for _ in range(3):
            await lane.run(find())
        in_a_row = {one.body["lsid"]["id"] for one in server.received}
        server.received.clear()
        await asyncio.gather(*(lane.run(find()) for _ in range(3)))
        at_once = {one.body["lsid"]["id"] for one in server.received}

    assert (len(in_a_row), len(at_once)) == (1, 3)


async def test_sessions_end_on_close(opened: Any) -> None:
    """Closing sends endSessions with every session that was free."""
    async with ScriptedServer({"find": batch([])}) as server:
        lane = opened(server.uri)
        await lane.run(find())
        used = server.commands("find")[0].body["lsid"]
        await lane.close()

    assert [one.body["endSessions"] for one in server.commands("endSessions")] == [
        [used]
    ]


async def test_broken_request_spoils_its_session(opened: Any) -> None:
    """After a network error, and after a cancellation, the session isn't used again."""
    async with ScriptedServer({"update": [Close(), Hang(), OK]}) as server:
        lane = opened(server.uri)
        with pytest.raises(errors.NetworkError):
            await lane.run(UPDATE)
        task = asyncio.create_task(lane.run(UPDATE))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])
        await lane.run(UPDATE)
        sessions = [one.body["lsid"]["id"] for one in server.commands("update")]

    assert len(set(sessions)) == 3


async def test_refusal_keeps_the_session(opened: Any) -> None:
    """An ok: 0 reply is an answer like any other to a session."""
    refusal = {"ok": 0.0, "code": 2, "errmsg": "bad value"}
    async with ScriptedServer({"update": [refusal, OK]}) as server:
        lane = opened(server.uri)
        with pytest.raises(errors.ServerError):
            await lane.run(UPDATE)
        await lane.run(UPDATE)
        sessions = {one.body["lsid"]["id"] for one in server.commands("update")}

    assert len(sessions) == 1


async def test_no_session_where_none_is_known(opened: Any) -> None:
    """A server without logicalSessionTimeoutMinutes gets no lsid."""
    hello = {"logicalSessionTimeoutMinutes": None}
    async with ScriptedServer(hello=hello, replica_set=False) as server:
        await opened(server.uri).run(PING)

    assert "lsid" not in server.commands("ping")[-1].body


async def test_unacknowledged_write_has_no_session(opened: Any) -> None:
    """w: 0 carries moreToCome and neither lsid nor txnNumber."""
    async with ScriptedServer() as server:
        lane = opened(server.uri)
        await lane.run(insert(acknowledged=False))
        await lane.run(PING)
        (received,) = server.commands("insert")

    assert received.flags == 2
    assert not {"lsid", "txnNumber"} & set(received.body)


# -- gossip -------------------------------------------------------------------------


async def test_highest_cluster_time_is_passed_on(opened: Any) -> None:
    """The highest $clusterTime of any reply, errors too, goes with each command."""
    replies = [
        {**OK, **clock(5)},
        {"ok": 0.0, "code": 2, "errmsg": "no", **clock(7, 3)},
        {**OK, **clock(6)},
        OK,
    ]
    async with ScriptedServer({"update": replies}) as server:
        lane = opened(server.uri)
        for _ in range(4):
            with contextlib.suppress(errors.ServerError):
                await lane.run(UPDATE)
        sent = [one.body.get("$clusterTime") for one in server.commands("update")]

    expected = [None, *(clock(*of)["$clusterTime"] for of in ((5,), (7, 3), (7, 3)))]
    assert sent == expected


# -- read preference ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "preference", "expected"),
    [
        ("", None, None),
        ("directConnection=true", None, {"mode": "primaryPreferred"}),
        ("", ReadPreference.NEAREST, {"mode": "nearest"}),
        ("readPreference=primaryPreferred", None, {"mode": "primaryPreferred"}),
        (
            "directConnection=true",
            Secondary(tag_sets=[{"dc": "x"}]),
            {"mode": "secondary", "tags": [{"dc": "x"}]},
        ),
    ],
)
async def test_read_preference_is_sent_where_it_belongs(
    opened: Any, options: str, preference: Any, expected: Any
) -> None:
    """A replica set's member is told the preference by the specification's rules."""
    async with ScriptedServer({"find": batch([])}) as server:
        lane = opened(f"{server.uri}?{options}")
        await lane.run(find(read_preference=preference))

    assert server.commands("find")[0].body.get("$readPreference") == expected


async def test_standalone_gets_no_preference(opened: Any) -> None:
    """A standalone server is never told a read preference."""
    async with ScriptedServer({"find": batch([])}, replica_set=False) as server:
        lane = opened(f"{server.uri}?directConnection=true")
        await lane.run(find(read_preference=ReadPreference.NEAREST))

    assert "$readPreference" not in server.commands("find")[0].body


async def test_mongos_is_told(opened: Any) -> None:
    """A mongos is told every preference but primary."""
    hello = {"msg": "isdbgrid"}
    async with ScriptedServer(
        {"find": batch([])}, hello=hello, replica_set=False
    ) as server:
        lane = opened(server.uri)
        await lane.run(find())
        await lane.run(find(read_preference=ReadPreference.SECONDARY_PREFERRED))
        sent = [one.body.get("$readPreference") for one in server.commands("find")]

    assert sent == [None, {"mode": "secondaryPreferred"}]


# -- retry --------------------------------------------------------------------------


async def test_write_is_repeated_with_its_number(opened: Any) -> None:
    """A retryable write is sent again with the same lsid and txnNumber."""
    async with ScriptedServer({"insert": [Close(), {"n": 2, "ok": 1.0}]}) as server:
        reply = await opened(server.uri).run(insert())
        first, second = (one.body for one in server.commands("insert"))

    assert reply.document()["n"] == 2
    assert first["lsid"] == second["lsid"]
    assert first["txnNumber"] == second["txnNumber"] == 1
    assert isinstance(first["txnNumber"], bson.Int64)
    assert first["documents"] == second["documents"]


async def test_numbers_grow_with_the_session(opened: Any) -> None:
    """Each retryable write of a session has the next number."""
    async with ScriptedServer({"insert": {"n": 2, "ok": 1.0}}) as server:
        lane = opened(server.uri)
        for _ in range(3):
            await lane.run(insert())
        numbers = [one.body["txnNumber"] for one in server.commands("insert")]

    assert numbers == [1, 2, 3]


@pytest.mark.parametrize("answer", [RETRYABLE, NOT_PRIMARY])
async def test_labels_decide_about_writes(opened: Any, answer: Any) -> None:
    """A write is repeated on the server's label, and not on the code alone."""
    async with ScriptedServer({"insert": [answer, {"n": 2, "ok": 1.0}]}) as server:
        lane = opened(server.uri)
        if answer is RETRYABLE:
            await lane.run(insert())
        else:
            with pytest.raises(errors.NotPrimaryError):
                await lane.run(insert())

    assert len(server.commands("insert")) == (2 if answer is RETRYABLE else 1)


async def test_retryable_write_concern_error_is_repeated(opened: Any) -> None:
    """A labelled write concern error inside ok: 1 is a reason to send again."""
    concern = {"code": 91, "errmsg": "shutting down"}
    labelled = {
        "n": 2,
        "writeConcernError": concern,
        "errorLabels": ["RetryableWriteError"],
        "ok": 1.0,
    }
    async with ScriptedServer({"insert": [labelled, {"n": 2, "ok": 1.0}]}) as server:
        reply = await opened(server.uri).run(insert())

    assert "writeConcernError" not in reply.document()
    assert len(server.commands("insert")) == 2


@pytest.mark.parametrize("code", [11600, 11602, 10107, 13435, 189, 91, 7, 6, 89, 262])
async def test_codes_decide_about_reads(opened: Any, code: int) -> None:
    """A read is repeated after each of the specification's codes."""
    refusal = {"ok": 0.0, "code": code, "errmsg": "later"}
    async with ScriptedServer({"find": [refusal, batch([])]}) as server:
        await opened(server.uri).run(find())

    assert len(server.commands("find")) == 2


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ("retryReads=false", find()),
        ("retryWrites=false", insert()),
        ("", Command("a", {"find": "b"})),
        ("", UPDATE),
    ],
    ids=["retryReads=false", "retryWrites=false", "plain read", "plain write"],
)
async def test_no_repeat_where_none_is_allowed(
    opened: Any, options: str, command: Command
) -> None:
    """What isn't retryable, or was told not to be, is sent once and has no number."""
    name = next(iter(command.body))
    async with ScriptedServer({name: Close()}) as server:
        with pytest.raises(errors.NetworkError):
            await opened(f"{server.uri}?{options}").run(command)

    assert ["txnNumber" in one.body for one in server.commands(name)] == [False]


async def test_standalone_gets_no_numbers(opened: Any) -> None:
    """A standalone server doesn't know retryable writes."""
    async with ScriptedServer({"insert": OK}, replica_set=False) as server:
        await opened(server.uri).run(insert())

    assert "txnNumber" not in server.commands("insert")[0].body


async def test_second_error_is_told(opened: Any) -> None:
    """When both attempts fail, the last one's error is raised and labelled."""
    async with ScriptedServer({"insert": Close()}) as server:
        with pytest.raises(errors.NetworkError) as caught:
            await opened(server.uri).run(insert())

    assert caught.value.has_error_label("RetryableWriteError")
    assert len(server.commands("insert")) == 2


async def test_first_error_is_told_when_nothing_was_written(opened: Any) -> None:
    """A second error that says nothing was written doesn't hide the first."""
    nothing = {**RETRYABLE, "errorLabels": ["RetryableWriteError", "NoWritesPerformed"]}
    async with ScriptedServer({"insert": [Close(), nothing]}) as server:
        with pytest.raises(errors.NetworkError):
            await opened(server.uri).run(insert())


# -- the pool, seen from outside ------------------------------------------------------


async def test_exhausted_pool_tells_its_figures(opened: Any) -> None:
    """With every connection busy, the error has the figures, and the pool survives."""
    async with ScriptedServer({"find": Delay(0.2, batch([]))}) as server:
        lane = opened(server.uri, maxPoolSize=1, waitQueueTimeoutMS=50)
        busy = asyncio.create_task(lane.run(find()))
        await asyncio.sleep(0.05)
        with pytest.raises(errors.WaitQueueTimeoutError, match="1 in use, 0 idle"):
            await lane.run(find())
        await busy
        (stats,) = lane.pool_stats()

    assert (stats.size, stats.idle, stats.generation) == (1, 1, 0)


async def test_socket_timeout_spares_the_others(opened: Any) -> None:
    """socketTimeoutMS ends one request and closes only its own connection."""
    answers = [Hang(), OK]
    async with ScriptedServer({"update": answers, "find": batch([])}) as server:
        lane = opened(server.uri, socketTimeoutMS=100)
        await asyncio.gather(lane.run(find()), lane.run(find()))
        with pytest.raises(errors.NetworkTimeoutError):
            await lane.run(UPDATE)
        (stats,) = lane.pool_stats()
        await lane.run(UPDATE)

    assert stats.generation == 0


async def test_minimum_size_is_opened(opened: Any) -> None:
    """minPoolSize connections open by themselves."""
    async with ScriptedServer() as server:
        lane = opened(server.uri, minPoolSize=3)
        await lane.run(PING)
        await asyncio.sleep(0.1)
        (stats,) = lane.pool_stats()

    assert stats.size == 3


async def test_restarted_server_is_found_again(opened: Any) -> None:
    """After all connections were cut, the next commands work on new ones."""
    async with ScriptedServer({"find": batch([])}) as server:
        lane = opened(server.uri, serverSelectionTimeoutMS=5000)
        await lane.run(find())
        server.disconnect()
        await asyncio.sleep(0.05)
        reply = await lane.run(find())

    assert reply.ok


async def test_pinned_getmore_of_a_dead_cursor(opened: Any) -> None:
    """A getMore that fails lets its session go once, and a later one still works."""
    gone = {"ok": 0.0, "code": 43, "errmsg": "cursor id 7 not found"}
    async with ScriptedServer({"find": batch([], 7), "getMore": gone}) as server:
        lane = opened(server.uri)
        reply = await lane.run(find())
        for _ in range(2):
            with pytest.raises(errors.CursorNotFoundError):
                await lane.run(get_more(7), reply.pin)

    assert len(lane._sessions) == 1
