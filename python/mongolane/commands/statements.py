"""Commands that hold statements: update and delete, with one or with many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .command import Command
from .options import acknowledged, pick

__all__ = ["of_many", "of_one"]

Options = Mapping[str, Any] | None


def of_one(
    name: str,
    database: str,
    collection: str,
    statement: Mapping[str, Any],
    options: Options,
    known: Iterable[str],
    *,
    multi: bool,
) -> Command:
    """
    One statement in the body.

    Args:
        name: ``update`` or ``delete``.
        options: in the server's spelling.
        known: which of them the command takes.
        multi: whether it may touch several documents; it is not retried then.
    """
    body = {name: collection, f"{name}s": [statement], **pick(options, known)}
    return _written(database, body, options, multi)


def of_many(
    name: str,
    database: str,
    collection: str,
    statements: Sequence[bytes],
    options: Options,
    known: Iterable[str],
    *,
    ordered: bool,
    multi: bool,
) -> Command:
    """
    Statements that are encoded, in a document sequence.

    Args:
        ordered: stop at the first that is refused.
        multi: whether one of them may touch several documents.
    """
    body: dict[str, Any] = {name: collection, **pick(options, known)}
    if not ordered:
        body["ordered"] = False
    return _written(database, body, options, multi, (f"{name}s", statements))


def _written(
    database: str,
    body: dict[str, Any],
    options: Options,
    multi: bool,
    sequence: tuple[str, Sequence[bytes]] | None = None,
) -> Command:
    answered = acknowledged(options)
    return Command(
        database,
        body,
        sequence=sequence,
        is_write=True,
        retryable=answered and not multi,
        acknowledged=answered,
    )
