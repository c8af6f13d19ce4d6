"""find: documents by a filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .command import Command, Read

__all__ = ["OPTIONS", "find", "find_first"]

OPTIONS = (
    "sort",
    "projection",
    "hint",
    "skip",
    "limit",
    "batchSize",
    "singleBatch",
    "comment",
    "maxTimeMS",
    "max",
    "min",
    "returnKey",
    "showRecordId",
    "noCursorTimeout",
    "allowPartialResults",
    "allowDiskUse",
    "collation",
    "readConcern",
    "let",
)
"""What a find may be given."""


def find(
    database: str,
    collection: str,
    filter: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    read_preference: Any = None,
) -> Command:
    """
    Documents that match ``filter``.

    Args:
        options: in the server's spelling; the caller made sure that a find knows them.
    """
    body: dict[str, Any] = {"find": collection, "filter": filter}
    if options:
        body.update(options)
    return Read(database, body, read_preference)


def find_first(
    database: str,
    collection: str,
    filter: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    read_preference: Any = None,
) -> Command:
    """At most one document, and no cursor left behind."""
    if options:
        body = {"find": collection, "filter": filter, **options}
        body["limit"], body["singleBatch"] = 1, True
    else:
        body = {"find": collection, "filter": filter, "limit": 1, "singleBatch": True}
    return Read(database, body, read_preference)
