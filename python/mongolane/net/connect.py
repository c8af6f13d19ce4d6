"""
From an address to a connection that is greeted and authenticated.

Everything here is slow, done once for each connection, and happens in a task of
the pool, never in the task of a caller.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import codec
from ..errors import NetworkError, NetworkTimeoutError, from_reply
from ..wire import Ask, Credential, Derivation, Steps, handshake
from .connection import Connection

__all__ = ["Target", "database_element", "open_connection"]


@dataclass(frozen=True, slots=True)
class Target:
    """
    A server, and how to come to be talking with it.

    Attributes:
        host: a name, an address, or the path of a Unix socket.
        port: None for a Unix socket.
        connect_timeout: seconds for TCP, TLS and handshake together; None: no limit.
    """

    host: str
    port: int | None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    credential: Credential | None = None
    tls: ssl.SSLContext | None = None
    connect_timeout: float | None = 20.0

    @property
    def peer(self) -> str:
        """The address as people write it."""
        if self.port is None:
            return self.host
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


async def open_connection(target: Target) -> Connection:
    """
    Connect, greet, authenticate.

    Raises:
        NetworkError: the server cannot be reached; names it.
        AuthenticationError: it doesn't accept the credential.
    """
    connection = Connection(asyncio.get_running_loop(), target.peer)
    try:
        async with asyncio.timeout(target.connect_timeout):
            await _open_socket(target, connection)
            await _converse(target, connection)
    except TimeoutError:
        connection.abort()
        raise NetworkTimeoutError(
            f"{target.peer}: no connection within {target.connect_timeout:g} s"
        ) from None
    except OSError as error:
        connection.abort()
        raise NetworkError(f"{target.peer}: {_reason(error)}") from error
    except BaseException:
        connection.abort()
        raise
    return connection


def _reason(error: OSError) -> str:
    """The error as text, without the address that asyncio puts in its place."""
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__


async def _open_socket(target: Target, connection: Connection) -> None:
    loop = asyncio.get_running_loop()
    if target.port is None:
        await loop.create_unix_connection(lambda: connection, target.host)
        return
    transport, _ = await loop.create_connection(
        lambda: connection,
        target.host,
        target.port,
        ssl=target.tls,
        happy_eyeballs_delay=0.25,
    )
    _tune(transport.get_extra_info("socket"))


# Keepalive as the drivers' specifications ask (connections: idle 120 s,
# interval 10 s, 9 probes), so that a connection whose peer is gone is noticed.
_KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 9))


def _tune(sock: Any) -> None:
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _converse(target: Target, connection: Connection) -> None:
    """Run the handshake's steps over the connection."""
    steps = handshake(target.metadata, target.credential)
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            connection.greeting = done.value
            return
        answer = await _take(step, connection, steps)


async def _take(step: Ask | Derivation, connection: Connection, steps: Steps) -> Any:
    if isinstance(step, Derivation):
        # 15,000 rounds of PBKDF2 are 5 ms: not on the event loop.
        loop = asyncio.get_running_loop()
        return step.cached() or await loop.run_in_executor(None, step.compute)
    body = codec.encode_command(step.body, database_element(step.database))
    reply = codec.decode(await connection.request(body))
    if not reply.get("ok"):
        steps.close()
        raise from_reply(reply)
    return reply


def database_element(name: str) -> bytes:
    """``$db`` as a BSON element."""
    text = name.encode() + b"\0"
    return b"\x02$db\0" + len(text).to_bytes(4, "little") + text
