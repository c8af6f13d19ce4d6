"""
What rooms expect of each other, as Protocols.

Nothing here does anything. A lower room that must name something of a higher
room names a Protocol from this module instead, so that every import arrow
points down.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Protocol, TypeVar

__all__ = ["Command", "Connected", "Lane", "Limits", "ModelCodec", "Reply"]

T = TypeVar("T")


class Command(Protocol):
    """
    One request to a server, as a value; made by ``commands``, carried by a lane.

    ``body`` is a mapping whose first key is the command's name. It holds
    neither ``$db`` nor ``lsid`` nor ``$clusterTime``: those belong to the
    conversation, and the lane adds them. A value may be anything the codec
    can encode, ready BSON (``bson.raw_bson.RawBSONDocument``) included.
    """

    @property
    def database(self) -> str:
        """The database's name."""

    @property
    def name(self) -> str:
        """The command's name: the first key of its body."""

    @property
    def body(self) -> dict[str, Any]:
        """The command, its name first. Never changed by a lane."""

    @property
    def elements(self) -> bytes | None:
        """The body as BSON elements (a document without its frame), if encoded."""

    @property
    def sequence(self) -> tuple[str, Sequence[bytes]] | None:
        """A document sequence (OP_MSG section kind 1): its name, its BSON documents."""

    @property
    def is_write(self) -> bool:
        """Whether the command must go to a writable server."""

    @property
    def retryable(self) -> bool:
        """Whether the specifications allow to send it a second time."""

    @property
    def acknowledged(self) -> bool:
        """False for write concern ``w: 0``: no reply will come."""

    @property
    def read_preference(self) -> Any:
        """A ``pymongo.read_preferences`` mode, or None for the client's own."""


class Reply(Protocol):
    """
    A server's answer, scanned once; values are made only when asked for.

    Made by ``codec.Reply(data)`` from the bytes of the reply's document
    (the OP_MSG kind 0 section, without its kind byte).
    """

    pin: Any
    """Where follow-ups of this reply's cursor must go; opaque, set by the lane."""

    @property
    def data(self) -> bytes: ...
    @property
    def ok(self) -> bool: ...
    @property
    def cursor_id(self) -> int: ...
    @property
    def namespace(self) -> str | None: ...
    @property
    def cluster_time(self) -> bytes | None: ...
    @property
    def has_write_errors(self) -> bool: ...
    @property
    def counts(self) -> tuple[int, int] | None:
        """A write's ``n`` and ``nModified``, if it tells no more than these."""

    def __len__(self) -> int: ...
    def document(self) -> dict[str, Any]: ...
    def documents(self) -> list[dict[str, Any]]: ...
    def raw(self) -> list[bytes]: ...
    def value(self) -> bytes | None:
        """The document that findAndModify answers; None when there is none."""


class Limits(Protocol):
    """What a server says of itself in hello; sizes in bytes."""

    @property
    def max_document_size(self) -> int: ...
    @property
    def max_message_size(self) -> int: ...
    @property
    def max_write_batch_size(self) -> int: ...


class Lane(Protocol):
    """
    Carries a command to a server and brings the reply back; nothing else.

    A reply with ``ok: 0`` is raised as the fitting class of ``errors``; write
    errors inside an ``ok: 1`` reply are left to the caller, who knows which
    document each index means.
    """

    name: str
    """``direct``, ``pymongo`` or ``threads``."""

    async def run(self, command: Command, pin: Any = None) -> Reply:
        """Send ``command`` (to where ``pin`` says, if given); answer its reply."""

    def ask(self, command: Command) -> Generator[Any, None, Reply]:
        """The same for an ``__await__``, which says ``yield from`` to it."""

    async def limits(self) -> Limits:
        """The limits of the server that takes the writes."""

    def forget(self, command: Command, pin: Any) -> None:
        """Send ``command`` in the background and drop its outcome: killCursors."""

    async def close(self) -> None:
        """End sessions and close every socket. A second call does nothing."""


class Connected(Protocol):
    """A database that can be reached: a name and the lane that leads there."""

    @property
    def name(self) -> str: ...
    @property
    def lane(self) -> Lane:
        """Raises ``errors.NotConnectedError`` when there is no connection."""


class ModelCodec(Protocol[T]):
    """
    A compiled plan: BSON to instances of one class and back.

    Made once per class by ``codec.compile(plan)``.
    """

    def decode(self, data: bytes) -> T: ...
    def decode_reply(self, reply: Reply) -> list[T]: ...
    def encode(self, instance: Any) -> bytes: ...
    def encode_all(self, instances: list[Any], into: list[bytes]) -> None:
        """Appends each as it will be stored, until one is refused."""

    def json(self, data: bytes) -> bytes:
        """One document as a JSON object."""

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        """The batch as JSON objects joined by commas; in brackets when ``whole``."""
