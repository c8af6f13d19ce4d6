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
    made = type(first.__name__, bases, {"__doc__": first.__doc__})
    made.__module__, made.__qualname__ = first.__module__, first.__qualname__
    return made


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
    made: Exception = _solid(cls).__new__(cls)
    made.args = error.args
    made.__dict__.update(error.__dict__)
    return made
