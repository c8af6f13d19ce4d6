"""Parts of arrays, for projections."""

from __future__ import annotations

from typing import Any

from ..errors import QueryError

__all__ = ["Slice"]


class Slice:
    """
    Some elements of an array: made by ``User.items.slice(...)``.

    Args:
        field: the array's path.
        window: how many; or how many to leave out before (from the end, if it is
            negative), and how many.
    """

    __slots__ = ("_field", "_window")

    def __init__(self, field: Any, window: tuple[int, ...]) -> None:
        wrong = any(type(one) is not int for one in window)
        if wrong or (len(window) > 1 and window[1] <= 0):
            raise QueryError(
                f"{field!r}.slice{window!r}: whole numbers, and at least one element"
            )
        self._field = field
        self._window = window

    @property
    def field(self) -> Any:
        """The array's path."""
        return self._field

    def to_projection(self) -> dict[str, Any]:
        """``$slice`` of the stored key."""
        window = self._window
        return {"$slice": window[0] if len(window) == 1 else list(window)}

    def __repr__(self) -> str:
        return f"{self._field!r}.slice({', '.join(map(str, self._window))})"
