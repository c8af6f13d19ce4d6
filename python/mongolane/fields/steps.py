"""
What is awaited, taken by ``asyncio.create_task`` as well: it wants a coroutine.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

__all__ = ["Steps"]


class Steps:
    """
    Makes an awaitable a coroutine in asyncio's eyes, and in those of its task groups.

    Motormongo's methods are ``async def``: applications hand what they give to
    ``create_task``, ``TaskGroup.create_task`` and ``asyncio.run``.

    A subclass has ``__await__``, and a slot ``_steps`` or a ``__dict__``.
    """

    __slots__ = ()

    _steps: Generator[Any, Any, Any]

    def __await__(self) -> Generator[Any, Any, Any]:
        raise NotImplementedError

    def _begun(self) -> Generator[Any, Any, Any]:
        try:
            return self._steps
        except AttributeError:
            steps = self.__await__()
            object.__setattr__(self, "_steps", steps)
            return steps

    def send(self, value: Any) -> Any:
        """Run until something is waited for."""
        return self._begun().send(value)

    def throw(self, *error: Any) -> Any:
        """Raise an error where something is waited for."""
        return self._begun().throw(*error)

    def close(self) -> Any:
        """End what was begun."""
        return self._begun().close()
