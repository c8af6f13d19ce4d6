"""What writes give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..abc import Reply
from ..commands import Outcome
from ..errors import WriteConcernError, from_write_error

__all__ = ["BulkResult", "UpdateResult", "check"]


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """
    What an update has done.

    Attributes:
        matched: documents that the filter found.
        modified: documents that were changed by it.
        upserted_id: the ``_id`` of the document that was made, if one was.
    """

    matched: int
    modified: int
    upserted_id: Any = None


@dataclass(frozen=True, slots=True)
class BulkResult:
    """
    What several writes have done together.

    Attributes:
        inserted: documents stored.
        matched: documents found by updates.
        modified: documents changed by updates.
        deleted: documents removed.
        upserted_ids: the ``_id`` of each document an update made, by the number of
            the operation.
    """

    inserted: int = 0
    matched: int = 0
    modified: int = 0
    deleted: int = 0
    upserted_ids: Mapping[int, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, outcome: Outcome) -> BulkResult:
        ids = {entry["index"]: entry["_id"] for entry in outcome.upserted}
        return cls(
            outcome.inserted,
            outcome.matched,
            outcome.modified,
            outcome.deleted,
            ids,
        )


def check(reply: Reply) -> dict[str, Any]:
    """
    The document of a reply to a single write.

    Raises:
        DuplicateKeyError: a unique index refused it.
        WriteError: something else did.
        WriteConcernError: it happened, but not as safely as asked.
    """
    document = reply.document()
    if errors := document.get("writeErrors"):
        raise from_write_error(errors[0])
    if concern := document.get("writeConcernError"):
        raise WriteConcernError(
            str(concern.get("errmsg")), concern.get("code"), concern
        )
    return document
