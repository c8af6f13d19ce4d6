"""
Motormongo's errors around our queries.

An error is both what motormongo raised and what really happened: the
``DocumentInsertError`` for a duplicate key is a ``DuplicateKeyError``, too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ..errors import (
    DocumentError,
    DocumentNotFoundError,
    MongolaneError,
    VersionConflictError,
)
from ..fields import Steps
from ..queries import Find, FindOne
from .also import also

__all__ = ["FoundMany", "FoundOne", "as_document_error", "raising"]

T = TypeVar("T", covariant=True)


def as_document_error(kind: type[DocumentError], error: Exception) -> Exception:
    """An error that is of motormongo's kind and of the class of ``error``."""
    if isinstance(error, (MongolaneError, TypeError)):
        return also(error, kind, first=True)
    return kind(str(error))


@contextmanager
def raising(kind: type[DocumentError]) -> Iterator[None]:
    """
    Turn what goes wrong inside into motormongo's kind of error.

    A version conflict stays what it is: motormongo knew no versions.
    """
    try:
        yield
    except (MongolaneError, TypeError, ValueError) as error:
        if isinstance(error, (kind, VersionConflictError)):
            raise
        raise as_document_error(kind, error) from error


class FoundOne(FindOne[T], Steps):
    """``find_one``: its errors are motormongo's."""

    __slots__ = ("_steps",)

    def _found(self) -> Generator[Any, None, T | None]:
        # The same as FindOne's, in place: one generator less to wake.
        try:
            source = self._source
            codec = source.codec if self._view is None else self._codec()
            asked = source.database.lane.ask(self._sent())
            del self
            found: list[T] = codec.decode_reply((yield from asked))
            return found[0] if found else None
        except MongolaneError as error:
            raise as_document_error(DocumentNotFoundError, error) from error


class FoundMany(Find[T], Steps):
    """``find_many``: its errors are motormongo's."""

    __slots__ = ("_steps",)

    async def _run(self) -> list[T]:
        try:
            return await super()._run()
        except MongolaneError as error:
            raise as_document_error(DocumentNotFoundError, error) from error
