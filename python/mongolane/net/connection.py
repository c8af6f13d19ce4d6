"""
One socket: a ``wire`` conversation driven by an asyncio transport.

Theory of operation. ``request`` writes a message and returns a Future; when the
whole reply is there, the Future gets its document. No Task, no lock, no context
manager, no timer for each request: a deadline is a number that the pool's sweep
looks at.

The danger of such a thing is the reply that arrives for somebody who has gone
(CVE-2023-28858 is redis-py's). From the first byte written to the last byte read
the connection is ``in_flight``, whatever became of the caller, and only a whole
reply ends that. Whoever gives a connection back while it is in flight gives back
a dead one: the pool aborts it. So cancellation needs no clean-up that awaits.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from ..errors import NetworkError, NetworkTimeoutError, ProtocolError
from ..wire import ClientConversation, Greeting

__all__ = ["Connection"]


def _nowhere(data: bytes) -> None:
    raise NetworkError("the event loop of this connection is closed")


Sequenced = tuple[str, Sequence[bytes]] | None


class Connection(asyncio.BufferedProtocol):
    """
    Made by ``connect.open_connection``; used by one request at a time.

    Attributes:
        peer: ``host:port`` or the socket's path, for messages.
        greeting: what the server said of itself.
        generation: the pool's generation when this connection was begun.
        deadline: when the request in flight is given up, in loop time.
        idle_since: when it was last given back, in loop time.
        is_closed: nothing more can be sent.
        on_lost: called once when the transport is gone.
    """

    __slots__ = (
        "_conversation",
        "_loop",
        "_transport",
        "_waiter",
        "_write",
        "deadline",
        "generation",
        "get_buffer",
        "greeting",
        "idle_since",
        "is_closed",
        "on_lost",
        "peer",
    )

    peer: str
    deadline: float
    idle_since: float

    def __init__(self, loop: asyncio.AbstractEventLoop, peer: str) -> None:
        self._loop, self.peer = loop, peer
        self._conversation = ClientConversation()
        # The transport asks for the buffer before each read: one call less.
        self.get_buffer: Callable[[int], memoryview] = self._conversation.get_buffer  # type: ignore[assignment]
        self._transport: asyncio.Transport | None = None
        self._write: Callable[[bytes], None] = _nowhere
        self._waiter: asyncio.Future[bytes] | None = None
        self.greeting: Greeting = Greeting()
        self.generation: int = 0
        self.deadline, self.idle_since = math.inf, 0.0
        self.is_closed: bool = False
        self.on_lost: Callable[[Connection], None] | None = None

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "busy" if self.in_flight else "idle"
        return f"<Connection {self.peer} {state}>"

    @property
    def in_flight(self) -> bool:
        """Whether a reply is still owed; such a connection serves nobody else."""
        return self._waiter is not None

    # -- asking ---------------------------------------------------------------

    def request(
        self,
        body: bytes,
        sequence: Sequenced = None,
        waiter: asyncio.Future[bytes] | None = None,
    ) -> asyncio.Future[bytes]:
        """
        Send a command; the Future, a new one or ``waiter``, gets the reply's document.

        The caller awaits the Future itself and nothing around it. Cancelling it
        leaves the connection in flight.
        """
        if self._waiter is not None or self.is_closed:
            raise self._unusable()
        if waiter is None:
            waiter = self._loop.create_future()
        self._waiter = waiter
        self._write(self._conversation.request(body, sequence))
        return waiter

    def ask(
        self,
        elements: bytes,
        tail: bytes,
        session: bytes,
        cluster: bytes,
        waiter: asyncio.Future[bytes] | None,
    ) -> asyncio.Future[bytes]:
        """``request`` with a document whose elements lie in four places."""
        if self._waiter is not None or self.is_closed:
            raise self._unusable()
        if waiter is None:
            waiter = self._loop.create_future()
        self._waiter = waiter
        self._write(self._conversation.ask(elements, tail, session, cluster))
        return waiter

    def notify(self, body: bytes, sequence: Sequenced = None) -> None:
        """Send a command that gets no reply (``w: 0``)."""
        if self._waiter is not None or self.is_closed:
            raise self._unusable()
        self._write(self._conversation.notice(body, sequence))

    def _unusable(self) -> NetworkError:
        if self.is_closed:
            return NetworkError(f"{self.peer}: the connection is closed")
        return ProtocolError(f"{self.peer}: a second request while one is in flight")

    def abort(self, error: Exception | None = None) -> None:
        """
        Close at once, without a word to the peer; safe in any ``finally``.

        Args:
            error: what the request in flight gets; a NetworkError when None.
        """
        if self.is_closed:
            return
        self.is_closed = True
        if self._transport is not None:
            self._transport.abort()
        self._fail(error or NetworkError(f"{self.peer}: the connection was closed"))

    def expire(self) -> None:
        """Give up the request in flight: its deadline is over."""
        self.abort(NetworkTimeoutError(f"{self.peer}: no reply in time"))

    def forget(self) -> None:
        """Let go of a transport whose event loop is gone; nothing is sent."""
        self.is_closed, self.on_lost = True, None
        self._transport = self._waiter = None
        self._write = _nowhere

    def _fail(self, error: Exception) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)

    # -- what the transport calls ---------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._write = transport.write

    def buffer_updated(self, nbytes: int) -> None:
        try:
            data = self._conversation.received(nbytes)
        except ProtocolError as error:
            self.abort(ProtocolError(f"{self.peer}: {error}"))
            return
        if data is not None:
            waiter, self._waiter = self._waiter, None
            if waiter is not None and not waiter.done():
                waiter.set_result(data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_closed:
            self.is_closed = True
            half = not self._conversation.is_between_messages
            how = "in the middle of a reply" if half else "by the server"
            error = NetworkError(f"{self.peer}: the connection was closed {how}")
            error.__cause__ = exc
            self._fail(error)
        if self.on_lost is not None:
            self.on_lost(self)
            self.on_lost = None
