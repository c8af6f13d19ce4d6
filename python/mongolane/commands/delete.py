"""delete: documents removed by a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import WRITE, acknowledged, pick

__all__ = ["delete", "delete_statement", "deletes"]

OPTIONS = (*WRITE, "let")
_IN_STATEMENT = ("collation", "hint")


def delete_statement(
    filter: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    *,
    multi: bool = False,
) -> dict[str, Any]:
    """One entry of ``deletes``; ``collation`` and ``hint`` are taken."""
    return {"q": filter, "limit": 0 if multi else 1, **pick(options, _IN_STATEMENT)}


def delete(
    database: str,
    collection: str,
    statement: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
) -> Command:
    """One delete."""
    body = {"delete": collection, "deletes": [statement], **pick(options, OPTIONS)}
    answered = acknowledged(options)
    return Command(
        database,
        body,
        is_write=True,
        retryable=answered and statement["limit"] == 1,
        acknowledged=answered,
    )


def deletes(
    database: str,
    collection: str,
    statements: Sequence[bytes],
    options: Mapping[str, Any] | None = None,
    *,
    ordered: bool = True,
    multi: bool = False,
) -> Command:
    """
    Several deletes in one command.

    Args:
        statements: entries of ``deletes``, encoded.
        multi: whether one of them may remove several documents; it is not retried then.
    """
    body: dict[str, Any] = {"delete": collection, **pick(options, OPTIONS)}
    if not ordered:
        body["ordered"] = False
    answered = acknowledged(options)
    return Command(
        database,
        body,
        sequence=("deletes", statements),
        is_write=True,
        retryable=answered and not multi,
        acknowledged=answered,
    )
