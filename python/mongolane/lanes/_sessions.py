"""
Implicit sessions: server session ids, used again and again.

A session is taken after the connection is, and goes back right after the
operation, or with the last batch of its cursor. Last in, first out, so that the
rest may expire. One that a request died with is *dirty* and dropped: the server
may still be running what it named. Specification: driver-sessions.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterator

__all__ = ["ServerSession", "SessionPool"]


class ServerSession:
    """
    One logical session id.

    Attributes:
        document: ``{"id": <uuid>}`` as BSON.
        element: ``lsid: {"id": <uuid>}`` as a BSON element, ready to append.
        transaction: the number of the last retryable write; only ever grows.
        last_used: when it was last taken, in loop time.
    """

    __slots__ = ("document", "element", "last_used", "transaction")

    def __init__(self) -> None:
        binary = b"\x10\0\0\0\x04" + uuid.uuid4().bytes
        self.document: bytes = b"\x1e\0\0\0\x05id\0" + binary + b"\0"
        self.element: bytes = b"\x03lsid\0" + self.document
        self.transaction: int = 0
        self.last_used: float = 0.0

    def next_transaction(self) -> bytes:
        """``txnNumber`` as a BSON element, one higher than the last."""
        self.transaction += 1
        return b"\x12txnNumber\0" + self.transaction.to_bytes(8, "little")


class SessionPool:
    """The sessions nobody uses at the moment."""

    __slots__ = ("_free", "lifetime")

    def __init__(self) -> None:
        self._free: deque[ServerSession] = deque()
        self.lifetime = 29 * 60.0
        """Seconds: a minute less than the server's ``logicalSessionTimeoutMinutes``."""

    def __len__(self) -> int:
        return len(self._free)

    def acquire(self, now: float) -> ServerSession:
        """A session that will not expire on the way."""
        while self._free:
            session = self._free.pop()
            if now - session.last_used < self.lifetime:
                session.last_used = now
                return session
        session = ServerSession()
        session.last_used = now
        return session

    def release(self, session: ServerSession) -> None:
        """Take back a session that no request died with."""
        self._free.append(session)

    def clear(self) -> None:
        """Forget all; the server lets them expire."""
        self._free.clear()

    def drain(self, size: int = 10_000) -> Iterator[list[bytes]]:
        """Take all out, as documents, in batches for ``endSessions``."""
        while self._free:
            count = min(size, len(self._free))
            yield [self._free.pop().document for _ in range(count)]
