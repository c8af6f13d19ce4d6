"""
What of a filter or an update may be shown: never the value of a secret.

A secret is what its class keeps hashed, and the content of a ``SecretStr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..errors import UnknownFieldError
from .shape import FieldSpec, Shape

__all__ = ["MASK", "hides", "shown", "shown_filter"]

MASK = "**********"
_JOINERS = ("$and", "$or", "$nor")


def hides(spec: FieldSpec | None, seen: frozenset[int] = frozenset()) -> bool:
    """Whether a field's value, or anything below it, is never shown."""
    if spec is None:
        return False
    if spec.secret or spec.masked:
        return True
    shape = spec.shape
    if shape is not None and id(shape) not in seen:
        below = seen | {id(shape)}
        if any(hides(one, below) for one in shape.specs()):
            return True
    return hides(spec.item, seen) or hides(spec.value, seen)


def shown(spec: FieldSpec, value: Any) -> str:
    """A value given for a field, for a message or a repr."""
    return repr(MASK) if value is not None and hides(spec) else repr(value)


def shown_filter(filter: Any, shape: Shape) -> str:
    """A filter of a class, for a repr: an expression, a dict, or what is neither."""
    show = partial(_dict, shape)
    if isinstance(filter, Mapping):
        return show(filter)
    ask = getattr(filter, "shown", None)
    return repr(filter) if ask is None else str(ask(show))


def _dict(shape: Shape, document: Mapping[Any, Any]) -> str:
    parts = (f"{name!r}: {_value(name, one, shape)}" for name, one in document.items())
    return "{" + ", ".join(parts) + "}"


def _value(name: Any, value: Any, shape: Shape) -> str:
    if isinstance(name, str) and name[:1] == "$":
        if name in _JOINERS and isinstance(value, (list, tuple)):
            return f"[{', '.join(shown_filter(one, shape) for one in value)}]"
        # An expression of the server's, which may compare anything with anything.
        return repr(MASK)
    try:
        spec = shape.locate(str(name))[1]
    except UnknownFieldError:
        return repr(value)
    return shown(spec, value)
