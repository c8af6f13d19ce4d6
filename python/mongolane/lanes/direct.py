"""
The direct lane: our own data plane on the event loop.

Theory of operation. One request is one coroutine: find the server (an identity
check), pop a connection, take a session, encode once, write, await one Future, scan
the reply once, put both back. Whatever is rare (no server, no free connection, an
error, a cursor, a retry) has a function of its own below.

Its guarantees, whatever is cancelled or breaks and when:

- a connection that is owed a reply is closed, never given to the next caller;
- a session whose request broke is dropped: the server may still be at work on it;
- a retryable command is sent a second time at most, a write with the same
  ``lsid`` and ``txnNumber`` (``_retry``).

Specifications: driver-sessions, retryable-reads, retryable-writes, server-selection,
find_getmore_killcursors_commands. Command monitoring and
client-side timeouts belong around ``_attempt``; until they are there, ``open_lane``
chooses PyMongo's lane for whoever asks for them.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Generator
from ssl import SSLContext
from types import coroutine
from typing import Any, ClassVar

from pymongo import AsyncMongoClient
from pymongo.client_options import ClientOptions
from pymongo.errors import PyMongoError

from ..abc import Command, Reply
from ..codec import Reply as ScannedReply
from ..codec import encode_command
from ..errors import (
    BSONError,
    EncodeError,
    NetworkError,
    NetworkTimeoutError,
    NotPrimaryError,
    ServerError,
    from_reply,
)
from ..net import (
    Connection,
    Pool,
    PoolOptions,
    PoolStats,
    Target,
    Waiting,
    database_element,
    open_connection,
)
from ..wire import Credential, driver_metadata
from . import _retry
from ._access import Access
from ._goodbye import end_sessions
from ._home import Home
from ._servers import Address, Server, ServerLimits
from ._sessions import ServerSession, SessionPool
from ._translate import translate
from ._version import package_version
from .control import Control

__all__ = ["DirectLane", "Pin"]

_SWEEP = 0.25
# What a server takes of one command beside its statements: 16 MiB and some room.
_LARGEST = 16 * 1024 * 1024 + 16 * 1024
# {"ok": 1.0}: what an unacknowledged write is answered with.
_OK = b"\x11\0\0\0\x01ok\0\0\0\0\0\0\0\xf0\x3f\0"


def _too_large(command: Command, size: int) -> EncodeError:
    name = command.name
    return EncodeError(f"the {name} command has {size:,} bytes; a server takes 16 MiB")


class Pin:
    """Where the follow-ups of a cursor go: its server, with its session."""

    __slots__ = ("preference", "server", "session")

    server: Server
    session: ServerSession | None

    def __init__(
        self, server: Server, session: ServerSession | None, preference: bytes
    ) -> None:
        self.server, self.session = server, session
        self.preference: bytes = preference  # a secondary wants it with each getMore

    def __repr__(self) -> str:
        return f"<Pin {self.server.pool.address}>"


class _Numbered:
    """A retryable write: its session and number, the same for both attempts."""

    __slots__ = ("element", "is_dirty", "session")

    def __init__(self) -> None:
        self.session: ServerSession | None = None
        self.element = b""
        self.is_dirty = False


class _Attempt(Waiting):
    """One sending of a command: at once, or by whoever gives a connection back."""

    __slots__ = (
        "command",
        "connection",
        "lane",
        "numbered",
        "pin",
        "server",
        "session",
    )

    def __init__(
        self,
        lane: DirectLane,
        command: Command,
        server: Server,
        pin: Pin | None = None,
        numbered: _Numbered | None = None,
    ) -> None:
        self.lane, self.command, self.server = lane, command, server
        self.pin, self.numbered = pin, numbered
        self.connection: Connection | None = None
        self.session: ServerSession | None = None

    def begin(self) -> asyncio.Future[bytes]:
        """Send, or wait in line to be sent; the Future gets the reply's bytes."""
        pool, lane = self.server.pool, self.lane
        connection = pool.take()
        if connection is None:
            return pool.queue(self)
        self.session = lane._session(self.server, self.pin, self.numbered)
        self.connection = connection
        waiter = lane._send(self, connection, None)
        pool.sent(connection)
        return waiter

    def start(self, connection: Connection) -> bool:
        lane = self.lane
        self.session = lane._session(self.server, self.pin, self.numbered)
        try:
            lane._send(self, connection, self.waiter)
        except Exception as error:
            # Nothing was written: the next in line may have the connection.
            lane._settle_session(self, False)
            self.waiter.set_exception(error)
            return False
        self.connection = connection
        return True


class DirectLane(Home):
    """
    Commands over our own connections.

    Args:
        make_client: makes the AsyncMongoClient that is the control plane.
        access: who we are, and by which TLS.
        options: what the client was made with; its own pool may be smaller.
        reason: why this lane was chosen.
        owns_client: whether closing the lane closes the client.
    """

    name = "direct"

    def __init__(
        self,
        make_client: Callable[[], AsyncMongoClient[Any]],
        access: Access,
        options: ClientOptions,
        reason: str,
        *,
        owns_client: bool = True,
    ) -> None:
        super().__init__(make_client, reason, owns_client=owns_client)
        self._access, self._options = access, _pool_options(options)
        self._retry_reads, self._retry_writes = (
            options.retry_reads,
            options.retry_writes,
        )
        self._connect_timeout = options.pool_options.connect_timeout
        self._metadata = driver_metadata(
            package_version(), options.pool_options.appname
        )
        self._credential: Credential | None = None
        self._tls: SSLContext | None = None
        self._socket_timeout = self._options.socket_timeout
        self._sessions = SessionPool()
        self._databases: dict[str, bytes] = {}
        self._cluster_time = 0
        self._cluster_bytes: bytes | None = None
        self._cluster_element = b""
        self._control: Control
        self._now = time.monotonic
        self._timer: asyncio.TimerHandle | None = None

    # -- the life of the lane ---------------------------------------------------------

    async def _start(self) -> None:
        client = self.client
        try:
            await client.aconnect()
        except PyMongoError as error:
            raise translate(error) from None
        self._credential, self._tls = await self._access.read()
        self._control = Control(client, self._make_pool)
        options = self._options
        if options.socket_timeout or options.max_idle_time or options.min_size:
            self._sweep()

    def _make_pool(self, address: Address) -> Pool:
        target = Target(
            *address,
            self._metadata,
            self._credential,
            self._tls,
            self._connect_timeout,
        )
        pool = Pool(target.peer, lambda: open_connection(target), self._options)
        pool.fill()
        return pool

    def _sweep(self) -> None:
        loop = get_running_loop()
        now = loop.time()
        for server in self._control.servers.values():
            server.pool.sweep(now)
        self._timer = loop.call_later(_SWEEP, self._sweep)

    async def _finish(self) -> None:
        for task in self._background:
            task.cancel()
        try:
            await end_sessions(self._control.servers.values(), self._sessions)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            await self._control.close()

    def _forget_all(self) -> None:
        self._sessions.clear()
        self._timer = None
        if hasattr(self, "_control"):
            for server in self._control.servers.values():
                server.pool.forget()
            del self._control

    def pool_stats(self) -> tuple[PoolStats, ...]:
        if self._ready is None:
            return ()
        return tuple(server.pool.stats() for server in self._control.servers.values())

    async def limits(self) -> ServerLimits:
        if get_running_loop() is not self._ready:
            await self.connect()
        return await self._control.limits()

    # -- the path of each request -----------------------------------------------------

    async def run(self, command: Command, pin: Pin | None = None) -> Reply:
        """
        Send ``command`` (to where ``pin`` says, if given); answer its reply.

        Raises:
            ServerError: the reply has ``ok: 0``.
            NetworkError: the connection broke, or the answer came too late.
            ServerSelectionTimeoutError: no server in time.
            WaitQueueTimeoutError: no free connection in time.
        """
        if get_running_loop() is not self._ready:
            await self.connect()
        if pin is not None:
            return await self._attempt(_Attempt(self, command, pin.server, pin))
        server = self._control.route(command)
        if server is None:
            server = await self._control.select(command)
        if not command.acknowledged:
            return await self._send_unacknowledged(command, server)
        if command.is_write and command.retryable:
            return await self._written(command, server)
        return await self._awaited(command, server)

    def ask(self, command: Command) -> Generator[Any, None, Reply]:
        """
        ``run`` for an ``__await__``: ``yield from`` it.

        One generator wakes where two coroutines and their wrapper would.
        """
        if get_running_loop() is self._ready:
            server = self._control.route(command)
            if server is not None:
                if not command.is_write:
                    return self._read(command, server)
                if command.acknowledged and command.retryable:
                    return self._write(command, server)
        return self.run(command).__await__()

    def _read(self, command: Command, server: Server) -> Generator[Any, None, Reply]:
        """A read, twice if need be; for ``await`` and for ``yield from``."""
        attempt = _Attempt(self, command, server)
        try:
            # The same as ``_attempt``, in place: one coroutine less to wake.
            try:
                data = yield from attempt.begin()
            except BaseException as error:
                self._failed(attempt, error)
                raise
            return self._answered(attempt, data)
        except Exception as error:
            if not (command.retryable and self._retry_reads):
                raise
            if not _retry.may_repeat_read(error):
                raise
            first = error
        return (yield from self._repeat(command, None, first).__await__())

    _awaited: ClassVar[Callable[..., Awaitable[Reply]]] = coroutine(_read)

    def _write(self, command: Command, server: Server) -> Generator[Any, None, Reply]:
        """A retryable write: its session stays taken until the last attempt ends."""
        numbered = None
        if self._retry_writes and server.retries_writes:
            numbered = _Numbered()
        attempt = _Attempt(self, command, server, None, numbered)
        try:
            try:
                try:
                    data = yield from attempt.begin()
                except BaseException as error:
                    self._failed(attempt, error)
                    raise
                reply = self._answered(attempt, data)
                concern = None if numbered is None else _retry.concern_error(reply)
                if concern is None:
                    return reply
                first: Exception = concern
            except Exception as error:
                if numbered is None or not _retry.may_repeat_write(error):
                    raise
                first = error
            return (yield from self._repeat(command, numbered, first).__await__())
        finally:
            if (
                numbered is not None
                and numbered.session is not None
                and not numbered.is_dirty
            ):
                self._sessions.release(numbered.session)

    _written: ClassVar[Callable[..., Awaitable[Reply]]] = coroutine(_write)

    async def _repeat(
        self, command: Command, numbered: _Numbered | None, first: Exception
    ) -> Reply:
        """The second and last attempt, on a server chosen anew."""
        try:
            server = self._control.route(command)
            if server is None:
                server = await self._control.select(command)
            if numbered is not None and not server.retries_writes:
                raise first
            return await self._attempt(_Attempt(self, command, server, None, numbered))
        except Exception as second:
            if numbered is not None:
                _retry.label(second)
            raise _retry.which(first, second) from None

    async def _attempt(self, attempt: _Attempt) -> Reply:
        """Once: take, send, await, scan, give back."""
        try:
            data = await attempt.begin()
        except BaseException as error:
            self._failed(attempt, error)
            raise
        return self._answered(attempt, data)

    def _answered(self, attempt: _Attempt, data: bytes) -> Reply:
        """Give back what an attempt had; raise what the server refused."""
        connection, session, pin = attempt.connection, attempt.session, attempt.pin
        assert connection is not None
        server = attempt.server
        try:
            reply: Reply = ScannedReply(data)
        except BaseException as error:
            self._failed(attempt, error)
            raise
        server.pool.give(connection)
        cluster_time = reply.cluster_time
        if cluster_time is not None and cluster_time != self._cluster_bytes:
            self._advance(cluster_time)
        if reply.cursor_id:
            preference = self._preference(attempt.command, server)
            reply.pin = pin or Pin(server, session, preference)
        elif session is not None and attempt.numbered is None:
            self._sessions.release(session)
            if pin is not None:
                pin.session = None
        if not reply.ok:
            raise self._refused(reply, server)
        return reply

    def _failed(self, attempt: _Attempt, error: BaseException) -> None:
        """Leave nothing behind of an attempt that ended without a reply."""
        connection = attempt.connection
        if connection is not None:
            self._broke(attempt.server, connection, error)
            self._settle_session(attempt, connection.is_closed)
        elif isinstance(error, asyncio.CancelledError) and attempt.waiter.cancelled():
            attempt.server.pool.left()

    def _send(
        self,
        attempt: _Attempt,
        connection: Connection,
        waiter: asyncio.Future[bytes] | None,
    ) -> asyncio.Future[bytes]:
        """Encode and write; the Future gets the reply's bytes."""
        command, session = attempt.command, attempt.session
        if attempt.pin is None and not command.is_write:
            tail = self._read_tail(command, attempt.server)
        else:
            tail = self._tail(attempt, command)
        lsid = b"" if session is None else session.element
        if self._socket_timeout is not None:
            connection.deadline = self._now() + self._socket_timeout
        elements = command.elements
        if elements is None:
            tail += lsid + self._cluster_element
            body = encode_command(command.body, tail)
            if len(body) > _LARGEST:
                raise _too_large(command, len(body))
            return connection.request(body, command.sequence, waiter)
        if len(elements) > _LARGEST:
            raise _too_large(command, len(elements))
        return connection.ask(elements, tail, lsid, self._cluster_element, waiter)

    def _session(
        self, server: Server, pin: Pin | None, numbered: _Numbered | None
    ) -> ServerSession | None:
        """The session for one attempt; a retryable write numbers it once."""
        if pin is not None:
            return pin.session
        if not server.has_sessions:
            return None
        if numbered is None:
            return self._sessions.acquire(self._now())
        if numbered.session is None:
            numbered.session = self._sessions.acquire(self._now())
            numbered.element = numbered.session.next_transaction()
        return numbered.session

    def _tail(self, attempt: _Attempt, command: Command) -> bytes:
        """
        What belongs to the conversation and not to the command, as BSON elements.

        For writes and cursors; all but the session and ``$clusterTime``.
        """
        if attempt.pin is not None:
            return self._database(command.database) + attempt.pin.preference
        if attempt.numbered is None:
            return self._database(command.database)
        return self._database(command.database) + attempt.numbered.element

    def _read_tail(self, command: Command, server: Server) -> bytes:
        if command.read_preference is not None:
            return self._database(command.database) + self._preference(command, server)
        tail = server.read_tails.get(command.database)
        if tail is None:
            tail = self._database(command.database) + server.read_element
            server.read_tails[command.database] = tail
        return tail

    def _database(self, name: str) -> bytes:
        element = self._databases.get(name)
        if element is None:
            element = self._databases[name] = database_element(name)
        return element

    def _preference(self, command: Command, server: Server) -> bytes:
        if command.read_preference is None:
            return server.read_element
        return server.preference_element(command.read_preference)

    # -- what is rare -----------------------------------------------------------------

    async def _send_unacknowledged(self, command: Command, server: Server) -> Reply:
        """``w: 0``: no session, no number, no reply (driver-sessions)."""
        connection = server.pool.take()
        if connection is None:
            connection = await server.pool.checkout()
        try:
            tail = self._database(command.database) + self._cluster_element
            connection.notify(encode_command(command.body, tail), command.sequence)
        finally:
            server.pool.give(connection)
        reply: Reply = ScannedReply(_OK)
        return reply

    def _broke(
        self, server: Server, connection: Connection, error: BaseException
    ) -> None:
        """
        Something ended an attempt before its reply was read.

        A network error ends the trust in all connections of its generation; a
        timeout or a cancellation only in this one (SDAM, "Network error when reading
        or writing"). A failure before the first byte leaves the connection clean.
        """
        current = connection.generation == server.pool.generation
        if connection.in_flight or connection.is_closed or isinstance(error, BSONError):
            server.pool.discard(connection)
        else:
            server.pool.give(connection)
        is_timeout = isinstance(error, NetworkTimeoutError)
        if isinstance(error, NetworkError) and not is_timeout and current:
            self._control.suspect(server)
            server.pool.clear()

    def _settle_session(self, attempt: _Attempt, is_dirty: bool) -> None:
        """Give a session back after a failure, unless the server may still use it."""
        numbered, pin, session = attempt.numbered, attempt.pin, attempt.session
        if numbered is not None:
            numbered.is_dirty = numbered.is_dirty or is_dirty
            return
        if pin is not None:
            if is_dirty:
                pin.session = None
            return
        if session is not None and not is_dirty:
            self._sessions.release(session)

    def _refused(self, reply: Reply, server: Server) -> ServerError:
        """The error for ``ok: 0``, after what it says about the server is noted."""
        error = from_reply(reply.document())
        if isinstance(error, NotPrimaryError):
            self._control.suspect(server, is_deposed=True)
            if error.code in _retry.SHUTDOWN:
                server.pool.clear()
        return error

    def _advance(self, cluster_time: bytes) -> None:
        """
        Gossip: keep the highest ``$clusterTime`` seen (driver-sessions).

        The document begins with its timestamp, an unsigned int64 in effect.
        """
        if cluster_time[4:17] != b"\x11clusterTime\0":
            return
        moment = int.from_bytes(cluster_time[17:25], "little")
        if moment > self._cluster_time:
            self._cluster_time, self._cluster_bytes = moment, cluster_time
            self._cluster_element = b"\x03$clusterTime\0" + cluster_time


def _pool_options(options: ClientOptions) -> PoolOptions:
    pool = options.pool_options
    return PoolOptions(
        max_size=pool.max_pool_size or float("inf"),
        min_size=pool.min_pool_size,
        max_connecting=pool.max_connecting,
        max_idle_time=pool.max_idle_time_seconds,
        wait_queue_timeout=pool.wait_queue_timeout,
        socket_timeout=pool.socket_timeout,
    )
