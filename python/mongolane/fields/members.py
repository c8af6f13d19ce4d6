"""
Dataclasses, typed dicts and named tuples: annotations that pydantic reads off classes.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import typing_extensions

__all__ = ["tell_members"]

_seen: WeakSet[type] = WeakSet()


def tell_members(cls: Any, told: Callable[[Any], Any]) -> None:
    """
    Let ``told`` rewrite what a class says of its members, once, and in place.

    What ``typing.get_type_hints`` says of the class stays the same, for ``told`` adds
    metadata only. Any other class is left alone, and so is one that names what is not
    known yet.
    """
    if not isinstance(cls, type) or cls in _seen or not _has_members(cls):
        return
    # First of all, for it may hold itself.
    _seen.add(cls)
    local = {cls.__name__: cls}
    try:
        hints = typing.get_type_hints(cls, localns=local, include_extras=True)
    except (NameError, TypeError):
        _seen.discard(cls)
        return
    new = {name: told(one) for name, one in hints.items()}
    if all(new[name] is hints[name] for name in new):
        return
    if dataclasses.is_dataclass(cls):
        for one in dataclasses.fields(cls):
            one.type = new[one.name]
    else:
        cls.__annotations__ = new


def _has_members(cls: type) -> bool:
    if dataclasses.is_dataclass(cls):
        # Pydantic's own have been read when they were made.
        return not hasattr(cls, "__pydantic_validator__")
    named_tuple = issubclass(cls, tuple) and hasattr(cls, "_fields")
    return named_tuple or typing_extensions.is_typeddict(cls)
