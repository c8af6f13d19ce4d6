"""
What motormongo gave in place of a list: rows that are used as Motor's cursors are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Generic, Self, TypeVar

from ..fields import Steps

__all__ = ["MotorCursor"]

T = TypeVar("T")


class MotorCursor(Steps, Generic[T]):
    """
    Rows one after the other: ``async for``, ``await cursor.to_list(10)``,
    ``await cursor.next()``. Awaited or not, it is the same thing.

    Args:
        rows: gives what to iterate over; called once, when it is first used.
        awaited: gives what awaiting gives; itself when None.
    """

    def __init__(
        self,
        rows: Callable[[], AsyncIterator[T]],
        awaited: Callable[[], Any] | None = None,
    ) -> None:
        self._start, self._awaited = rows, awaited
        self._rows: AsyncIterator[T] | None = None
        self._ended = False

    def __await__(self) -> Generator[Any, None, Self]:
        return self._itself().__await__()

    async def _itself(self) -> Any:
        return self if self._awaited is None else self._awaited()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self._ended:
            raise StopAsyncIteration
        if self._rows is None:
            self._rows = self._start()
        try:
            return await anext(self._rows)
        except StopAsyncIteration:
            self._ended = True
            raise

    async def next(self) -> T:
        """The next row; StopAsyncIteration when there is none."""
        return await anext(self)

    async def to_list(self, length: int | None = None) -> list[T]:
        """The next ``length`` rows, or all that are left when None."""
        found: list[T] = []
        while length is None or len(found) < length:
            try:
                found.append(await anext(self))
            except StopAsyncIteration:
                break
        return found

    @property
    def alive(self) -> bool:
        """Whether there may be more."""
        return not self._ended

    async def close(self) -> None:
        """Free what is left on the server."""
        self._ended = True
        close: Any = getattr(self._rows, "aclose", None)
        if close is not None:
            await close()
        elif self._rows is not None:
            self._rows.close()  # type: ignore[attr-defined]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
