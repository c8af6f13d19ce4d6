"""
Field objects that keep hashes: what gives a value its stored form.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from ..fields import BinaryField, ListField

__all__ = ["ARRAYS", "hashed_items", "hasher", "hashers", "is_hashed"]

ARRAYS = (list, tuple, set, frozenset, deque)
"""What is taken for an array in a filter."""


def is_hashed(field: Any) -> bool:
    """Whether a field object keeps its value as a hash."""
    return isinstance(field, BinaryField) and field.secret


def hashed_items(field: Any) -> BinaryField[Any] | None:
    """The field of what is in a list, or in lists in it, if that is kept hashed."""
    while isinstance(field, ListField):
        field = field.field
        if isinstance(field, BinaryField) and field.secret:
            return field
    return None


def hasher(field: BinaryField[Any]) -> Callable[[Any], Any]:
    """What gives the hash of a value, checked first."""
    return lambda value: field.dump(field.validate(value))


def hashers(field: BinaryField[Any]) -> Callable[[Any], Any]:
    """The same for a list of values, at any depth."""
    one = hasher(field)

    def encode(value: Any) -> Any:
        return [*map(encode, value)] if isinstance(value, ARRAYS) else one(value)

    return encode
