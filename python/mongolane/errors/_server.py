"""Errors that a server, or the way to one, has given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pymongo.errors

from ._base import MongolaneError, VersionConflictError

__all__ = [
    "AuthenticationError",
    "BulkWriteError",
    "CursorNotFoundError",
    "DuplicateKeyError",
    "ExecutionTimeoutError",
    "NetworkError",
    "NetworkTimeoutError",
    "NotPrimaryError",
    "ProtocolError",
    "ServerError",
    "ServerSelectionTimeoutError",
    "WaitQueueTimeoutError",
    "WriteConcernError",
    "WriteError",
    "from_reply",
    "from_write_error",
]


class ServerSelectionTimeoutError(
    MongolaneError, pymongo.errors.ServerSelectionTimeoutError
):
    """No suitable server within ``serverSelectionTimeoutMS``; names the addresses."""

    __module__ = "mongolane.errors"


class NetworkError(MongolaneError, pymongo.errors.AutoReconnect):
    """The connection broke; whether the server acted is unknown."""

    __module__ = "mongolane.errors"


class NetworkTimeoutError(NetworkError, pymongo.errors.NetworkTimeout, TimeoutError):
    """No answer in time."""

    __module__ = "mongolane.errors"


class ProtocolError(NetworkError, pymongo.errors.ProtocolError):
    """The peer broke the rules of the wire protocol; the connection is closed."""

    __module__ = "mongolane.errors"


class WaitQueueTimeoutError(MongolaneError, pymongo.errors.WaitQueueTimeoutError):
    """Every connection of the pool was busy for ``waitQueueTimeoutMS``."""

    __module__ = "mongolane.errors"


class ServerError(MongolaneError, pymongo.errors.OperationFailure):
    """
    The server refused: ``code``, ``code_name``, ``details`` (the reply).

    The message is the server's, without the values that clash in a unique index and
    without the rest of the reply, which PyMongo adds: they may hold secrets.

    https://www.mongodb.com/docs/manual/reference/error-codes/
    """

    __module__ = "mongolane.errors"

    def __init__(
        self,
        error: str,
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        max_wire_version: int | None = None,
    ) -> None:
        pymongo.errors.OperationFailure.__init__(
            self, error, code, details, max_wire_version
        )
        self._say(error)

    def _say(self, message: str) -> None:
        self._message = _without_values(message)
        self.args: tuple[Any, ...] = (self._message,)

    @property
    def code_name(self) -> str | None:
        """The code's name, for example ``DuplicateKey``."""
        return (self.details or {}).get("codeName")


class AuthenticationError(ServerError):
    """The server did not accept the credentials (code 18)."""

    __module__ = "mongolane.errors"


class CursorNotFoundError(ServerError, pymongo.errors.CursorNotFound):
    """The server no longer knows the cursor (code 43)."""

    __module__ = "mongolane.errors"


class ExecutionTimeoutError(ServerError, pymongo.errors.ExecutionTimeout):
    """``maxTimeMS`` was over (code 50)."""

    __module__ = "mongolane.errors"


class NotPrimaryError(ServerError, pymongo.errors.NotPrimaryError):
    """The server is not, or no longer, the primary."""

    __module__ = "mongolane.errors"

    def __init__(
        self,
        error: str,
        code: int | None = None,
        details: Mapping[str, Any] | None = None,
        max_wire_version: int | None = None,
    ) -> None:
        # OperationFailure and AutoReconnect cannot both be initialised: one calls
        # the other with its own arguments, and one keeps ``details`` as an attribute,
        # the other as a property. So this stands in for both.
        labels = (details or {}).get("errorLabels")
        pymongo.errors.PyMongoError.__init__(self, error, labels)
        self._say(error)
        self._code, self._reply = code, details
        self.errors: Mapping[str, Any] = details or {}
        self._wire_version = max_wire_version

    @property
    def code(self) -> int | None:
        """The error code returned by the server, if any."""
        return self._code

    @property
    def details(self) -> Mapping[str, Any] | None:  # type: ignore[override]
        """The complete reply."""
        return self._reply

    @property
    def timeout(self) -> bool:
        return False

    @property
    def _max_wire_version(self) -> int | None:
        return self._wire_version

    @property
    def _base_backoff_ms(self) -> float | None:
        return (self._reply or {}).get("baseBackoffMS")


class WriteError(ServerError, pymongo.errors.WriteError):
    """One write was refused."""

    __module__ = "mongolane.errors"


class DuplicateKeyError(WriteError, pymongo.errors.DuplicateKeyError):
    """
    A unique index already holds the value.

    Attributes:
        index: the index's name, when the server told it.
        key_value: the clashing keys and values.
    """

    __module__ = "mongolane.errors"

    @property
    def index(self) -> str | None:
        """The name of the unique index, where the server tells it."""
        message = str((self.details or {}).get("errmsg", ""))
        # MongoDB says it the first way, DocumentDB the second.
        found = re.search(r" index: (\S+)| Index '([^']+)'", message)
        return (found[1] or found[2]) if found else None

    @property
    def key_value(self) -> Mapping[str, Any] | None:
        """What was there already: stored keys and values, where the server tells."""
        return (self.details or {}).get("keyValue")


class WriteConcernError(ServerError, pymongo.errors.WriteConcernError):
    """The write happened, but not as safely as asked."""

    __module__ = "mongolane.errors"


class BulkWriteError(ServerError, pymongo.errors.BulkWriteError):
    """
    Some writes of many were refused; ``details`` holds what was done and what not.

    Attributes:
        conflicts: of documents that somebody else wrote, by the number of the write:
            each with the current document.
    """

    __module__ = "mongolane.errors"

    def __init__(
        self,
        details: Mapping[str, Any],
        conflicts: Mapping[int, VersionConflictError] | None = None,
    ) -> None:
        self.conflicts: dict[int, VersionConflictError] = dict(conflicts or {})
        refused = details.get("writeErrors")
        first = refused[0] if refused and isinstance(refused, list) else {}
        reason = f": {first['errmsg']}" if first.get("errmsg") else ""
        text = f"some of the writes were refused{reason}"
        ServerError.__init__(self, text, 65, details)

    def __reduce__(self) -> tuple[Any, Any]:
        return self.__class__, (self.details, self.conflicts)


_NOT_PRIMARY = frozenset({10107, 13435, 10058, 11600, 11602, 13436, 189, 91})
_BY_CODE: dict[int, type[ServerError]] = {
    18: AuthenticationError,
    43: CursorNotFoundError,
    50: ExecutionTimeoutError,
    11000: DuplicateKeyError,
    11001: DuplicateKeyError,
    12582: DuplicateKeyError,
    **dict.fromkeys(_NOT_PRIMARY, NotPrimaryError),
}


def from_reply(reply: Mapping[str, Any]) -> ServerError:
    """
    The error for a reply with ``ok: 0``.

    Args:
        reply: the decoded reply document.
    """
    if _CONSTRAINT.search(str(reply.get("errmsg"))):
        return _make(DuplicateKeyError, reply, 11000)
    return _make(_BY_CODE.get(_code(reply), ServerError), reply, _code(reply))


# DocumentDB has no code of its own for it where PostgreSQL finds the clash.
_CONSTRAINT = re.compile(r"violates (unique|exclusion) constraint")


def from_write_error(error: Mapping[str, Any]) -> WriteError:
    """The error for one entry of ``writeErrors``."""
    cls = _BY_CODE.get(_code(error), WriteError)
    made = cls if issubclass(cls, WriteError) else WriteError
    return _make(made, error, _code(error))  # type: ignore[return-value]


def _make(cls: type[ServerError], reply: Mapping[str, Any], code: int) -> ServerError:
    message = reply.get("errmsg") or "the server gave no message"
    labels = reply.get("errorLabels")
    if labels is not None and not isinstance(labels, list):
        # What is no list of labels is none, and PyMongo would stumble over it.
        reply = {**reply, "errorLabels": []}
    error = cls(str(message), code or None, reply)
    for label in reply.get("errorLabels") or ():
        error._add_error_label(str(label))
    return error


def _code(reply: Mapping[str, Any]) -> int:
    """The code, which an odd server may send as a double or not as a number at all."""
    code = reply.get("code")
    whole = isinstance(code, (int, float)) and code == code // 1
    return int(code) if whole else 0  # type: ignore[arg-type]


def _without_values(message: str) -> str:
    """``dup key: { email: "a", n: 1 }`` as ``dup key: { email, n }``."""
    start = message.find("dup key: {")
    if start < 0:
        return message
    values = re.sub(_TEXT, "", message[start + len("dup key: {") :])
    names = re.findall(r"(?:^|, )\s*([\w.$]+): ", values)
    if not names and ":" not in values:
        # Nothing but names already, as in an error out of a pickle.
        return message
    return f"{message[:start]}dup key: {{ {', '.join(names)} }}"


# In quotes; a long one may have lost its end.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*("|$)', re.DOTALL)
