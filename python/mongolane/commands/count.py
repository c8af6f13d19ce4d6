"""count: how many documents match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .aggregate import aggregate
from .command import Command
from .options import READ, pick

__all__ = ["count", "estimated_count", "plain_count"]


def count(
    database: str,
    collection: str,
    filter: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    read_preference: Any = None,
) -> Command:
    """
    The exact count, by a pipeline: right also on sharded clusters and in transactions.

    Args:
        options: ``skip`` and ``limit`` are obeyed.
    """
    pipeline: list[dict[str, Any]] = [{"$match": filter}]
    given = options or {}
    for name in ("skip", "limit"):
        if given.get(name):
            pipeline.append({f"${name}": given[name]})
    pipeline.append({"$group": {"_id": 1, "n": {"$sum": 1}}})
    picked = pick(options, (*READ, "collation", "hint", "let"))
    return aggregate(database, collection, pipeline, picked, read_preference)


def plain_count(
    database: str,
    collection: str,
    filter: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    read_preference: Any = None,
) -> Command:
    """
    The count by the command of that name, for filters that no pipeline takes.

    Args:
        options: ``skip`` and ``limit`` are obeyed.
    """
    names = (*READ, "skip", "limit", "collation", "hint")
    body = {"count": collection, "query": filter, **pick(options, names)}
    return Command(database, body, retryable=True, read_preference=read_preference)


def estimated_count(
    database: str,
    collection: str,
    options: Mapping[str, Any] | None = None,
    read_preference: Any = None,
) -> Command:
    """The count from the collection's metadata: quick, and near."""
    body = {"count": collection, **pick(options, READ)}
    return Command(database, body, retryable=True, read_preference=read_preference)
