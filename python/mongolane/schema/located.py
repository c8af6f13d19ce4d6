"""
The way to a value that cannot be stored, put together from the inside out.

The codec does it for what it encodes itself; stored forms made in Python do it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ..codec.plan import DictOf, Kind, ListOf, Nullable, OneOf, Through
from ..errors import EncodeError

__all__ = ["TOO_DEEP", "refusing", "under", "under_each"]

TOO_DEEP = "nested more than 200 levels deep, or a value that contains itself"


def under(name: Any, function: Callable[[], Any]) -> Any:
    """What ``function`` gives; ``name`` comes first in the path of its error."""
    try:
        return function()
    except RecursionError:
        refused = EncodeError(TOO_DEEP, str(name))
    except EncodeError as error:
        refused = _behind(name, error)
    # Not chained: each level would add its own.
    raise refused


def under_each(function: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """What ``function`` gives for each; its number comes first in the path."""
    made: list[Any] = []
    try:
        for value in values:
            made.append(function(value))
    except RecursionError:
        refused = EncodeError(TOO_DEEP, str(len(made)))
    except EncodeError as error:
        refused = _behind(len(made), error)
    else:
        return made
    raise refused


def _behind(name: Any, error: EncodeError) -> EncodeError:
    path = f"{name}.{error.path}" if error.path else str(name)
    return EncodeError(error.reason, _cut(path) if _is_deep(error) else path)


def _is_deep(error: EncodeError) -> bool:
    return error.reason == TOO_DEEP


def _cut(path: str) -> str:
    """The first steps of a very long path."""
    steps = path.removesuffix("...").split(".")
    return ".".join(steps[:12]) + "..." if len(steps) > 12 else path


def refusing(kind: Kind) -> Kind:
    """A kind whose stored forms refuse values of another type, as the codec does."""
    if isinstance(kind, Nullable):
        return Nullable(refusing(kind.inner))
    if isinstance(kind, ListOf):
        return replace(kind, item=refusing(kind.item))
    if isinstance(kind, DictOf):
        return replace(kind, value=refusing(kind.value))
    if isinstance(kind, OneOf) and kind.alternatives:
        return replace(kind, alternatives=tuple(map(refusing, kind.alternatives)))
    if isinstance(kind, Through):
        return replace(kind, dump=_Refusing(kind.dump))
    return kind


class _Refusing:
    """A ``dump`` whose errors are those of a value that cannot be stored."""

    __slots__ = ("_dump",)

    def __init__(self, dump: Callable[[Any], Any]) -> None:
        self._dump = dump

    def __call__(self, value: Any) -> Any:
        try:
            # None may be a default that its own type does not allow.
            return None if value is None else self._dump(value)
        except EncodeError:
            raise
        except ArithmeticError:
            why = "is too large to be stored"
        except (AttributeError, TypeError, ValueError):
            why = "is not of the declared type"
        # Not the value, nor what was said of it: it may be meant to be kept secret.
        raise EncodeError(f"a {type(value).__name__} {why}")
