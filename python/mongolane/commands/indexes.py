"""createIndexes, listIndexes, dropIndexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import WRITE, pick

__all__ = ["create_indexes", "drop_indexes", "list_indexes", "modify_index"]


def create_indexes(
    database: str,
    collection: str,
    indexes: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any] | None = None,
) -> Command:
    """
    Create indexes; those that exist already stay as they are.

    Args:
        indexes: each with ``key`` and ``name``, and what else belongs to it.
    """
    body = {
        "createIndexes": collection,
        "indexes": list(indexes),
        **pick(options, (*WRITE, "commitQuorum")),
    }
    return Command(database, body, is_write=True)


def list_indexes(
    database: str, collection: str, options: Mapping[str, Any] | None = None
) -> Command:
    """The collection's indexes, by a cursor."""
    size = (options or {}).get("batchSize")
    cursor = {"batchSize": size} if size is not None else {}
    body = {"listIndexes": collection, "cursor": cursor, **pick(options, ("comment",))}
    return Command(database, body, retryable=True)


def drop_indexes(
    database: str,
    collection: str,
    index: str | Sequence[str],
    options: Mapping[str, Any] | None = None,
) -> Command:
    """
    Drop indexes.

    Args:
        index: a name, several, or ``*`` for all but that of ``_id``.
    """
    names = index if isinstance(index, str) else list(index)
    body = {"dropIndexes": collection, "index": names, **pick(options, WRITE)}
    return Command(database, body, is_write=True)


def modify_index(
    database: str, collection: str, name: str, changed: Mapping[str, Any]
) -> Command:
    """
    Change an index in place.

    Args:
        changed: ``expireAfterSeconds`` and ``hidden``.
    """
    body = {"collMod": collection, "index": {"name": name, **changed}}
    return Command(database, body, is_write=True)
