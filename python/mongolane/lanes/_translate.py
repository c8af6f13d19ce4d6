"""
PyMongo's errors as ours. With ``_settings`` the only place where that happens.

Every error that leaves a lane is one of ``mongolane.errors``, and so also the
PyMongo class it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pymongo.errors

from .. import errors

__all__ = ["ODD", "THEIRS", "misunderstood", "translate"]

# What PyMongo raises; a document's size is no PyMongoError to it.
THEIRS = (pymongo.errors.PyMongoError, pymongo.errors.DocumentTooLarge)
# What else comes of a reply that has not the form PyMongo expects.
ODD = (AttributeError, KeyError, IndexError, TypeError, ValueError)

# The first that fits; subclasses before their bases.
_TABLE: tuple[tuple[type[Exception], type[errors.MongolaneError]], ...] = (
    (pymongo.errors.ServerSelectionTimeoutError, errors.ServerSelectionTimeoutError),
    (pymongo.errors.WaitQueueTimeoutError, errors.WaitQueueTimeoutError),
    (pymongo.errors.NetworkTimeout, errors.NetworkTimeoutError),
    (pymongo.errors.ProtocolError, errors.ProtocolError),
    (pymongo.errors.ConnectionFailure, errors.NetworkError),
    (pymongo.errors.ConfigurationError, errors.ConfigurationError),
)


def translate(error: Exception) -> Exception:
    """
    Our error for one of PyMongo's; anything else is returned as it is.

    Raise it ``from None`` or from the original, which holds no secret.
    """
    if isinstance(error, errors.MongolaneError):
        return error
    if isinstance(error, pymongo.errors.NotPrimaryError):
        return errors.from_reply(_document(error))
    if isinstance(error, pymongo.errors.OperationFailure):
        return errors.from_reply(_document(error))
    if isinstance(error, pymongo.errors.DocumentTooLarge):
        return errors.EncodeError(f"{error}; the server takes 16,777,216 bytes")
    for theirs, ours in _TABLE:
        if isinstance(error, theirs):
            return _relabel(ours(str(error)), error)
    return error


def misunderstood(error: Exception) -> errors.ProtocolError:
    """Our error for what PyMongo stumbled over while it read a reply."""
    kind = type(error).__name__
    return errors.ProtocolError(f"a reply that cannot be understood ({kind})")


def _document(error: Any) -> Mapping[str, Any]:
    """The reply a server error was made from, put together again if it is lost."""
    details = error.details
    document = dict(details) if isinstance(details, Mapping) else {}
    said = getattr(error, "_message", None) or str(error)
    if not document.get("errmsg"):
        document["errmsg"] = said.partition(", full error: ")[0]
    code = getattr(error, "code", None)
    if code is not None:
        document.setdefault("code", code)
    labels = sorted(error._error_labels)
    if labels:
        document["errorLabels"] = labels
    return document


def _relabel(ours: Any, error: Any) -> Exception:
    for label in error._error_labels:
        ours._add_error_label(label)
    result: Exception = ours
    return result
