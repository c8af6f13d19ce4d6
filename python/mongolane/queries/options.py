"""Options as users write them, to the server's spelling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from ..errors import QueryError
from ..expressions.orders import Order
from ..expressions.path import Path
from ..expressions.resolve import resolve
from ..expressions.shape import Shape
from ..expressions.values import TOO_DEEP

__all__ = [
    "concerns",
    "index_bounds",
    "milliseconds",
    "non_negative",
    "read_concern",
    "to_hint",
    "to_key",
    "to_sort",
    "write_concern",
]


def to_key(field: Any, shape: Shape) -> str:
    """The stored path of a path or a name."""
    if isinstance(field, Path):
        return str(field)
    if isinstance(field, str):
        return shape.locate(field)[0]
    raise QueryError(
        f"a field is a path or a name, not {field!r}"
        + ("; sort by desc(field)" if isinstance(field, (int, float)) else "")
    )


def to_sort(orders: Iterable[Any], shape: Shape) -> dict[str, Any]:
    """
    A sort document.

    Args:
        orders: ``desc(User.age)``, ``-User.age``, ``User.age``, ``"-age"``,
            ``("age", -1)``, ``{"age": -1}``, ``meta("textScore")``, or lists of these.
    """
    result: dict[str, Any] = {}
    given = list(orders)
    if len(given) == 2 and type(given[1]) is int:
        given = [tuple(given)]
    try:
        parts = [part for order in given for part in _parts(order, shape)]
    except RecursionError:
        raise QueryError(f"a sort of {shape.owner} {TOO_DEEP}") from None
    for key, direction in parts:
        if key in result:
            raise QueryError(f"the sort has {key!r} twice")
        result[key] = direction
    return result


def _parts(order: Any, shape: Shape) -> Iterable[tuple[str, Any]]:
    if isinstance(order, Order):
        return [(to_key(order.field, shape), _direction(order.direction))]
    if isinstance(order, str):
        name = order.removeprefix("-").removeprefix("+")
        return [(_sort_key(name, shape), -1 if order[:1] == "-" else 1)]
    if isinstance(order, Mapping):
        if "$meta" in order:
            # Its name hangs on nothing.
            return [(str(order["$meta"]), order)]
        return [
            (str(name) if isinstance(way, Mapping) else _sort_key(name, shape), way)
            for name, way in zip(order, map(_direction, order.values()), strict=True)
        ]
    if isinstance(order, (list, tuple)):
        if len(order) == 2 and isinstance(order[1], int):
            return [(_sort_key(order[0], shape), _direction(order[1]))]
        return [part for one in order for part in _parts(one, shape)]
    return [(to_key(order, shape), 1)]


def _sort_key(field: Any, shape: Shape) -> str:
    """A stored path, or ``$natural``: the order in which documents lie there."""
    named = isinstance(field, str) and field == _NATURAL
    return _NATURAL if named else to_key(field, shape)


_NATURAL = "$natural"


def index_bounds(name: str, bounds: Any, shape: Shape) -> dict[str, Any] | None:
    """Where to begin or to end in an index: values by stored keys."""
    if bounds is None:
        return None
    if not isinstance(bounds, Mapping):
        raise QueryError(f"{name} is a dict of values by fields, not {bounds!r}")
    return resolve(bounds, shape)


def _direction(direction: Any) -> Any:
    if isinstance(direction, Mapping) or direction in (1, -1):
        return direction
    raise QueryError(f"a direction is 1 or -1, not {direction!r}")


def to_hint(hint: Any, shape: Shape) -> Any:
    """An index's name, or its keys in any form that a sort may have."""
    return hint if isinstance(hint, str) else to_sort((hint,), shape)


def milliseconds(time: Any) -> int:
    """Whole milliseconds of seconds or a timedelta."""
    seconds = time.total_seconds() if isinstance(time, timedelta) else time
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not number or not 0 <= seconds < 2**31:
        raise QueryError(f"a time is seconds or a timedelta, not {time!r}")
    return max(1, round(seconds * 1000))


def non_negative(name: str, number: Any) -> int:
    """``number``, if it can be a skip or a limit."""
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise QueryError(f"{name} is a number from 0 upwards, not {number!r}")
    return number


def read_concern(concern: Any) -> dict[str, Any]:
    """``"majority"``, a dict, or PyMongo's ``ReadConcern``."""
    if isinstance(concern, str):
        return {"level": concern}
    return _document_of("read concern", concern)


def write_concern(concern: Any) -> dict[str, Any]:
    """``1``, ``"majority"``, a dict, or PyMongo's ``WriteConcern``."""
    if isinstance(concern, (str, int)):
        return {"w": concern}
    return _document_of("write concern", concern)


def _document_of(name: str, concern: Any) -> dict[str, Any]:
    document = getattr(concern, "document", concern)
    if not isinstance(document, Mapping):
        raise QueryError(f"{concern!r} is no {name}")
    return dict(document)


def concerns(read: Any, write: Any) -> dict[str, Any]:
    """The concerns that are given."""
    given: dict[str, Any] = {}
    if read is not None:
        given["readConcern"] = read_concern(read)
    if write is not None:
        given["writeConcern"] = write_concern(write)
    return given
