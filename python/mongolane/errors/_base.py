"""Errors that have no server behind them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import bson.errors
import pymongo.errors

__all__ = [
    "BSONError",
    "ConfigurationError",
    "DocumentDecodeError",
    "EncodeError",
    "MongolaneError",
    "NotConnectedError",
    "NotFoundError",
    "QueryError",
    "UnknownFieldError",
    "VersionConflictError",
]


class MongolaneError(Exception):
    """The base of every error of this package."""

    __module__ = "mongolane.errors"


class NotConnectedError(MongolaneError, RuntimeError):
    """A database was needed and ``DataBase.connect`` had not been called."""

    __module__ = "mongolane.errors"


class ConfigurationError(MongolaneError, pymongo.errors.ConfigurationError):
    """A URI, an option or a class declaration that cannot work."""

    __module__ = "mongolane.errors"


class BSONError(MongolaneError, bson.errors.InvalidBSON, ValueError):
    """
    Bytes that are not BSON.

    Attributes:
        offset: where in the document, in bytes from its start.
        path: the keys that led there, joined by dots; empty at the top.
    """

    __module__ = "mongolane.errors"

    reason: str
    offset: int
    path: str

    def __init__(self, message: str, offset: int = 0, path: str = "") -> None:
        where = f" at byte {offset}" + (f" in {path!r}" if path else "")
        super().__init__(message + where)
        self.reason, self.offset, self.path = message, offset, path

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.offset, self.path)


class EncodeError(MongolaneError, bson.errors.InvalidDocument, ValueError):
    """
    A value that has no place in BSON.

    Attributes:
        path: the keys that lead to the value, joined by dots.
    """

    __module__ = "mongolane.errors"

    reason: str
    path: str

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.reason, self.path = message, path

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.path)


class QueryError(MongolaneError, ValueError):
    """A filter, sort, update or pipeline that cannot be meant like this."""

    __module__ = "mongolane.errors"


class UnknownFieldError(QueryError, AttributeError):
    """
    A field that the class does not declare.

    Attributes:
        owner: the class's name.
        field: what was asked for.
        near: the declared name that looks most like it, or None.
    """

    __module__ = "mongolane.errors"

    owner: str
    field: str

    def __init__(self, owner: str, field: str, declared: Iterable[str] = ()) -> None:
        near = difflib.get_close_matches(str(field), list(declared), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        super().__init__(f"{owner} has no field {field!r}{hint}")
        self.owner, self.field = owner, field
        self.near: str | None = near[0] if near else None

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args, self.__dict__)


def _again(cls: Any, args: tuple[Any, ...], facts: dict[str, Any]) -> Any:
    """An error out of a pickle, which knows its message but not what it was made of."""
    made = cls.__new__(cls)
    made.args = args
    made.__dict__.update(facts)
    return made


class DocumentDecodeError(MongolaneError, ValueError):
    """
    A stored document that does not fit its class.

    Attributes:
        owner: the class's name.
        document_id: the document's ``_id``, None when it has none.
        path: the field, joined by dots, when it is known.
        value: what stands there; None where nothing does, and for a field that keeps
            a secret. Not in the message, since that may reach a log.
        problems: ``(path, message)`` of every problem found.
        document: the whole of it, when it was given by a find-and-modify, which has
            changed or removed it by then; None otherwise.
    """

    __module__ = "mongolane.errors"

    owner: str
    document_id: Any
    problems: list[tuple[str, str]]
    path: str
    value: Any

    def __init__(
        self,
        owner: str,
        document_id: Any,
        problems: list[tuple[str, str]],
        value: Any = None,
    ) -> None:
        listed = "; ".join(f"{path or '(document)'}: {text}" for path, text in problems)
        which = "" if document_id is None else f" with _id {document_id!r}"
        super().__init__(f"the stored document{which} does not fit {owner}: {listed}")
        self.owner, self.document_id, self.problems = owner, document_id, problems
        self.path, self.value = problems[0][0] if problems else "", value
        self.document: dict[str, Any] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        facts = (self.owner, self.document_id, self.problems, self.value)
        return type(self), facts, self.__dict__


class VersionConflictError(MongolaneError):
    """
    Somebody else wrote the document in between.

    Attributes:
        current: the document as it is now, None when it was deleted.
    """

    __module__ = "mongolane.errors"

    def __init__(self, message: str, current: Any = None) -> None:
        super().__init__(message)
        self.current = current


class NotFoundError(MongolaneError, LookupError):
    """No document matched where one had to."""

    __module__ = "mongolane.errors"
