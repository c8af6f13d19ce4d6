"""Replies to writes, merged: counts, and errors under the caller's own indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ProtocolError

__all__ = ["ODD", "Outcome", "odd"]

ODD = (AttributeError, KeyError, IndexError, TypeError, ValueError)
"""What comes of reading a reply whose values are not of the types they always have."""


def odd(error: Exception) -> ProtocolError:
    """The error for such a reply."""
    kind = type(error).__name__
    return ProtocolError(
        f"a reply to a write that cannot be understood ({kind}); "
        "whether anything was written is unknown"
    )


class Outcome:
    """
    What several write commands have done together.

    Attributes:
        inserted: how many documents were stored.
        matched: how many an update's filter matched.
        modified: how many an update changed.
        deleted: how many were removed.
        upserted: ``{"index": ..., "_id": ...}`` of each document an update made.
        write_errors: the server's, with ``index`` among all operations.
        concern_errors: writes that happened, but not as safely as asked.
    """

    __slots__ = (
        "concern_errors",
        "deleted",
        "inserted",
        "matched",
        "modified",
        "upserted",
        "write_errors",
    )

    inserted: int
    matched: int
    modified: int
    deleted: int

    def __init__(self) -> None:
        self.inserted = self.matched = self.modified = self.deleted = 0
        self.upserted: list[dict[str, Any]] = []
        self.write_errors: list[dict[str, Any]] = []
        self.concern_errors: list[dict[str, Any]] = []

    def add(
        self, operation: str, reply: Mapping[str, Any], indexes: range | list[int]
    ) -> None:
        """
        Take in one reply.

        Args:
            operation: ``insert``, ``update`` or ``delete``.
            reply: the reply's document.
            indexes: which of the caller's operations were in the command, in its order.

        Raises:
            ProtocolError: the reply says what cannot be.
        """
        try:
            self._add(operation, reply, indexes)
        except ODD as error:
            raise odd(error) from None

    def _add(
        self, operation: str, reply: Mapping[str, Any], indexes: range | list[int]
    ) -> None:
        n = int(reply.get("n", 0))
        upserted = reply.get("upserted") or ()
        if operation == "insert":
            self.inserted += n
        elif operation == "delete":
            self.deleted += n
        else:
            self.matched += n - len(upserted)
            self.modified += int(reply.get("nModified", 0))
        self.upserted += [_shifted(entry, indexes) for entry in upserted]
        errors = reply.get("writeErrors") or ()
        self.write_errors += [_shifted(error, indexes) for error in errors]
        if concern := reply.get("writeConcernError"):
            self.concern_errors.append(dict(concern))

    @property
    def failed(self) -> bool:
        """Whether anything was refused."""
        return bool(self.write_errors or self.concern_errors)

    def details(self) -> dict[str, Any]:
        """As PyMongo's ``BulkWriteError.details``."""
        return {
            "writeErrors": sorted(self.write_errors, key=lambda error: error["index"]),
            "writeConcernErrors": self.concern_errors,
            "nInserted": self.inserted,
            "nUpserted": len(self.upserted),
            "nMatched": self.matched,
            "nModified": self.modified,
            "nRemoved": self.deleted,
            "upserted": self.upserted,
        }


def _shifted(entry: Mapping[str, Any], indexes: range | list[int]) -> dict[str, Any]:
    return {**entry, "index": indexes[entry["index"]]}
