"""
Finds over the collections of a class and its subclasses, one after the other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import DocumentNotFoundError, MongolaneError, NotFoundError, QueryError
from ..fields import Steps
from ..queries import Query
from .answers import FoundMany, FoundOne, as_document_error, raising

if TYPE_CHECKING:
    from .collection import Collection

__all__ = ["SeveralMany", "SeveralOne"]


class _Several(Steps, Query):
    """Something to await over several collections."""

    def __init__(
        self,
        homes: Sequence[Collection[Any]],
        filters: tuple[Any, ...],
        limit: int | None = None,
    ) -> None:
        self._begin()
        self._homes, self._filters, self._limit = homes, filters, limit

    def command(self) -> list[dict[str, Any]]:
        """Exactly what is sent to each collection in turn, while more is wanted."""
        self._used = True
        return [self._of(home).command() for home in self._homes]

    def _of(self, home: Collection[Any]) -> Any:
        raise NotImplementedError

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name[:1] != "_" and hasattr(FoundMany, name):
                self._used = True
                raise AttributeError(
                    f"{self!r} asks several collections, and has no {name}(): "
                    f"find() asks one collection, and has it"
                )
            return super().__getattr__(name)

    def __repr__(self) -> str:
        names = ", ".join(home.cls.__name__ for home in self._homes)
        return f"<a find of {names}>"


class SeveralOne(_Several):
    """The first document that any of the collections has, or None."""

    def __await__(self) -> Generator[Any, None, Any]:
        self._used = True
        return self._run().__await__()

    def or_raise(self) -> CertainOne:
        """This document; NotFoundError if there is none."""
        self._used = True
        return CertainOne(self._homes, self._filters)

    def _of(self, home: Collection[Any]) -> FoundOne[Any]:
        return FoundOne(home.asking, self._filters)

    async def _run(self) -> Any:
        for home in self._homes:
            found = await self._of(home)
            if found is not None:
                return found
        return None


class CertainOne(SeveralOne):
    """The same, and NotFoundError when there is none."""

    async def _run(self) -> Any:
        found = await super()._run()
        if found is None:
            raise NotFoundError(f"no {self._homes[0].cls.__name__} matches")
        return found


class SeveralMany(_Several):
    """A list of what all of the collections have, ``limit`` of them together."""

    def __await__(self) -> Generator[Any, None, list[Any]]:
        self._used = True
        return self._run().__await__()

    async def to_list(self) -> list[Any]:
        """The same as awaiting it."""
        return await self

    def _of(self, home: Collection[Any], left: int | None = None) -> FoundMany[Any]:
        query: FoundMany[Any] = FoundMany(home.asking, self._filters)
        limit = self._limit if left is None else left
        return query if limit is None else query.limit(limit)

    async def _run(self) -> list[Any]:
        self._check_limit()
        found: list[Any] = []
        for home in self._homes:
            left = None if self._limit is None else self._limit - len(found)
            if left == 0:
                break
            found += await self._of(home, left)
        return found

    def _check_limit(self) -> None:
        with raising(DocumentNotFoundError):
            if self._limit is not None and self._limit < 0:
                raise QueryError(f"the limit is at least 0, not {self._limit}")

    def __aiter__(self) -> AsyncIterator[Any]:
        self._used = True
        return self._each()

    async def _each(self) -> AsyncIterator[Any]:
        self._check_limit()
        left = self._limit
        for home in self._homes:
            if left == 0:
                return
            try:
                async for one in self._of(home, left):
                    yield one
                    left = None if left is None else left - 1
            except MongolaneError as error:
                raise as_document_error(DocumentNotFoundError, error) from error
