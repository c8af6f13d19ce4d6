"""One socket, against a server that behaves and misbehaves as written down."""

from __future__ import annotations

import asyncio
import socket
import time

import bson
import pytest

from mongolane.errors import NetworkError, NetworkTimeoutError, ProtocolError
from mongolane.net import Connection, Target, open_connection
from mongolane.testing import Close, Cut, Delay, Hang, Raw, ScriptedServer

PING = bson.encode({"ping": 1, "$db": "admin"})


async def connected(server: ScriptedServer) -> Connection:
    return await open_connection(Target("127.0.0.1", server.port))


async def test_request_gets_its_reply() -> None:
    """The Future of a request gives the reply's document, and the next one works."""
    async with ScriptedServer(
        {"ping": [{"ok": 1, "n": 1}, {"ok": 1, "n": 2}]}
    ) as server:
        connection = await connected(server)
        answers = [bson.decode(await connection.request(PING)) for _ in range(2)]
        connection.abort()

    assert [answer["n"] for answer in answers] == [1, 2]


async def test_large_reply_arrives_whole() -> None:
    """A reply of several megabytes is not cut."""
    text = "x" * 5_000_000
    async with ScriptedServer({"ping": {"ok": 1, "text": text}}) as server:
        connection = await connected(server)
        answer = bson.decode(await connection.request(PING))
        connection.abort()

    assert answer["text"] == text


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Close(), NetworkError, "closed by the server"),
        (Cut(30), NetworkError, "middle of a reply"),
        (Cut(4), NetworkError, "middle of a reply"),
        (
            Raw(lambda _, right: b"\xff\xff\xff\x7f" + right[4:]),
            ProtocolError,
            "length",
        ),
        (Raw(lambda _, right: b"\x05\0\0\0" + right[4:]), ProtocolError, "length 5"),
        (
            Raw(lambda _, right: right[:8] + b"\x63\0\0\0" + right[12:]),
            ProtocolError,
            "reply to request 99",
        ),
        (Raw(lambda _, right: right + right), ProtocolError, "behind the end"),
    ],
)
async def test_broken_replies_close_the_connection(
    answer: object, error: type[Exception], said: str
) -> None:
    """A reply that is cut, wrong or too much ends request and connection."""
    async with ScriptedServer({"ping": answer}) as server:  # type: ignore[dict-item]
        connection = await connected(server)
        with pytest.raises(error, match=said):
            await connection.request(PING)

    assert connection.is_closed


async def test_errors_name_the_server() -> None:
    """The address is in the message."""
    async with ScriptedServer({"ping": Close()}) as server:
        connection = await connected(server)
        with pytest.raises(NetworkError, match=server.address):
            await connection.request(PING)


async def test_unsolicited_bytes_close() -> None:
    """Bytes that arrive while nothing is in flight end the connection."""
    twice = Raw(lambda _, right: right)
    async with ScriptedServer({"ping": twice}) as server:
        connection = await connected(server)
        await connection.request(PING)
        next(iter(server._links))._transport.write(b"x")
        await asyncio.sleep(0.05)

    assert connection.is_closed


async def test_cancelled_request_stays_in_flight() -> None:
    """After a cancellation the connection is marked until the whole reply came."""
    async with ScriptedServer({"ping": Delay(0.05)}) as server:
        connection = await connected(server)
        future = connection.request(PING)
        future.cancel()
        marked = connection.in_flight
        with pytest.raises(ProtocolError, match="in flight"):
            connection.request(PING)
        await asyncio.sleep(0.1)
        connection.abort()

    assert marked
    assert not connection.in_flight


async def test_expired_request_is_a_timeout() -> None:
    """A request past its deadline ends with a timeout error at once."""
    async with ScriptedServer({"ping": Hang()}) as server:
        connection = await connected(server)
        future = connection.request(PING)
        connection.expire()
        with pytest.raises(NetworkTimeoutError) as caught:
            await future

    assert caught.value.timeout
    assert connection.is_closed


async def test_closed_connection_refuses() -> None:
    """Nothing can be asked on a closed connection."""
    async with ScriptedServer() as server:
        connection = await connected(server)
        connection.abort()
        connection.abort()
        with pytest.raises(NetworkError, match="closed"):
            connection.request(PING)


async def test_refused_connection_names_the_address() -> None:
    """Nobody listening is an error with the address and the reason."""
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1:1: .*[Rr]efused"):
        await open_connection(Target("127.0.0.1", 1))


async def test_silent_server_is_given_up() -> None:
    """A server that accepts and says nothing costs the connect timeout, not more."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        begin = time.monotonic()
        with pytest.raises(NetworkTimeoutError, match=f"127.0.0.1:{port}"):
            await open_connection(Target("127.0.0.1", port, connect_timeout=0.1))
        elapsed = time.monotonic() - begin

    assert elapsed < 1
