"""A write as part of something larger: what ``bulk`` needs to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..commands.options import pick
from .source import Source

__all__ = ["TOP_OPTIONS", "Operation", "top_options"]

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
    """

    kind: str
    source: Source[Any]
    data: bytes
    options: Mapping[str, Any]
    multi: bool = False

    def group(self) -> tuple[Any, ...]:
        """Operations with the same group may go in one command."""
        return (
            self.kind,
            self.source.database.name,
            id(self.source.database),
            self.source.collection,
            repr(self.options),
        )


def top_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that belong to a command and not to a statement in it."""
    return pick(options, TOP_OPTIONS)
