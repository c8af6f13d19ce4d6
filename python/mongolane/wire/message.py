"""
OP_MSG as bytes: one function to write a message, one to read it, for both roles.

A document here is a slice of bytes with a length; nobody opens it.
https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import ProtocolError

__all__ = [
    "CHECKSUM_PRESENT",
    "EXHAUST_ALLOWED",
    "HEADER_SIZE",
    "MAX_MESSAGE_SIZE",
    "MORE_TO_COME",
    "OP_MSG",
    "Message",
    "append_message",
    "read_message",
    "split_documents",
]

OP_MSG = 2013
HEADER_SIZE = 16
MAX_MESSAGE_SIZE = 48_000_000

CHECKSUM_PRESENT = 1 << 0
MORE_TO_COME = 1 << 1
EXHAUST_ALLOWED = 1 << 16

# Bits 0 to 15 are required: whoever doesn't know one must refuse the message.
# A checksum is known but refused: no server sends one, and PyMongo refuses it too.
_REQUIRED = 0xFFFF
_KNOWN = MORE_TO_COME

_HEAD = struct.Struct("<iiiiIB")
_SIZE = struct.Struct("<i")


class Message(NamedTuple):
    """
    One message, taken apart.

    Attributes:
        request_id: the sender's number for it.
        response_to: the number of the message it answers, 0 for a request.
        flags: the flag bits.
        body: the one document of section kind 0.
        sequences: the document sequences of section kind 1, by name.
    """

    request_id: int
    response_to: int
    flags: int
    body: bytes
    sequences: dict[str, list[bytes]]


def append_message(
    request_id: int,
    response_to: int,
    flags: int,
    body: bytes,
    sequence: tuple[str, Sequence[bytes]] | None = None,
) -> bytes:
    """
    A whole message, ready to send.

    Args:
        request_id: this message's number.
        response_to: the number of the request it answers, 0 for a request.
        flags: the flag bits.
        body: the document of section kind 0.
        sequence: name and documents of a section kind 1.
    """
    if sequence is None:
        size = 21 + len(body)
        return _HEAD.pack(size, request_id, response_to, OP_MSG, flags, 0) + body
    name = sequence[0].encode() + b"\0"
    documents = b"".join(sequence[1])
    length = 4 + len(name) + len(documents)
    size = 21 + len(body) + 1 + length
    head = _HEAD.pack(size, request_id, response_to, OP_MSG, flags, 0)
    return b"".join((head, body, b"\x01", _SIZE.pack(length), name, documents))


def read_message(data: memoryview) -> Message:
    """
    Take one whole message apart.

    Args:
        data: exactly one message, header included.

    Raises:
        ProtocolError: not OP_MSG, unknown required flags, or sections that do
            not fill the message exactly.
    """
    if len(data) < 26:
        raise ProtocolError(f"a message of {len(data)} bytes is too short for OP_MSG")
    _, request_id, response_to, opcode, flags, _ = _HEAD.unpack_from(data)
    if opcode != OP_MSG:
        raise ProtocolError(f"opcode {opcode} instead of OP_MSG ({OP_MSG})")
    if flags & _REQUIRED & ~_KNOWN:
        raise ProtocolError(f"a message with flags {flags & _REQUIRED:#06x} in it")
    body, sequences = _read_sections(data)
    return Message(request_id, response_to, flags, body, sequences)


def _read_sections(data: memoryview) -> tuple[bytes, dict[str, list[bytes]]]:
    body: bytes | None = None
    sequences: dict[str, list[bytes]] = {}
    position = 20
    while position < len(data):
        kind = data[position]
        section = _read_sized(data, position + 1)
        position += 1 + len(section)
        if kind == 0 and body is None:
            body = bytes(section)
        elif kind == 1:
            name, documents = _read_sequence(section)
            sequences[name] = documents
        else:
            raise ProtocolError(f"a section of kind {kind} where none may be")
    if body is None:
        raise ProtocolError("a message without a section of kind 0")
    return body, sequences


def _read_sized(data: memoryview, position: int) -> memoryview:
    """The slice at ``position`` that begins with its own length, an int32."""
    if position + 4 > len(data):
        raise ProtocolError("a section is cut off in its length")
    (size,) = _SIZE.unpack_from(data, position)
    if size < 5 or position + size > len(data):
        raise ProtocolError(f"a section of {size} bytes does not fit its message")
    return data[position : position + size]


def _read_sequence(section: memoryview) -> tuple[str, list[bytes]]:
    rest = bytes(section[4:])
    name, nul, documents = rest.partition(b"\0")
    if not nul:
        raise ProtocolError("a document sequence without a name")
    return name.decode("utf-8", "replace"), split_documents(documents)


def split_documents(data: bytes) -> list[bytes]:
    """The documents that lie one behind the other in ``data``."""
    view, documents, position = memoryview(data), [], 0
    while position < len(data):
        document = _read_sized(view, position)
        documents.append(bytes(document))
        position += len(document)
    return documents
