"""findAndModify: change, replace or remove one document and answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import WRITE, pick

__all__ = ["find_and_modify"]

OPTIONS = (
    "sort",
    "collation",
    "arrayFilters",
    "hint",
    "let",
    "bypassDocumentValidation",
    *WRITE,
)


def find_and_modify(
    database: str,
    collection: str,
    filter: Mapping[str, Any],
    change: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None,
    options: Mapping[str, Any] | None = None,
    *,
    new: bool = False,
    upsert: bool = False,
) -> Command:
    """
    One document changed and answered, in one step.

    Args:
        change: an update document, a pipeline, a replacement; None removes.
        options: ``projection`` is sent as ``fields``.
        new: answer the document as it is afterwards.
        upsert: make one when none matches.
    """
    body: dict[str, Any] = {"findAndModify": collection, "query": filter}
    if change is None:
        body["remove"] = True
    else:
        body["update"] = change
    if new:
        body["new"] = True
    if upsert:
        body["upsert"] = True
    if options:
        body.update(pick(options, OPTIONS))
        if options.get("projection") is not None:
            body["fields"] = options["projection"]
    return Command(database, body, is_write=True, retryable=True)
