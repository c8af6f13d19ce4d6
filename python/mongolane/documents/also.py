"""
Errors of two families at once: what really happened, and what motormongo raised.
"""

from __future__ import annotations

import functools
from typing import Any

__all__ = ["also"]


@functools.cache
def _both(first: Any, second: Any) -> Any:
    if issubclass(first, second):
        return first
    bases = (second,) if issubclass(second, first) else (first, second)
    body = {
        "__doc__": first.__doc__,
        "__reduce__": _reduced,
        "_made_of": (first, second),
    }
    made = type(first.__name__, bases, body)
    made.__module__, made.__qualname__ = first.__module__, first.__qualname__
    return made


def _reduced(error: Any) -> Any:
    """For pickling: such a class has no name under which another process finds it."""
    return _again, (_spelled(type(error)), error.args, dict(error.__dict__))


def _spelled(cls: Any) -> Any:
    made_of = cls.__dict__.get("_made_of")
    return cls if made_of is None else tuple(map(_spelled, made_of))


def _named(spelled: Any) -> Any:
    return _both(*map(_named, spelled)) if isinstance(spelled, tuple) else spelled


def _again(spelled: Any, args: tuple[Any, ...], facts: dict[str, Any]) -> Exception:
    return _of(_named(spelled), args, facts)


def _solid(cls: Any) -> Any:
    """The built-in class that lays out the instances, as OSError has its own."""
    while cls.__module__ != "builtins":
        cls = cls.__base__
    return cls


def also(error: Exception, kind: type[Exception], *, first: bool = False) -> Exception:
    """
    An error with the facts of ``error`` that is of ``kind``, too.

    Args:
        error: what happened.
        kind: the other class.
        first: it goes by the other class's name.
    """
    own: Any = type(error)
    other: Any = kind
    cls = _both(other, own) if first else _both(own, other)
    return _of(cls, error.args, error.__dict__)


def _of(cls: Any, args: tuple[Any, ...], facts: dict[str, Any]) -> Exception:
    made: Exception = _solid(cls).__new__(cls)
    made.args = args
    made.__dict__.update(facts)
    return made
