"""update: changes of stored documents, or their replacement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import WRITE, acknowledged, pick

__all__ = ["update", "update_statement", "updates"]

OPTIONS = (*WRITE, "let", "bypassDocumentValidation")
_IN_STATEMENT = ("collation", "arrayFilters", "hint", "sort")


def update_statement(
    filter: Mapping[str, Any],
    change: Mapping[str, Any] | Sequence[Mapping[str, Any]] | bytes,
    options: Mapping[str, Any] | None = None,
    *,
    multi: bool = False,
    upsert: bool = False,
) -> dict[str, Any]:
    """
    One entry of ``updates``.

    Args:
        change: an update document, a pipeline, or a replacement.
        options: ``collation``, ``arrayFilters``, ``hint`` and ``sort`` are taken.
    """
    statement: dict[str, Any] = {"q": filter, "u": change}
    if multi:
        statement["multi"] = True
    if upsert:
        statement["upsert"] = True
    statement.update(pick(options, _IN_STATEMENT))
    return statement


def update(
    database: str,
    collection: str,
    statement: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
) -> Command:
    """One update."""
    body = {"update": collection, "updates": [statement], **pick(options, OPTIONS)}
    answered = acknowledged(options)
    return Command(
        database,
        body,
        is_write=True,
        retryable=answered and not statement.get("multi"),
        acknowledged=answered,
    )


def updates(
    database: str,
    collection: str,
    statements: Sequence[bytes],
    options: Mapping[str, Any] | None = None,
    *,
    ordered: bool = True,
    multi: bool = False,
) -> Command:
    """
    Several updates in one command.

    Args:
        statements: entries of ``updates``, encoded.
        multi: whether one of them may change several documents; it is not retried then.
    """
    body: dict[str, Any] = {"update": collection, **pick(options, OPTIONS)}
    if not ordered:
        body["ordered"] = False
    answered = acknowledged(options)
    return Command(
        database,
        body,
        sequence=("updates", statements),
        is_write=True,
        retryable=answered and not multi,
        acknowledged=answered,
    )
