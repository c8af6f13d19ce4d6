"""drop and dropDatabase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .command import Command
from .options import pick

__all__ = ["drop", "drop_database"]


def drop(
    database: str, collection: str, options: Mapping[str, Any] | None = None
) -> Command:
    """Drop a collection with its indexes."""
    body = {"drop": collection, **pick(options, ("comment", "writeConcern"))}
    return Command(database, body, is_write=True)


def drop_database(database: str, options: Mapping[str, Any] | None = None) -> Command:
    """Drop a database with all that is in it."""
    body = {"dropDatabase": 1, **pick(options, ("comment", "writeConcern"))}
    return Command(database, body, is_write=True)
