"""What writes give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..abc import Reply
from ..commands import ODD, Outcome, odd
from ..errors import WriteConcernError, from_write_error

__all__ = ["BulkResult", "UpdateResult", "approve", "check", "counted"]


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

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> UpdateResult:
        """Of a reply."""
        try:
            upserted = document.get("upserted") or ()
            return cls(
                matched=document.get("n", 0) - len(upserted),
                modified=document.get("nModified", 0),
                upserted_id=upserted[0]["_id"] if upserted else None,
            )
        except ODD as error:
            raise odd(error) from None


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
        """Of what several commands have done together."""
        ids = {entry["index"]: entry["_id"] for entry in outcome.upserted}
        return cls(
            outcome.inserted,
            outcome.matched,
            outcome.modified,
            outcome.deleted,
            ids,
        )


def counted(document: Mapping[str, Any]) -> int:
    """How many documents a reply counts."""
    try:
        return int(document.get("n", 0))
    except ODD as error:
        raise odd(error) from None


def approve(reply: Reply) -> None:
    """``check`` for who does not ask what the reply says."""
    data = reply.data
    # In a document that it holds, too: then it is looked at in vain.
    if b"writeErrors" in data or b"writeConcernError" in data:
        check(reply)


def check(reply: Reply) -> dict[str, Any]:
    """
    The document of a reply to a single write.

    Raises:
        DuplicateKeyError: a unique index refused it.
        WriteError: something else did.
        WriteConcernError: it happened, but not as safely as asked.
        ProtocolError: the reply says what cannot be.
    """
    document = reply.document()
    try:
        refused = _refused(document)
    except ODD as error:
        raise odd(error) from None
    if refused is not None:
        raise refused
    return document


def _refused(document: Mapping[str, Any]) -> Exception | None:
    if errors := document.get("writeErrors"):
        return from_write_error(errors[0])
    if concern := document.get("writeConcernError"):
        return WriteConcernError(
            str(concern.get("errmsg")), concern.get("code"), concern
        )
    return None
