"""
Fields that are kept hashed, in the expressions of a pipeline update.

What an expression gives to such a field is hashed here, before anything is sent: text
and bytes as they stand, in ``$literal``, in documents and lists, and where operators
choose (``$cond``) or put together (``$mergeObjects``) what they were given. A path to
another field that is kept hashed is left alone. All else would be stored as the server
computes it, and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import QueryError, UnknownFieldError
from .shape import FieldSpec, Shape
from .values import stored

__all__ = ["hidden_stage", "refuse_bare_rename"]

_DROPPED = "$$REMOVE"
_ROOTS = ("$$ROOT", "$$CURRENT")


def hidden_stage(stage: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """
    A stage that stores of fields that are kept hashed nothing but hashes.

    Args:
        stage: of an update, with one operator.
        shape: the class's fields.

    Raises:
        QueryError: for an expression whose outcome only the server knows.
    """
    [(name, operand)] = stage.items()
    if name == "$unset" or not _hides(shape, set()):
        return dict(stage)
    return {name: _Hiding(shape, {}).stage(name, operand)}


def refuse_bare_rename(shape: Shape, key: str, to: str) -> None:
    """
    Raise for a ``$rename`` of what is not kept hashed to where only hashes are.

    Args:
        shape: the class's fields.
        key: the stored path of the value.
        to: where it would go.
    """
    target = _located(shape, to)
    if target is None or not _keeps(target, set()):
        return
    source = _located(shape, key)
    if source is None or not (
        source.secret if target.secret else _keeps(source, set())
    ):
        raise QueryError(f"{shape.owner}.{to} is kept hashed, and {key!r} is not")


def _located(shape: Shape, path: str) -> FieldSpec | None:
    try:
        return shape.locate(path)[1]
    except UnknownFieldError:
        return None


def _hides(shape: Shape, seen: set[int]) -> bool:
    """Whether anything in a class, at any depth, is kept hashed."""
    if id(shape) in seen:
        return False
    seen.add(id(shape))
    return any(_keeps(spec, seen) for spec in shape.specs())


def _keeps(spec: FieldSpec | None, seen: set[int]) -> bool:
    if spec is None:
        return False
    below = spec.shape is not None and _hides(spec.shape, seen)
    return spec.secret or below or _keeps(spec.item, seen) or _keeps(spec.value, seen)


class _Hiding:
    """
    Walks the expressions of one class's update.

    Args:
        shape: the class's fields.
        variables: what ``$map`` calls the items of lists.
    """

    def __init__(self, shape: Shape, variables: Mapping[str, FieldSpec]) -> None:
        self._shape, self._variables = shape, variables
        self._root = FieldSpec(shape.owner, shape.owner, shape=shape)

    def stage(self, name: str, operand: Any) -> Any:
        if name == "$replaceRoot":
            return {**operand, "newRoot": self._given(self._root, operand["newRoot"])}
        if name == "$replaceWith":
            return self._given(self._root, operand)
        if name == "$project":
            return self._projected(self._root, operand)
        return self._document(self._root, operand)

    def _projected(self, spec: FieldSpec, operand: Mapping[str, Any]) -> Any:
        """Numbers say which fields are kept, at any depth."""
        result: dict[str, Any] = {}
        for name, value in operand.items():
            inner = self._below(spec, name)
            if isinstance(value, Mapping) and str(next(iter(value), ""))[:1] != "$":
                result[name] = self._projected(inner, value)
            elif isinstance(value, (bool, int, float)):
                result[name] = value
            else:
                result[name] = self._given(inner, value)
        return result

    def _given(self, spec: FieldSpec, value: Any) -> Any:
        """What an expression gives to a field."""
        if not _keeps(spec, set()):
            return value
        if isinstance(value, str) and value[:1] == "$":
            return self._path(spec, value)
        if isinstance(value, Mapping):
            operator = next(iter(value), "")
            if len(value) == 1 and operator[:1] == "$":
                return {operator: self._operator(spec, operator, value[operator])}
            return self._document(spec, value)
        if isinstance(value, (list, tuple)):
            return [self._given(_item(spec), one) for one in value]
        return self._plain(spec, value)

    def _plain(self, spec: FieldSpec, value: Any) -> Any:
        return stored(spec, value, spec.name) if spec.secret else value

    def _document(self, spec: FieldSpec, value: Mapping[Any, Any]) -> Any:
        if spec.secret:
            raise self._refused(spec)
        return {
            key: self._given(self._below(spec, str(key)), one)
            for key, one in value.items()
        }

    def _below(self, spec: FieldSpec, name: str) -> FieldSpec:
        try:
            for step in name.split("."):
                spec = spec.below(step, self._shape.owner)
        except UnknownFieldError:
            return FieldSpec(name, name, open=True)
        return spec

    def _path(self, spec: FieldSpec, path: str) -> Any:
        if path == _DROPPED:
            return path
        first, _, rest = path.partition(".")
        if first[:2] != "$$":
            start, rest = self._root, path[1:]
        elif first in _ROOTS:
            start = self._root
        elif first[2:] in self._variables:
            start = self._variables[first[2:]]
        else:
            raise self._refused(spec)
        found = self._below(start, rest) if rest else start
        if found.secret if spec.secret else _keeps(found, set()):
            return path
        raise self._refused(spec)

    def _operator(self, spec: FieldSpec, operator: str, operand: Any) -> Any:
        if operator == "$literal":
            return self._literal(spec, operand)
        if operator == "$map":
            return self._map(spec, operand)
        walk = _CHOOSING.get(operator)
        if walk is None:
            raise self._refused(spec)
        return walk(lambda value: self._given(spec, value), operand)

    def _map(self, spec: FieldSpec, operand: Mapping[str, Any]) -> Any:
        name, item = operand.get("as", "this"), _item(spec)
        inside = _Hiding(self._shape, {**self._variables, name: item})
        return {
            **operand,
            "input": self._given(spec, operand["input"]),
            "in": inside._given(item, operand["in"]),
        }

    def _literal(self, spec: FieldSpec, value: Any) -> Any:
        """A value that is taken as it stands, dollars and all."""
        if isinstance(value, Mapping) and not spec.secret:
            return {
                key: self._literal(self._below(spec, str(key)), one)
                for key, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._literal(_item(spec), one) for one in value]
        return self._plain(spec, value)

    def _refused(self, spec: FieldSpec) -> QueryError:
        # Without the expression: there may be plain text in it.
        return QueryError(
            f"{self._shape.owner}.{spec.name} is kept hashed: an expression whose "
            "outcome only the server knows would be stored as it is"
        )


def _item(spec: FieldSpec) -> FieldSpec:
    return spec.item or spec


Walk = Callable[[Any], Any]


def _each(given: Walk, operand: Any) -> Any:
    if isinstance(operand, (list, tuple)):
        return [given(one) for one in operand]
    return given(operand)


def _cond(given: Walk, operand: Any) -> Any:
    if isinstance(operand, Mapping):
        chosen = {key: given(operand[key]) for key in ("then", "else")}
        return {**operand, **chosen}
    test, *chosen_from = operand
    return [test, *map(given, chosen_from)]


def _switch(given: Walk, operand: Mapping[str, Any]) -> Any:
    branches = [{**one, "then": given(one["then"])} for one in operand["branches"]]
    default = {"default": given(operand["default"])} if "default" in operand else {}
    return {**operand, "branches": branches, **default}


def _filter(given: Walk, operand: Mapping[str, Any]) -> Any:
    return {**operand, "input": given(operand["input"])}


def _slice(given: Walk, operand: Any) -> Any:
    return [given(operand[0]), *operand[1:]]


_CHOOSING: dict[str, Callable[[Walk, Any], Any]] = {
    "$cond": _cond,
    "$ifNull": _each,
    "$switch": _switch,
    "$mergeObjects": _each,
    "$concatArrays": _each,
    "$setUnion": _each,
    "$reverseArray": _each,
    "$first": _each,
    "$last": _each,
    "$arrayElemAt": _slice,
    "$filter": _filter,
    "$slice": _slice,
}
