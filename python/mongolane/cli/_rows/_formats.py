"""Which reader fits a file: by its name, or else by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePath

from ._bson import bson_rows
from ._csv import csv_rows
from ._extended import BROKEN, decode_at
from ._json import array_rows, feature_rows, line_rows, sequence_rows
from ._row import Rows, UnreadableError

__all__ = ["Format", "detect_format", "read_rows"]


class Format(StrEnum):
    """What a file can be; ``sequence`` is JSON documents one after another."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    TSV = "tsv"
    GEOJSON = "geojson"
    BSON = "bson"
    SEQUENCE = "sequence"


_BY_SUFFIX = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".tsv": "tsv",
    ".geojson": "geojson",
    ".bson": "bson",
}
_COLLECTION = re.compile(r'"type"\s*:\s*"FeatureCollection"')
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def detect_format(name: str, head: bytes) -> str:
    """
    The format of a file, one of ``Format``.

    Args:
        name: the file's name; ``.gz`` at its end is ignored.
        head: its first bytes, after decompression.

    Raises:
        UnreadableError: neither tells.
    """
    path = PurePath(name.lower())
    suffix = PurePath(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    text = head.decode("utf-8-sig", "replace").lstrip()
    if text.startswith("["):
        return "json"
    if text.startswith("{"):
        return _object_format(text)
    if suffix == ".json":
        return "json"
    raise UnreadableError("line 1", "unknown format; --format names it")


def _object_format(text: str) -> str:
    first = text.partition("\n")[0]
    if _COLLECTION.search(text[:4096]):
        return "geojson"
    try:
        _, end = decode_at(first, 0)
    except BROKEN:
        return "sequence"
    return "sequence" if first[end:].strip() else "ndjson"


def read_rows(
    format_: str,
    chunks: Iterable[bytes],
    *,
    delimiter: str | None = None,
    infer: bool = False,
) -> Rows:
    """The records of a file in that format; ``delimiter`` and ``infer`` are CSV's."""
    if format_ in ("csv", "tsv"):
        tab = "\t" if format_ == "tsv" else ","
        return csv_rows(_utf8(chunks), delimiter=delimiter or tab, infer=infer)
    if format_ == "bson":
        return bson_rows(chunks)
    readers = {"ndjson": line_rows, "geojson": feature_rows, "sequence": sequence_rows}
    return readers.get(format_, array_rows)(_utf8(chunks))


def _utf8(chunks: Iterable[bytes]) -> Iterable[bytes]:
    for index, chunk in enumerate(chunks):
        if index == 0 and chunk.startswith(_UTF16):
            raise UnreadableError("line 1", "the file is UTF-16; convert it to UTF-8")
        yield chunk
