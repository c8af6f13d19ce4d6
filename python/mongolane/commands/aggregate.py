"""aggregate: a pipeline over a collection, or over a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import READ, pick

__all__ = ["aggregate"]

OPTIONS = (
    *READ,
    "allowDiskUse",
    "collation",
    "hint",
    "let",
    "bypassDocumentValidation",
)


def aggregate(
    database: str,
    collection: str | None,
    pipeline: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any] | None = None,
    read_preference: Any = None,
) -> Command:
    """
    The results of a pipeline.

    Args:
        collection: None for the pipelines that start from a database.
        options: ``batchSize`` goes into the cursor's options.
    """
    writes = bool(pipeline) and not pipeline[-1].keys().isdisjoint({"$out", "$merge"})
    size = (options or {}).get("batchSize")
    body: dict[str, Any] = {
        "aggregate": 1 if collection is None else collection,
        "pipeline": list(pipeline),
        # $out and $merge write nothing when the first batch is to be empty.
        "cursor": {"batchSize": size} if size is not None and not writes else {},
        **pick(options, OPTIONS),
    }
    if writes:
        body.update(pick(options, ("writeConcern",)))
    return Command(
        database,
        body,
        is_write=writes,
        retryable=not writes,
        read_preference=read_preference,
    )
