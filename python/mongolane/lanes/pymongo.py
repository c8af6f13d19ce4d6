"""
The pymongo lane: the same commands through PyMongo's ``AsyncMongoClient``.

For what the direct lane doesn't do (load balancers, compression, CSFLE, exotic
authentication, command listeners), and to compare with.
"""

from __future__ import annotations

from typing import Any

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

__all__ = ["PyMongoLane"]


class PyMongoLane(Home):
    """
    Commands over PyMongo's own pool.

    ``retryReads`` holds here too; writes aren't repeated, since ``txnNumber`` is
    PyMongo's secret.
    """

    name = "pymongo"

    async def _start(self) -> None:
        try:
            await self.client.aconnect()
        except THEIRS as error:
            raise translate(error) from None

    async def run(self, command: Command, pin: ThroughPin | None = None) -> Reply:
        """Send ``command`` (to where ``pin`` says, if given); answer its reply."""
        await self.connect()
        retries = command.retryable and not command.is_write and pin is None
        try:
            return await self._attempt(command, pin)
        except Exception as error:
            retries = retries and self.client.options.retry_reads
            if not retries or not _retry.may_repeat_read(error):
                raise
            first = error
        try:
            return await self._attempt(command, pin)
        except Exception as second:
            raise _retry.which(first, second) from None

    async def _attempt(self, command: Command, pin: ThroughPin | None) -> Reply:
        session = None
        if pin is None and makes_cursor(command):
            session = self.client.start_session(causal_consistency=False)
            pin = ThroughPin(session, self._place(command))
        try:
            reply = await self._send(command, pin)
        except BaseException:
            if session is not None:
                await session.end_session()
            raise
        if reply.cursor_id:
            reply.pin = pin
        elif pin is not None and pin.session is not None:
            ended, pin.session = pin.session, None
            await ended.end_session()
        return reply

    def _place(self, command: Command) -> Any:
        if command.is_write:
            return None
        options = self.client.options
        preference = command.read_preference or options.read_preference
        description = self.client.topology_description
        return pick(description, preference, options.server_selector)

    async def _send(self, command: Command, pin: ThroughPin | None) -> Reply:
        preference = pin.preference if pin is not None else self._place(command)
        database = self.client[command.database]
        # What it cannot encode is no fault of a reply's.
        body = command_body(command)
        try:
            document = await database.command(
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

    async def limits(self) -> ServerLimits:
        await self.connect()
        known = known_limits(self.client.topology_description)
        if known is None:
            try:
                await self.client.admin.command("ping")
            except THEIRS as error:
                raise translate(error) from None
            known = known_limits(self.client.topology_description)
        if known is None:
            raise ServerSelectionTimeoutError("no server takes writes")
        return known
