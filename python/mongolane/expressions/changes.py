"""Update expressions as values: one operator on one path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["Change", "GivenChange", "StoredKey"]


class StoredKey(str):
    """A name that is a stored key already, as that of a path."""

    __slots__ = ()


class Change:
    """
    One update operator on one field: ``User.age.inc(1)``.

    Args:
        key: the stored path.
        operator: its operator (``$inc``).
        operand: in stored form.
        shown: gives the expression as it was written.
    """

    __slots__ = ("_key", "_operand", "_operator", "_shown")

    def __init__(
        self, key: str, operator: str, operand: Any, shown: Callable[[], str]
    ) -> None:
        self._key = key
        self._operator = operator
        self._operand = operand
        self._shown = shown

    @property
    def key(self) -> str:
        """The stored path."""
        return self._key

    @property
    def operator(self) -> str:
        """The update operator."""
        return self._operator

    @property
    def operand(self) -> Any:
        """What the operator is given, in stored form."""
        return self._operand

    def to_update(self) -> dict[str, Any]:
        """The update document of this change alone."""
        return {self._operator: {self._key: self._operand}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Change) and self.to_update() == other.to_update()

    def __hash__(self) -> int:
        return hash((self._key, self._operator))

    def __repr__(self) -> str:
        return self._shown()


GivenChange = Change | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""What stands where a change is wanted: an expression, a dict, or a pipeline."""
