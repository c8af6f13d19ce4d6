"""
The update builder: several changes and dicts become one update document.

Operators are merged, so that two ``$set`` keep both fields; two changes of the same
path, or of a path and one inside of it, are refused before the server sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import QueryError, UnknownFieldError
from .changes import Change
from .filters import Filter
from .resolve import _field, refuse_javascript, resolve
from .shape import OPEN, FieldSpec, Shape
from .values import TOO_DEEP, stored, stored_item

__all__ = ["to_array_filters", "to_update"]


def to_update(
    changes: Iterable[Any], shape: Shape = OPEN, allow_javascript: bool = False
) -> dict[str, Any] | list[dict[str, Any]]:
    """
    One update from expressions, dicts, or one pipeline.

    Args:
        changes: ``User.age.inc(1)``; dicts with operators; dicts of plain values, which
            are meant as ``$set``; or a single list, which is a pipeline.
        shape: the class's fields.
        allow_javascript: whether ``$function`` may be in it.

    Raises:
        QueryError: for conflicting paths, a change of ``_id``, or no change at all.
        UnknownFieldError: for a name that the class does not declare.
    """
    try:
        return _update(list(changes), shape, allow_javascript)
    except RecursionError:
        raise QueryError(f"an update of {shape.owner} {TOO_DEEP}") from None


def _update(
    given: list[Any], shape: Shape, allow_javascript: bool
) -> dict[str, Any] | list[dict[str, Any]]:
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        return _pipeline(given[0], shape, allow_javascript)
    build = _Builder(shape.owner)
    for change in given:
        if isinstance(change, Change):
            build.add(change.operator, change.key, change.operand)
        elif isinstance(change, Mapping):
            if not allow_javascript:
                refuse_javascript(change)
            _add_document(build, change, shape)
        elif isinstance(change, (list, tuple)):
            raise QueryError("a pipeline update stands alone; it was given with others")
        else:
            raise QueryError(f"a change is an expression or a dict, not {change!r}")
    if not build.update:
        raise QueryError("an update without changes")
    return build.update


def to_array_filters(filters: Iterable[Any], shape: Shape = OPEN) -> list[Any]:
    """
    The ``arrayFilters`` of an update.

    Args:
        filters: dicts as the server takes them, or expressions on the paths that
            the update names: ``User.items.filtered("x").price > 3``.
    """
    return [_array_filter(one) for one in filters]


class _Builder:
    """Collects changes by operator and watches over their paths."""

    def __init__(self, owner: str) -> None:
        self.update: dict[str, Any] = {}
        self._owner = owner
        self._taken: dict[str, str] = {}
        self._above: dict[str, str] = {}

    def add(self, operator: str, key: str, operand: Any) -> None:
        if (key == "_id" or key.startswith("_id.")) and operator != "$setOnInsert":
            raise QueryError(
                f"{operator} would change _id, which a stored document keeps for ever"
            )
        self._claim(operator, key)
        if operator == "$rename":
            self._claim(operator, operand)
        self.update.setdefault(operator, {})[key] = operand

    def _claim(self, operator: str, key: str) -> None:
        above = [key[:at] for at, letter in enumerate(key) if letter == "."]
        clash = key if key in self._taken else self._above.get(key)
        clash = clash or next((one for one in above if one in self._taken), None)
        if clash is not None:
            raise QueryError(
                f"conflicting changes of {self._owner}: "
                f"{self._taken[clash]} of {clash!r} and {operator} of {key!r}"
            )
        self._taken[key] = operator
        self._above.update(dict.fromkeys(above, key))


def _add_document(build: _Builder, change: Mapping[Any, Any], shape: Shape) -> None:
    operators = [isinstance(key, str) and key[:1] == "$" for key in change]
    if not any(operators):
        change = {"$set": change}
    elif not all(operators):
        raise QueryError(
            "an update dict holds operators or plain fields, not both: "
            + ", ".join(map(str, change))
        )
    for operator, fields in change.items():
        if not isinstance(fields, Mapping):
            raise QueryError(f"{operator} needs a dict of fields, not {fields!r}")
        for name, value in fields.items():
            key, spec, where = _field(name, shape)
            operand = _OPERANDS.get(operator, _as_given)(spec, value, where)
            if operator == "$rename":
                operand = _field(value, shape)[0]
            build.add(operator, key, operand)


def _pipeline(
    stages: Any, shape: Shape, allow_javascript: bool
) -> list[dict[str, Any]]:
    if not stages:
        raise QueryError("an update without changes")
    if not allow_javascript:
        refuse_javascript(stages)
    for stage in stages:
        for operator in ("$set", "$addFields"):
            if "_id" in (stage.get(operator) or ()):
                raise QueryError(f"{operator} would change _id")
        unset = stage.get("$unset", ())
        if "_id" in ([unset] if isinstance(unset, str) else unset):
            raise QueryError("$unset would change _id")
    return [_without_secrets(stage, shape) for stage in stages]


def _without_secrets(stage: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """A stage whose plain values of fields that are kept hashed are hashed."""
    result = dict(stage)
    for operator in ("$set", "$addFields"):
        if operator in result:
            result[operator] = {
                name: _hidden(shape, name, value)
                for name, value in result[operator].items()
            }
    return result


def _hidden(shape: Shape, name: Any, value: Any) -> Any:
    try:
        spec = shape.locate(str(name))[1]
    except UnknownFieldError:
        return value
    is_path = isinstance(value, str) and value[:1] == "$"
    if not spec.secret or is_path:
        return value
    if isinstance(value, Mapping):
        plain = value.get("$literal")
        return value if plain is None else {"$literal": stored(spec, plain, name)}
    return stored(spec, value, name)


def _array_filter(one: Any) -> dict[str, Any]:
    if isinstance(one, Filter):
        return _relative(one.to_filter())
    if isinstance(one, Mapping):
        refuse_javascript(one)
        return dict(one)
    raise QueryError(f"an array filter is an expression or a dict, not {one!r}")


def _relative(document: Mapping[str, Any]) -> dict[str, Any]:
    """``items.$[x].price`` is ``x.price`` in an array filter."""
    result: dict[str, Any] = {}
    for key, value in document.items():
        if key in ("$and", "$or", "$nor"):
            result[key] = [_relative(part) for part in value]
            continue
        _, found, rest = key.rpartition("$[")
        if not found:
            raise QueryError(
                f"an array filter is on a filtered path, as .filtered('x'); "
                f"{key!r} is none"
            )
        name, _, below = rest.partition("]")
        result[name + below] = value
    return result


def _as_given(spec: FieldSpec, value: Any, where: object) -> Any:
    return value


def _whole(spec: FieldSpec, value: Any, where: object) -> Any:
    if spec.item is not None:
        spec = FieldSpec(spec.name, spec.key, spec.encode)
    return stored(spec, value, where)


def _number(spec: FieldSpec, value: Any, where: object) -> Any:
    try:
        return stored(spec, value, where)
    except QueryError:
        return value


def _one_item(spec: FieldSpec, value: Any, where: object) -> Any:
    if isinstance(value, Mapping) and "$each" in value:
        each = [stored_item(spec, one, where) for one in value["$each"]]
        return {**value, "$each": each}
    return stored_item(spec, value, where)


def _items(spec: FieldSpec, values: Any, where: object) -> Any:
    return [stored_item(spec, value, where) for value in values]


def _pulled(spec: FieldSpec, value: Any, where: object) -> Any:
    if isinstance(value, Filter):
        raise QueryError(f"write {where!r}.pull({value!r})")
    if isinstance(value, Mapping):
        item = spec.item or spec
        return resolve(value, item.shape or OPEN)
    return stored_item(spec, value, where)


_OPERANDS: dict[str, Callable[[FieldSpec, Any, object], Any]] = {
    "$set": _whole,
    "$setOnInsert": _whole,
    "$min": _whole,
    "$max": _whole,
    "$inc": _number,
    "$mul": _number,
    "$push": _one_item,
    "$addToSet": _one_item,
    "$pull": _pulled,
    "$pullAll": _items,
}
