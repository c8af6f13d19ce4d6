"""A lane without a server: replies are written down, commands are remembered."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

import bson

from ..abc import Command, Reply
from ..codec import Reply as ScannedReply
from ..errors import from_reply
from ..lanes import ServerLimits

__all__ = ["PretendLane"]

Prepared = Mapping[str, Any] | Callable[[Command], Mapping[str, Any]]


class PretendLane:
    """
    Answers each command with the next prepared reply, the last one forever.

    Args:
        replies: documents, or functions of the command that give one.

    Attributes:
        commands: what was run, in order.
        forgotten: what was sent in the background.
    """

    name = "pretend"
    reason = "for a test"

    def __init__(self, *replies: Prepared) -> None:
        self._replies = list(replies) or [{"ok": 1.0}]
        self.commands: list[Command] = []
        self.forgotten: list[Command] = []
        self.is_closed: bool = False
        self.server_limits: ServerLimits = ServerLimits()

    async def run(self, command: Command, pin: Any = None) -> Reply:
        """The next reply; ``ok: 0`` is raised as its error."""
        self.commands.append(command)
        prepared = self._replies[0]
        if len(self._replies) > 1:
            self._replies.pop(0)
        document = prepared(command) if callable(prepared) else prepared
        reply: Reply = ScannedReply(bson.encode(document))
        if not reply.ok:
            raise from_reply(document)
        if reply.cursor_id:
            reply.pin = pin or object()
        return reply

    def ask(self, command: Command) -> Generator[Any, None, Reply]:
        """``run`` for an ``__await__``."""
        return self.run(command).__await__()

    async def limits(self) -> ServerLimits:
        """The sizes that were given, or a server's usual ones."""
        return self.server_limits

    def forget(self, command: Command, pin: Any) -> None:
        """Remember a command whose outcome nobody wants."""
        self.forgotten.append(command)

    async def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True
