"""insert: new documents, already encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import WRITE, acknowledged, pick

__all__ = ["insert"]

OPTIONS = (*WRITE, "bypassDocumentValidation")


def insert(
    database: str,
    collection: str,
    documents: Sequence[bytes],
    options: Mapping[str, Any] | None = None,
    *,
    ordered: bool = True,
) -> Command:
    """
    Store documents; ``batches`` says how many fit into one command.

    Args:
        documents: BSON, each with its ``_id``.
        ordered: stop at the first one that is refused.
    """
    body: dict[str, Any] = {"insert": collection}
    if not ordered:
        body["ordered"] = False
    if options:
        body.update(pick(options, OPTIONS))
    answered = acknowledged(options)
    return Command(
        database,
        body,
        sequence=("documents", documents),
        is_write=True,
        retryable=answered,
        acknowledged=answered,
    )
