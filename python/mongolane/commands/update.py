"""update: changes of stored documents, or their replacement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import WRITE, pick
from .statements import of_many, of_one

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
    multi = bool(statement.get("multi"))
    return of_one(
        "update", database, collection, statement, options, OPTIONS, multi=multi
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
    return of_many(
        "update",
        database,
        collection,
        statements,
        options,
        OPTIONS,
        ordered=ordered,
        multi=multi,
    )
