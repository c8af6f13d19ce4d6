"""
Finds over the collections of a class and its subclasses, one after the other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import DocumentNotFoundError, MongolaneError, QueryError
from ..fields import Steps
from ..schema import WrongValueError
from .answers import FoundMany, FoundOne, as_document_error, raising

if TYPE_CHECKING:
    from .collection import Collection

__all__ = ["SeveralMany", "SeveralOne"]


class _Several(Steps):
    """Something to await over several collections."""

    def __init__(
        self,
        homes: Sequence[Collection[Any]],
        filters: tuple[Any, ...],
        limit: int | None = None,
    ) -> None:
        self._homes, self._filters, self._limit = homes, filters, limit

    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_":
            raise AttributeError(name)
        raise AttributeError(f"{name!r}: is an 'await' missing before {self!r}?")

    def __repr__(self) -> str:
        names = ", ".join(home.cls.__name__ for home in self._homes)
        return f"<a find of {names}>"


class SeveralOne(_Several):
    """The first document that any of the collections has, or None."""

    def __await__(self) -> Generator[Any, None, Any]:
        return self._run().__await__()

    async def _run(self) -> Any:
        for home in self._homes:
            query: FoundOne[Any] = FoundOne(home.loose, self._filters)
            found = await query
            if found is not None:
                return found
        return None


class SeveralMany(_Several):
    """A list of what all of the collections have, ``limit`` of them together."""

    def __await__(self) -> Generator[Any, None, list[Any]]:
        return self._run().__await__()

    async def to_list(self) -> list[Any]:
        """The same as awaiting it."""
        return await self._run()

    async def _run(self) -> list[Any]:
        self._check_limit()
        found: list[Any] = []
        for home in self._homes:
            left = None if self._limit is None else self._limit - len(found)
            if left == 0:
                break
            query: FoundMany[Any] = FoundMany(home.loose, self._filters)
            found += await (query if left is None else query.limit(left))
        return found

    def _check_limit(self) -> None:
        with raising(DocumentNotFoundError):
            if self._limit is not None and self._limit < 0:
                raise QueryError(f"the limit is at least 0, not {self._limit}")

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._each()

    async def _each(self) -> AsyncIterator[Any]:
        self._check_limit()
        left = self._limit
        for home in self._homes:
            if left == 0:
                return
            query: FoundMany[Any] = FoundMany(home.loose, self._filters)
            try:
                async for one in query if left is None else query.limit(left):
                    yield one
                    left = None if left is None else left - 1
            except WrongValueError:
                return
            except MongolaneError as error:
                raise as_document_error(DocumentNotFoundError, error) from error
