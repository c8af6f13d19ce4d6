"""The scripted server, as a program's own tests would use it."""

from __future__ import annotations

from typing import Any

import pymongo
import pymongo.errors
import pytest

from mongolane.testing import Close, Delay, ScriptedServer


async def command(server: ScriptedServer, *given: Any) -> Any:
    """One command by PyMongo's client, so that our own doesn't judge itself."""
    async with pymongo.AsyncMongoClient(
        server.uri, serverSelectionTimeoutMS=2000, retryReads=False
    ) as client:
        return await client.test.command(*given)


async def test_document_is_the_answer() -> None:
    """A document in the script is the answer each time."""
    async with ScriptedServer({"count": {"n": 5, "ok": 1.0}}) as server:
        answers = [await command(server, "count", "c") for _ in range(2)]

    assert [answer["n"] for answer in answers] == [5, 5]


async def test_function_sees_the_command() -> None:
    """A function gets the command's body and gives the answer."""
    script = {"count": lambda body: {"n": len(body["count"]), "ok": 1.0}}
    async with ScriptedServer(script) as server:
        answer = await command(server, "count", "four")

    assert answer["n"] == 4


async def test_list_is_taken_in_turn() -> None:
    """A list answers one after the other and stays at its last."""
    script = {"count": [{"n": 1, "ok": 1.0}, Delay(0.001, {"n": 2, "ok": 1.0})]}
    async with ScriptedServer(script) as server:
        answers = [await command(server, "count", "c") for _ in range(3)]

    assert [answer["n"] for answer in answers] == [1, 2, 2]


async def test_close_is_seen_as_one() -> None:
    """``Close`` is a broken connection to the client."""
    async with ScriptedServer({"count": Close()}) as server:
        with pytest.raises(pymongo.errors.AutoReconnect):
            await command(server, "count", "c")


async def test_unknown_command_is_refused() -> None:
    """What the script doesn't have is refused as MongoDB would."""
    async with ScriptedServer() as server:
        with pytest.raises(pymongo.errors.OperationFailure) as caught:
            await command(server, "nonsense")

    assert caught.value.code == 59


async def test_commands_are_remembered() -> None:
    """Every command but hello is kept, sequences as part of its body."""
    async with ScriptedServer({"insert": {"n": 1, "ok": 1.0}}) as server:
        await command(server, {"insert": "c", "documents": [{"_id": 1}]})
        (received,) = server.commands("insert")

    assert received.body["documents"] == [{"_id": 1}]


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
async def test_users_are_checked(mechanism: str) -> None:
    """PyMongo authenticates against the server's half of SCRAM, or fails."""
    async with ScriptedServer(users={"user": "pencil"}) as server:
        for password, fails in (("pencil", False), ("wrong", True)):
            client: Any = pymongo.AsyncMongoClient(
                server.uri, username="user", password=password, authMechanism=mechanism
            )
            outcome: Any = None
            try:
                await client.admin.command("ping")
            except pymongo.errors.OperationFailure as error:
                outcome = error
            await client.close()

            assert (outcome is not None) is fails
