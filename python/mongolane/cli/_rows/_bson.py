"""mongodump's ``.bson``: documents end to end, each led by its own length."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from ._row import Bad, Row, Rows, UnreadableError

__all__ = ["bson_rows"]

# What mongod itself takes from a dump: 16 MiB and 16 KiB for the server's own keys.
LARGEST = 16 * 1024 * 1024 + 16 * 1024
_LENGTH = struct.Struct("<i")


def bson_rows(chunks: Iterable[bytes]) -> Rows:
    """
    The documents as bytes, their inner side not looked at.

    Raises:
        UnreadableError: a length that cannot be one, or the file ends too early.
    """
    number, offset = 1, 0
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        at = 0
        while (end := _end(buffer, at, number, offset)) is not None:
            yield _document(f"document {number}", bytes(buffer[at:end]))
            number, at = number + 1, end
        offset += at
        del buffer[:at]
    if buffer:
        reason = f"the file ends inside this document, at byte {offset + len(buffer)}"
        raise UnreadableError(f"document {number}", reason)


def _end(buffer: bytearray, at: int, number: int, offset: int) -> int | None:
    """Where the document at ``at`` ends; None if the buffer does not hold all of it."""
    if at + 4 > len(buffer):
        return None
    length = _LENGTH.unpack_from(buffer, at)[0]
    if not 5 <= length <= LARGEST:
        reason = f"{length} at byte {offset + at} cannot be a document's length"
        raise UnreadableError(f"document {number}", reason)
    return at + length if at + length <= len(buffer) else None


def _document(place: str, data: bytes) -> Row | Bad:
    if data[-1]:
        return Bad(place, "a document must end with a zero byte")
    return Row(place, data)
