"""
The field's name in the error of a value that cannot be stored.

The codec names the way to what it encodes itself; what a field's own stored form
refuses is named here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..codec.plan import DictOf, Kind, ListOf, Nullable, OneOf, Through
from ..errors import EncodeError

__all__ = ["located", "under"]


def under(name: Any, function: Callable[[], Any]) -> Any:
    """What ``function`` gives; ``name`` comes first in the path of its error."""
    try:
        return function()
    except EncodeError as error:
        path = f"{name}.{error.path}" if error.path else str(name)
        raise EncodeError(error.reason, path) from None


def located(kind: Kind, name: str) -> Kind:
    """The kind of a field, whose stored forms name the field in their errors."""
    if isinstance(kind, Nullable):
        return Nullable(located(kind.inner, name))
    if isinstance(kind, ListOf):
        return replace(kind, item=located(kind.item, name))
    if isinstance(kind, DictOf):
        return replace(kind, value=located(kind.value, name))
    if isinstance(kind, OneOf) and kind.alternatives:
        made = tuple(located(one, name) for one in kind.alternatives)
        return replace(kind, alternatives=made)
    if isinstance(kind, Through):
        dump = kind.dump
        return replace(kind, dump=lambda value: under(name, lambda: dump(value)))
    return kind
