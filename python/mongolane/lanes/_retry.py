"""
Which errors a second attempt may cure, and which of two errors is told.

Specifications: retryable-reads ("Retryable Error"), retryable-writes ("Terms",
"Determining Retryable Errors"), server-discovery-and-monitoring (the codes).
"""

from __future__ import annotations

from ..abc import Reply
from ..errors import (
    MongolaneError,
    NetworkError,
    ServerError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

__all__ = [
    "SHUTDOWN",
    "concern_error",
    "label",
    "may_repeat_read",
    "may_repeat_write",
    "which",
]

SHUTDOWN = frozenset({11600, 91})
"""InterruptedAtShutdown, ShutdownInProgress: the connections will die too."""

_LABEL = "RetryableWriteError"
_READ_CODES = frozenset(
    {11600, 11602, 10107, 13435, 13436, 189, 91, 7, 6, 89, 9001, 262, 134}
)


def may_repeat_read(error: Exception) -> bool:
    """Whether a read that failed so may be sent again."""
    if isinstance(error, ServerError):
        return error.code in _READ_CODES
    return isinstance(error, NetworkError)


def may_repeat_write(error: Exception) -> bool:
    """
    Whether a write that failed so may be sent again.

    Servers since 4.4 label their errors themselves; network errors are ours to label.
    """
    label(error)
    known = isinstance(error, NetworkError | ServerError)
    return known and error.has_error_label(_LABEL)  # type: ignore[attr-defined]


def label(error: Exception) -> None:
    """Say of a retryable write's network error that it is retryable."""
    if isinstance(error, NetworkError):
        error._add_error_label(_LABEL)


def concern_error(reply: Reply) -> WriteConcernError | None:
    """The retryable write concern error inside of a reply with ``ok: 1``, if any."""
    if b"errorLabels" not in reply.data:
        return None
    document = reply.document()
    if _LABEL not in (document.get("errorLabels") or ()):
        return None
    error = document.get("writeConcernError") or {}
    return WriteConcernError(str(error.get("errmsg")), error.get("code"), document)


def which(first: Exception, second: Exception) -> Exception:
    """
    The error to raise when both attempts failed: the last that may have written.

    An error that says of itself that nothing was written, or that never reached a
    server, tells less than the first one did.
    """
    told_nothing = isinstance(
        second, ServerSelectionTimeoutError | WaitQueueTimeoutError
    )
    labelled = isinstance(second, NetworkError | ServerError)
    if told_nothing or not isinstance(second, MongolaneError):
        return first
    if labelled and second.has_error_label("NoWritesPerformed"):  # type: ignore[attr-defined]
        return first
    return second
