"""``endSessions`` on closing: a courtesy to the server, never a reason to wait long."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from ..net import database_element
from ._servers import Server
from ._sessions import SessionPool

__all__ = ["end_sessions"]

_PATIENCE = 1.0


async def end_sessions(servers: Iterable[Server], sessions: SessionPool) -> None:
    """
    Tell one server which sessions have ended; errors are ignored.

    Specification: driver-sessions, "endSession": batches of 10,000, to ``admin``, on a
    connection that is open already.
    """
    with contextlib.suppress(Exception):
        async with asyncio.timeout(_PATIENCE):
            for server in servers:
                if server.has_sessions and await _send_all(server, sessions):
                    return


async def _send_all(server: Server, sessions: SessionPool) -> bool:
    connection = server.pool.take()
    if connection is None:
        return False
    try:
        for batch in sessions.drain():
            await connection.request(_command(batch))
    finally:
        server.pool.give(connection)
    return True


def _command(documents: list[bytes]) -> bytes:
    """``{endSessions: [...], $db: "admin"}``, written by hand from ready documents."""
    items = b"".join(
        b"\x03" + str(index).encode() + b"\0" + document
        for index, document in enumerate(documents)
    )
    array = (len(items) + 5).to_bytes(4, "little") + items + b"\0"
    body = b"\x04endSessions\0" + array + database_element("admin")
    return (len(body) + 5).to_bytes(4, "little") + body + b"\0"
