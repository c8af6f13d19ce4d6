"""
Operands of operators that stand in a dict: ``{"$push": {"tags": {"$each": [...]}}}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import QueryError
from .filters import Filter
from .operands import (
    added,
    all_added,
    bits,
    element_sort,
    elements,
    needs,
    number,
    whole,
)
from .resolve import resolve
from .shape import OPEN, FieldSpec
from .values import stored_item

__all__ = ["OPERANDS"]

_MODIFIERS = ("$each", "$slice", "$sort", "$position")
_DATES = ("date", "timestamp")


def _pushed(spec: FieldSpec, value: Any, where: object) -> Any:
    return _added(spec, value, where, "$push", _MODIFIERS)


def _to_set(spec: FieldSpec, value: Any, where: object) -> Any:
    return _added(spec, value, where, "$addToSet", ("$each",))


def _added(
    spec: FieldSpec, value: Any, where: object, operator: str, known: tuple[str, ...]
) -> Any:
    needs(spec, "array", operator, where)
    if not isinstance(value, Mapping) or value.keys().isdisjoint(_MODIFIERS):
        return added(spec, value, where)
    if odd := [name for name in value if name not in known]:
        raise QueryError(f"{where!r}: {operator} has no modifier {odd[0]!r}")
    if "$each" not in value:
        raise QueryError(f"{where!r}: {next(iter(value))} of {operator} needs $each")
    found = {**value, "$each": all_added(spec, value["$each"], where)}
    if "$sort" in value:
        found["$sort"] = element_sort(value["$sort"], "", spec)
    for name in found.keys() & {"$slice", "$position"}:
        if not isinstance(found[name], int) or isinstance(found[name], bool):
            raise QueryError(f"{where!r}: {name} is an integer, not {found[name]!r}")
    return found


def _pulled(spec: FieldSpec, value: Any, where: object) -> Any:
    needs(spec, "array", "$pull", where)
    if isinstance(value, Filter):
        raise QueryError(f"write {where!r}.pull({value!r})")
    if isinstance(value, Mapping):
        item = spec.item or spec
        return resolve(value, item.shape or OPEN)
    return stored_item(spec, value, where)


def _all_pulled(spec: FieldSpec, values: Any, where: object) -> Any:
    needs(spec, "array", "$pullAll", where)
    return elements(spec, values, where)


def _popped(spec: FieldSpec, end: Any, where: object) -> Any:
    needs(spec, "array", "$pop", where)
    if end not in (1, -1) or isinstance(end, bool):
        raise QueryError(f"{where!r}: $pop takes 1 (last) or -1 (first), not {end!r}")
    return end


def _dated(spec: FieldSpec, kind: Any, where: object) -> Any:
    if isinstance(kind, bool):
        needs(spec, "date", "$currentDate", where)
        return kind
    if isinstance(kind, Mapping) and [*kind] == ["$type"] and kind["$type"] in _DATES:
        needs(spec, kind["$type"], "$currentDate", where)
        return kind
    said = "True, or {'$type': 'date'} or 'timestamp'"
    raise QueryError(f"{where!r}: $currentDate takes {said}, not {kind!r:.80}")


def _multiplied(spec: FieldSpec, value: Any, where: object) -> Any:
    return number(spec, value, where, "$mul")


OPERANDS: dict[str, Callable[[FieldSpec, Any, object], Any]] = {
    "$set": whole,
    "$setOnInsert": whole,
    "$min": whole,
    "$max": whole,
    "$inc": number,
    "$mul": _multiplied,
    "$bit": bits,
    "$currentDate": _dated,
    "$push": _pushed,
    "$addToSet": _to_set,
    "$pull": _pulled,
    "$pullAll": _all_pulled,
    "$pop": _popped,
}
"""What each operator of an update makes of what it is given; the others keep it."""
