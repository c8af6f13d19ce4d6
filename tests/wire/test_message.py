"""OP_MSG as bytes, written and read."""

from __future__ import annotations

import struct

import bson
import pytest

from mongolane.errors import ProtocolError
from mongolane.wire.message import (
    CHECKSUM_PRESENT,
    MORE_TO_COME,
    append_message,
    read_message,
    split_documents,
)

BODY = bson.encode({"ping": 1, "$db": "admin"})


def test_body_comes_back() -> None:
    """A message without a sequence holds exactly what was put into it."""
    message = read_message(memoryview(append_message(7, 3, MORE_TO_COME, BODY)))

    assert message == (7, 3, MORE_TO_COME, BODY, {})


def test_sequence_comes_back() -> None:
    """The documents of a sequence come back under its name, in order."""
    documents = [bson.encode({"_id": number}) for number in range(3)]

    data = append_message(1, 0, 0, BODY, ("documents", documents))

    assert read_message(memoryview(data)).sequences == {"documents": documents}


def test_layout_is_the_specification() -> None:
    """A message is header, flags, kind 0 and the document, little-endian."""
    expected = struct.pack("<iiiiIB", 21 + len(BODY), 5, 4, 2013, 2, 0) + BODY

    assert expected == append_message(5, 4, 2, BODY)


def test_sequence_may_come_first() -> None:
    """Sections are accepted in any order."""
    document = bson.encode({"_id": 1})
    section = struct.pack("<i", 4 + 2 + len(document)) + b"d\0" + document
    rest = struct.pack("<I", 0) + b"\x01" + section + b"\0" + BODY
    data = struct.pack("<iiii", 16 + len(rest), 1, 0, 2013) + rest

    message = read_message(memoryview(data))

    assert (BODY, {"d": [document]}) == (message.body, message.sequences)


def with_flags(flags: int) -> bytes:
    return append_message(1, 0, flags, BODY)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (with_flags(CHECKSUM_PRESENT), "flags"),
        (with_flags(1 << 9), "flags"),
        (struct.pack("<iiii", 30, 1, 0, 2004) + bytes(14), "opcode 2004"),
        (with_flags(0)[:20], "too short"),
        (with_flags(0) + b"\0" + BODY, "kind 0"),
        (with_flags(0) + b"\x02" + BODY, "kind 2"),
        (with_flags(0) + b"\x01\xff\xff\xff\x7f", "does not fit"),
        (with_flags(0) + b"\x01\x02", "cut off"),
        (with_flags(0)[:20] + b"\x01\x0a\0\0\0d\0\x04\0\0\0", "does not fit"),
        (with_flags(0)[:20] + b"\x01\x06\0\0\0d\0", "without a section"),
    ],
)
def test_violations_are_named(data: bytes, said: str) -> None:
    """What breaks the format is refused with a word of what it was."""
    with pytest.raises(ProtocolError, match=said):
        read_message(memoryview(data))


def test_unknown_optional_flags_are_ignored() -> None:
    """Flag bits 16 to 31 that nobody knows don't make a message bad."""
    assert read_message(memoryview(with_flags(1 << 27))).body == BODY


def test_documents_must_fill_their_section() -> None:
    """A length that points behind the end is refused, not read."""
    with pytest.raises(ProtocolError):
        split_documents(b"\x0a\0\0\0\0")
