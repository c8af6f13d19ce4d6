"""What a reader yields: a record, or the news that there is none where one was due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["Bad", "Row", "Rows", "UnreadableError"]


class Row(NamedTuple):
    """One record: where it stands in the file, and the document, or its ready BSON."""

    place: str
    document: dict[str, Any] | bytes


class Bad(NamedTuple):
    """A record that is none: where it stands, and why."""

    place: str
    reason: str


Rows = Iterator[Row | Bad]


class UnreadableError(Exception):
    """
    The file cannot be read on from here: where the next record starts is unknown.

    Attributes:
        place: where reading ended.
        reason: why.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place, self.reason = place, reason
