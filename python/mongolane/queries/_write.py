"""A write as part of something larger: what ``bulk`` needs to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..commands.options import pick
from ..errors import QueryError
from .source import Source

__all__ = ["TOP_OPTIONS", "Operation", "refuse_unanswered", "top_options"]

TOP_OPTIONS = (
    "writeConcern",
    "comment",
    "let",
    "maxTimeMS",
    "bypassDocumentValidation",
)


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """
    One entry of a write command.

    Attributes:
        kind: ``insert``, ``update`` or ``delete``.
        source: where it goes.
        data: the document or statement, encoded.
        options: those of the command, which all entries of it share.
        multi: whether it may touch several documents.
        document: the new document itself, of an insert.
    """

    kind: str
    source: Source[Any]
    data: bytes
    options: Mapping[str, Any]
    multi: bool = False
    document: Any = None

    def group(self) -> tuple[Any, ...]:
        """Operations with the same group may go in one command."""
        return (
            self.kind,
            self.source.database.name,
            id(self.source.database),
            self.source.collection,
            repr(self.options),
        )


def refuse_unanswered(options: Mapping[str, Any]) -> None:
    """
    Refuse what a server could only refuse in an answer, when none is asked for.

    Raises:
        QueryError: names the option.
    """
    if (options.get("writeConcern") or {}).get("w") != 0:
        return
    for name in ("hint", "collation", "arrayFilters"):
        if options.get(name):
            raise QueryError(
                f"{name} needs an answer: not with write_concern=0, where an error "
                "would stay unseen"
            )


def top_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that belong to a command and not to a statement in it."""
    return pick(options, TOP_OPTIONS)
