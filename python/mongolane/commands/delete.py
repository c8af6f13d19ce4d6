"""delete: documents removed by a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .command import Command
from .options import WRITE, pick
from .statements import of_many, of_one

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
    multi = statement["limit"] == 0
    return of_one(
        "delete", database, collection, statement, options, OPTIONS, multi=multi
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
    return of_many(
        "delete",
        database,
        collection,
        statements,
        options,
        OPTIONS,
        ordered=ordered,
        multi=multi,
    )
