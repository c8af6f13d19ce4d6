"""
What is done for each request: the native module does it, or the same in Python.
"""

from __future__ import annotations

import contextlib
import os
import struct
from typing import TYPE_CHECKING

from .message import OP_MSG

__all__ = ["request_message", "whole_reply"]

_REQUEST = struct.Struct("<iiiiIBi")
_REPLY = struct.Struct("<iiiiIBi")


def request_message_in_python(
    number: int, elements: bytes, tail: bytes, session: bytes, cluster: bytes
) -> bytes:
    """
    A request whose document has its elements from four places.

    Args:
        number: the request's.
        elements: the command.
        tail: its database, and what else belongs to the conversation.
        session: ``lsid``, or nothing.
        cluster: ``$clusterTime``, or nothing.
    """
    size = len(elements) + len(tail) + len(session) + len(cluster) + 5
    head = _REQUEST.pack(21 + size, number, 0, OP_MSG, 0, 0, size)
    return b"".join((head, elements, tail, session, cluster, b"\0"))


def whole_reply_in_python(buffer: bytearray, filled: int, awaited: int) -> bytes | None:
    """
    The document of the reply to ``awaited``; None if anything else lies there.

    Args:
        buffer: begins with a message.
        filled: how many of its bytes were received.
        awaited: the request's number; 0 when none waits.
    """
    if filled < _REPLY.size:
        return None
    length, _, response_to, opcode, flags, kind, size = _REPLY.unpack_from(buffer)
    # All that can be wrong with a whole reply, asked in one expression.
    # Unknown optional flags (bits 16 to 31) are ignored.
    if (
        filled == length
        and response_to == awaited
        and opcode == OP_MSG
        and not flags & 0xFFFF
        and kind == 0
        and size == length - 21
        and response_to
    ):
        return bytes(memoryview(buffer)[21:length])
    return None


request_message = request_message_in_python
whole_reply = whole_reply_in_python

if TYPE_CHECKING or os.environ.get("MONGOLANE_CODEC") != "python":
    with contextlib.suppress(ImportError):
        from .._native import request_message, whole_reply
