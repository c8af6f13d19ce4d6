"""A request's bytes, and whether a reply is whole: natively and in Python."""

from __future__ import annotations

import struct

import pytest

from mongolane.wire._swift import (
    request_message,
    request_message_in_python,
    whole_reply,
    whole_reply_in_python,
)
from mongolane.wire.message import read_message

DOCUMENT = struct.pack("<i", 5) + b"\0"


def message(
    number: int = 7,
    opcode: int = 2013,
    flags: int = 0,
    kind: int = 0,
    document: bytes = DOCUMENT,
    longer: int = 0,
) -> bytearray:
    """A reply in a buffer that is larger than it."""
    length = 21 + len(document) + longer
    head = struct.pack("<iiiiIB", length, 1, number, opcode, flags, kind)
    return bytearray(head + document).ljust(100, b"\xaa")


@pytest.mark.parametrize("answer", [whole_reply, whole_reply_in_python])
@pytest.mark.parametrize(
    ("buffer", "filled", "awaited", "found"),
    [
        (message(), 26, 7, DOCUMENT),
        (message(flags=1 << 16), 26, 7, DOCUMENT),
        (message(), 25, 7, None),
        (message(), 27, 7, None),
        (message(), 0, 7, None),
        (message(), 3, 7, None),
        (message(), 26, 8, None),
        (message(number=0), 26, 0, None),
        (message(opcode=1), 26, 7, None),
        (message(flags=2), 26, 7, None),
        (message(kind=1), 26, 7, None),
        (message(longer=1), 27, 7, None),
        (message(document=b"\x06\0\0\0\0"), 26, 7, None),
    ],
)
def test_only_the_whole_awaited_reply_is_taken(answer, buffer, filled, awaited, found):
    """Its document; None for a part, for more, for another's, for other flags."""
    assert answer(buffer, filled, awaited) == found


@pytest.mark.parametrize("make", [request_message, request_message_in_python])
@pytest.mark.parametrize("session", [b"", b"\x10s\0\x02\0\0\0"])
@pytest.mark.parametrize("cluster", [b"", b"\x08c\0\x01"])
def test_a_request_is_one_document(make, session, cluster):
    """Elements from four places, in one message with its number."""
    made = make(9, b"\x08a\0\1", b"\x08d\0\0", session, cluster)
    message = read_message(memoryview(made))
    elements = b"\x08a\0\1" + b"\x08d\0\0" + session + cluster

    assert message.request_id == 9
    assert message.flags == 0
    assert (
        bytes(message.body) == struct.pack("<i", len(elements) + 5) + elements + b"\0"
    )
