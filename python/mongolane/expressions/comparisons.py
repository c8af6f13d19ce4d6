"""Two fields of one document compared: what ``User.spent > User.budget`` gives."""

from __future__ import annotations

from typing import Any

from .filters import Filter

__all__ = ["SYMBOLS", "SameFields"]

SYMBOLS = {
    "$eq": "==",
    "$ne": "!=",
    "$gt": ">",
    "$gte": ">=",
    "$lt": "<",
    "$lte": "<=",
}


class SameFields(Filter):
    """
    Two fields of one document compared (``$expr``).

    Values of all types have one order there, and a field that is missing is before
    every value.

    As paths are compared when Python looks for one in a list or a dict, ``==`` and
    ``!=`` of two paths, alone among filters, have a truth: whether both are the same.

    Args:
        one: a path.
        other: another one.
        operator: ``$eq``, ``$gt``...
    """

    __slots__ = ("_one", "_operator", "_other")

    def __init__(self, one: Any, other: Any, operator: str) -> None:
        self._one = one
        self._other = other
        self._operator = operator

    def to_filter(self, resolve: Any = None) -> dict[str, Any]:
        sides = [f"${self._one}", f"${self._other}"]
        return {"$expr": {self._operator: sides}}

    def __bool__(self) -> bool:  # type: ignore[override]
        if self._operator not in ("$eq", "$ne"):
            return super().__bool__()
        one, other = self._one, self._other
        same = (one._owner, one._key) == (other._owner, other._key)
        return same is (self._operator == "$eq")

    def __repr__(self) -> str:
        return f"{self._one!r} {SYMBOLS[self._operator]} {self._other!r}"
