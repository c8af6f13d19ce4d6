"""
The threads lane: PyMongo's blocking ``MongoClient`` in a pool of threads.

Motor's way, kept because "an async API" and "sockets that don't block" are two
choices, and which one serves a program better is for its author to measure. The
threads know nothing of event loops, so this lane may outlive one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, MongoClient

from ..abc import Command, Reply
from ..errors import ServerSelectionTimeoutError
from . import _retry
from ._home import Home
from ._servers import ServerLimits
from ._through import (
    RAW,
    ThroughPin,
    command_body,
    known_limits,
    makes_cursor,
    pick,
    wrap,
)
from ._translate import ODD, THEIRS, misunderstood, translate

__all__ = ["ThreadsLane"]

T = TypeVar("T")


class ThreadsLane(Home):
    """
    Commands by ``MongoClient``, each in a thread.

    Args:
        make_client: makes the AsyncMongoClient, only when ``client`` is asked for.
        make_sync_client: makes the MongoClient that does the work.
        reason: why this lane was chosen.
        threads: how many; None: five for each processor, as Motor has them.
    """

    name = "threads"

    def __init__(
        self,
        make_client: Callable[[], AsyncMongoClient[Any]],
        make_sync_client: Callable[[], MongoClient[Any]],
        reason: str,
        *,
        threads: int | None = None,
    ) -> None:
        super().__init__(make_client, reason)
        self._make_sync_client = make_sync_client
        self._threads = threads or 5 * (os.cpu_count() or 1)
        self._sync: MongoClient[Any] | None = None
        self._executor: ThreadPoolExecutor | None = None

    async def _start(self) -> None:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._threads, "mongolane")
        if self._sync is None:
            self._sync = await self._in_thread(self._make_sync_client)

    async def _in_thread(self, work: Callable[..., T], *given: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *given)

    async def _close_client(self) -> None:
        # The threads' client knows no event loop: it is closed on whichever runs.
        await super()._close_client()
        client, self._sync = self._sync, None
        executor, self._executor = self._executor, None
        if client is not None and executor is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(executor, client.close)
            executor.shutdown(wait=False)

    def _after_fork(self) -> None:
        # Threads don't survive a fork; the client notices by itself.
        self._executor = None
        super()._after_fork()

    async def run(self, command: Command, pin: ThroughPin | None = None) -> Reply:
        """Send ``command`` (to where ``pin`` says, if given); answer its reply."""
        await self.connect()
        return await self._in_thread(self._run, command, pin)

    async def limits(self) -> ServerLimits:
        await self.connect()
        return await self._in_thread(self._limits)

    # -- in a thread ------------------------------------------------------------------

    def _run(self, command: Command, pin: ThroughPin | None) -> Reply:
        retries = command.retryable and not command.is_write and pin is None
        try:
            return self._attempt(command, pin)
        except Exception as error:
            retries = retries and self._client_here().options.retry_reads
            if not retries or not _retry.may_repeat_read(error):
                raise
            first = error
        try:
            return self._attempt(command, pin)
        except Exception as second:
            raise _retry.which(first, second) from None

    def _client_here(self) -> MongoClient[Any]:
        assert self._sync is not None
        return self._sync

    def _attempt(self, command: Command, pin: ThroughPin | None) -> Reply:
        session = None
        if pin is None and makes_cursor(command):
            session = self._client_here().start_session(causal_consistency=False)
            pin = ThroughPin(session, self._place(command))
        try:
            reply = self._send(command, pin)
        except BaseException:
            if session is not None:
                session.end_session()
            raise
        if reply.cursor_id:
            reply.pin = pin
        elif pin is not None and pin.session is not None:
            ended, pin.session = pin.session, None
            ended.end_session()
        return reply

    def _place(self, command: Command) -> Any:
        if command.is_write:
            return None
        client = self._client_here()
        preference = command.read_preference or client.options.read_preference
        description = client.topology_description
        return pick(description, preference, client.options.server_selector)

    def _send(self, command: Command, pin: ThroughPin | None) -> Reply:
        preference = pin.preference if pin is not None else self._place(command)
        database = self._client_here()[command.database]
        # What it cannot encode is no fault of a reply's.
        body = command_body(command)
        try:
            document = database.command(
                body,
                codec_options=RAW,
                read_preference=preference,
                session=pin.session if pin is not None else None,
            )
        except THEIRS as error:
            raise translate(error) from None
        except ODD as error:
            raise misunderstood(error) from error
        return wrap(document)

    def _limits(self) -> ServerLimits:
        client = self._client_here()
        known = known_limits(client.topology_description)
        if known is None:
            try:
                client.admin.command("ping")
            except THEIRS as error:
                raise translate(error) from None
            known = known_limits(client.topology_description)
        if known is None:
            raise ServerSelectionTimeoutError("no server takes writes")
        return known
