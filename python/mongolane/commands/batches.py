"""Splitting many writes into commands that a server takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..abc import Limits
from ..errors import EncodeError

__all__ = ["batches"]

# What a message holds besides its documents: header, body, the sequence's name.
_OVERHEAD = 16 * 1024


def batches(
    documents: Sequence[bytes], limits: Limits, *, statements: bool = False
) -> Iterator[slice]:
    """
    Slices of ``documents``, each small enough for one command.

    Args:
        documents: encoded documents or statements.
        limits: what the server said of itself.
        statements: these are entries of ``updates`` or ``deletes``, which may be a
            little larger than the documents in them.

    Raises:
        EncodeError: for a document that no command can carry; before anything is
            given, so that nothing has been sent.
    """
    _refuse_too_large(documents, limits, _OVERHEAD if statements else 0)
    room = limits.max_message_size - _OVERHEAD
    few = 0 < len(documents) <= limits.max_write_batch_size
    if few and sum(map(len, documents)) <= room:
        yield slice(0, len(documents))
        return
    start = size = 0
    for index, document in enumerate(documents):
        full = index - start >= limits.max_write_batch_size
        if index > start and (full or size + len(document) > room):
            yield slice(start, index)
            start, size = index, 0
        size += len(document)
    if start < len(documents):
        yield slice(start, len(documents))


def _refuse_too_large(
    documents: Sequence[bytes], limits: Limits, allowance: int
) -> None:
    most = limits.max_document_size + allowance
    if max(map(len, documents), default=0) <= most:
        return
    for index, document in enumerate(documents):
        if len(document) > most:
            raise EncodeError(
                f"document {index} has {len(document):,} bytes; "
                f"the server takes {limits.max_document_size:,}"
            )
