"""
Unions whose members are told apart by the value under a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, NamedTuple, get_args

from ..codec.plan import Kind
from .metadata import unwrapped
from .values import to_python

__all__ = ["Tag", "tags_in", "told_by"]


class Tag(NamedTuple):
    """A stored key, a value that may stand under it, and what is meant then."""

    key: str
    value: Any
    kind: Kind


def tags_in(annotation: Any) -> list[Any]:
    """The values of a ``Literal``, as they are stored."""
    literal, _ = unwrapped(annotation, ())
    values = get_args(literal)
    return [one.value if isinstance(one, Enum) else one for one in values]


def told_by(tags: Sequence[Tag]) -> Callable[[Any], Any]:
    """What undoes the stored form of whichever member a document's tag tells."""

    def undo(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for tag in tags:
            if tag.key in value and tag.value == value[tag.key]:
                return to_python(tag.kind, value)
        return value

    return undo
