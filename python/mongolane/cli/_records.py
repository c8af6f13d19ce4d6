"""
Rows to what is sent: the ``_id`` chosen, the BSON made, what cannot be sent named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import bson.errors
from bson import ObjectId

from ..codec import decode, encode
from ._rows import Bad, Row

__all__ = ["Batch", "Record", "batches", "records"]

# The server takes 48 MB in one message; a third of it leaves room and keeps memory low.
BATCH_BYTES = 16 * 1024 * 1024
_REFUSED = (
    bson.errors.BSONError,
    ValueError,
    OverflowError,
    TypeError,
    RecursionError,
)


class Record(NamedTuple):
    """A document ready to be sent, and where it came from."""

    place: str
    data: bytes


Batch = list[Record]


def records(
    rows: Iterable[Row | Bad], id_fields: Sequence[str], largest: int
) -> Iterator[Record | Bad]:
    """
    The rows as BSON.

    Args:
        rows: what a reader yields.
        id_fields: the fields ``_id`` is made of; none: the document's own or a new one.
        largest: the size of the largest document the server takes.
    """
    for row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        try:
            data = _encoded(row.document, id_fields)
        except _REFUSED as error:
            yield Bad(row.place, _why(error))
            continue
        if len(data) > largest:
            reason = (
                f"the document has {len(data):,} bytes, the server takes {largest:,}"
            )
            yield Bad(row.place, reason)
        else:
            yield Record(row.place, data)


def batches(records: Iterable[Record], size: int) -> Iterator[Batch]:
    """Records in lists of at most ``size`` documents, and of a bearable length."""
    batch: Batch = []
    length = 0
    for record in records:
        if batch and (len(batch) == size or length + len(record.data) > BATCH_BYTES):
            yield batch
            batch, length = [], 0
        batch.append(record)
        length += len(record.data)
    if batch:
        yield batch


def _encoded(document: dict[str, Any] | bytes, id_fields: Sequence[str]) -> bytes:
    if isinstance(document, bytes):
        # Decoding proves that it is BSON, which nothing has looked at so far.
        decoded = decode(document)
        if "_id" in decoded and not id_fields:
            return document
        document = decoded
    if id_fields:
        document = {"_id": _id_of(document, id_fields), **document}
    elif "_id" not in document:
        document = {"_id": ObjectId(), **document}
    return encode(document)


def _id_of(document: dict[str, Any], id_fields: Sequence[str]) -> Any:
    document.pop("_id", None)
    parts = {}
    for name in id_fields:
        if document.get(name) is None:
            raise ValueError(f"it has no {name!r} to make its _id of")
        parts[name] = document[name]
    if len(parts) > 1:
        return parts
    return document.pop(id_fields[0])


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeError) or "surrogate" in str(error):
        return "it holds text that is not UTF-8"
    if isinstance(error, RecursionError):
        return "nested too deep"
    return " ".join(str(error).split()) or type(error).__name__
