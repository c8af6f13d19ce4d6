"""Sort orders as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import QueryError

__all__ = ["Order", "asc", "desc"]


class Order:
    """One key of a sort: made by ``asc()``, ``desc()`` or ``-path``."""

    __slots__ = ("_direction", "_field")

    def __init__(self, field: Any, direction: int | Mapping[str, Any]) -> None:
        self._field = field
        self._direction = direction

    @property
    def field(self) -> Any:
        """The path, or the name, that is sorted by."""
        return self._field

    @property
    def direction(self) -> int | Mapping[str, Any]:
        """1, -1, or ``{"$meta": ...}``."""
        return self._direction

    def __neg__(self) -> Order:
        if not isinstance(self._direction, int):
            raise QueryError(f"{self!r} has no opposite")
        return Order(self._field, -self._direction)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Order)
            and str(self._field) == str(other._field)
            and self._direction == other._direction
        )

    def __hash__(self) -> int:
        return hash((str(self._field), repr(self._direction)))

    def __repr__(self) -> str:
        if self._direction in (1, -1):
            return f"{'asc' if self._direction == 1 else 'desc'}({self._field!r})"
        return f"Order({self._field!r}, {self._direction!r})"


def asc(field: object) -> Order:
    """
    Ascending by a field.

    Args:
        field: a path, or a name with dots. Typed loosely: to a checker, a field
            declared by a plain annotation is its value.
    """
    return Order(field, 1)


def desc(field: object) -> Order:
    """
    Descending by a field.

    Args:
        field: as for ``asc``.
    """
    return Order(field, -1)
