"""distinct: the different values of one field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .command import Command
from .options import READ, pick

__all__ = ["distinct"]


def distinct(
    database: str,
    collection: str,
    key: str,
    filter: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    read_preference: Any = None,
) -> Command:
    """The different values under ``key`` of the documents that match."""
    body: dict[str, Any] = {"distinct": collection, "key": key}
    if filter:
        body["query"] = filter
    body.update(pick(options, (*READ, "collation", "hint")))
    return Command(database, body, retryable=True, read_preference=read_preference)
