"""
Commands through PyMongo's clients: what the async and the threaded lane share.

The body is encoded by our codec and handed over as raw values, so that every lane
takes the same values; what comes back is raw too, and scanned like any other reply.
A cursor's session and server are kept in its pin: ``getMore`` runs as a plain
command, and only a read preference can tell PyMongo where to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.read_preferences import Nearest
from pymongo.server_selectors import Selection
from pymongo.topology_description import TopologyDescription

from .. import codec
from ..abc import Command, Reply
from ._servers import ServerLimits, limits_of

__all__ = [
    "RAW",
    "At",
    "ThroughPin",
    "command_body",
    "known_limits",
    "makes_cursor",
    "pick",
    "wrap",
]

RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)

# An array's element besides its value: type, up to five digits and a NUL.
_KEY = 7
# What a command may be larger than a document.
_BESIDE = 16 * 1024
_CURSORS = frozenset({"find", "aggregate", "listCollections", "listIndexes"})


class At(Nearest):
    """
    One server, by its address; to the server itself it reads like ``preference``.
    """

    __slots__ = ("_address", "_preference")

    def __init__(self, address: Any, preference: Any) -> None:
        super().__init__()
        self._address, self._preference = address, preference

    def __call__(self, selection: Selection) -> Selection:
        found = [s for s in selection.server_descriptions if s.address == self._address]
        return selection.with_server_descriptions(found)

    @property
    def mode(self) -> int:
        mode: int = self._preference.mode
        return mode

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = self._preference.document
        return document


class ThroughPin:
    """A cursor's session, and the server that has it (None: the topology has one)."""

    __slots__ = ("preference", "session")

    session: Any
    preference: Any

    def __init__(self, session: Any, preference: Any) -> None:
        self.session, self.preference = session, preference

    def __repr__(self) -> str:
        return "<ThroughPin>"


def makes_cursor(command: Command) -> bool:
    """Whether the reply may hold a cursor, which then needs its session again."""
    return command.name in _CURSORS


def command_body(command: Command) -> dict[str, Any]:
    """A body that PyMongo may change; its values are raw BSON where they can be."""
    encoded = codec.encode_command(command.elements or command.body, b"")
    body = dict(RawBSONDocument(encoded).items())
    if command.sequence is not None:
        name, documents = command.sequence
        body[name] = [RawBSONDocument(document) for document in documents]
    return body


def pick(description: TopologyDescription, preference: Any, selector: Any) -> Any:
    """A preference for exactly one of the servers that ``preference`` allows."""
    found = description.apply_selector(preference, custom_selector=selector)
    return At(found[0].address, preference) if found else preference


def wrap(document: RawBSONDocument) -> Reply:
    """A reply from what PyMongo has read."""
    reply: Reply = codec.Reply(document.raw)
    return reply


def known_limits(description: TopologyDescription) -> ServerLimits | None:
    """
    The limits of the server that takes the writes, once one is known.

    PyMongo's ``command`` takes no document sequences: many documents are an array of
    the body, each with its index for a key, and the body is no larger than a document.
    """
    for server in description.server_descriptions().values():
        if server.is_writable:
            limits = limits_of(server)
            keys = _KEY * limits.max_write_batch_size
            room = max(limits.max_document_size - keys, 0) + _BESIDE
            return replace(limits, max_message_size=room)
    return None
