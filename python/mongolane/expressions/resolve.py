"""
Raw dict filters: names to stored keys, values to stored forms, no JavaScript.

Operators in a dict filter are the user's own and pass. Values that came from a
request belong into an expression, which never lets them run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ..errors import QueryError
from .computed import to_expression
from .filters import Condition, Filter, Raw, as_filter, merged
from .geo import FlatPoint, to_area, to_geojson
from .place import Place
from .shape import OPEN, FieldSpec, Shape
from .values import (
    ANY_OF,
    LEAVES,
    TOO_DEEP,
    as_set,
    is_own_pattern,
    stored,
    stored_each,
    stored_forms,
    stored_item,
)

__all__ = [
    "element",
    "fits_match",
    "refuse_javascript",
    "resolve",
    "simple_filter",
    "to_filter",
]

_JAVASCRIPT = frozenset({"$where", "$function", "$accumulator"})
_JOINERS = frozenset({"$and", "$or", "$nor"})
_GEOGRAPHIC = frozenset({"$near", "$nearSphere", "$geoWithin", "$geoIntersects"})
_WHOLE = frozenset({"$eq", "$ne", "$gt", "$gte", "$lt", "$lte"})


def to_filter(
    filters: Iterable[Any], shape: Shape, allow_javascript: bool = False
) -> dict[str, Any]:
    """
    One filter document from what a query was given.

    Args:
        filters: expressions and dicts; all of them must hold.
        shape: the class's fields.
        allow_javascript: whether ``$where`` and its kin may be in a dict.

    Raises:
        QueryError: for what is no filter, or has JavaScript in it.
        UnknownFieldError: for a name in a dict that the class does not declare.
    """
    given = filters if type(filters) is tuple else tuple(filters)
    try:
        if len(given) == 1:
            if (found := simple_filter(given[0], shape)) is not None:
                return found
            if type(given[0]) is dict:
                return resolve(given[0], shape, allow_javascript)
        mapped = partial(resolve, shape=shape, allow_javascript=allow_javascript)
        if len(given) == 1:
            return as_filter(given[0]).to_filter(mapped)
        return merged([as_filter(one).to_filter(mapped) for one in given])
    except RecursionError:
        raise QueryError(f"a filter of {shape.owner} {TOO_DEEP}") from None


def resolve(
    document: Mapping[Any, Any], shape: Shape = OPEN, allow_javascript: bool = False
) -> dict[str, Any]:
    """
    A dict filter with stored keys and stored values; the given one is not changed.

    Args:
        document: keys are names with dots, stored keys, paths, or operators.
        shape: the class's fields.
        allow_javascript: whether ``$where`` and its kin may be in it.
    """
    if type(document) is dict:
        found = _simple(document, shape)
        if found is not None:
            return found
    if not allow_javascript:
        refuse_javascript(document)
    return _document(document, shape)


def simple_filter(given: Any, shape: Shape) -> dict[str, Any] | None:
    """
    Known names with values of their fields' own types; None for any other filter.

    Most filters are so, and there is nothing to convert or to refuse in them.
    """
    if type(given) is Condition:
        return given.plain()
    return _simple(given, shape) if type(given) is dict else None


def _simple(document: dict[Any, Any], shape: Shape) -> dict[str, Any] | None:
    natural = shape.natural
    result: dict[str, Any] = {}
    for name, value in document.items():
        found = natural.get(name) if type(name) is str else None
        if found is None or type(value) is not found[1]:
            return None
        result[found[0]] = value
    return result if len(result) == len(document) else None


def _document(document: Mapping[Any, Any], shape: Shape) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(name, str) and name[:1] == "$":
            result[name] = _top_operator(name, value, shape)
            continue
        key, spec, where = _field(name, shape)
        if key in result:
            raise QueryError(f"{where!r} stands twice in one dict filter")
        condition = _condition(spec, value, where)
        result[key] = _any_order(spec, key, condition) if spec.unordered else condition
    return result


class _Where:
    """A name in a dict, shown only when there is something to say of it."""

    __slots__ = ("_name", "_shape")

    def __init__(self, shape: Shape, name: str) -> None:
        self._shape = shape
        self._name = name

    def __repr__(self) -> str:
        return f"{self._shape.owner}.{self._name}"


def _field(name: Any, shape: Shape) -> tuple[str, FieldSpec, object]:
    if isinstance(name, str):
        key, spec = shape.locate(name)
        return key, spec, _Where(shape, name)
    if isinstance(name, Place):
        return str(name), name._spec, name
    raise QueryError(f"a name in a dict is text or a path, not {name!r:.80}")


def _top_operator(name: str, value: Any, shape: Shape) -> Any:
    if name == "$expr":
        return to_expression(value)
    if name not in _JOINERS:
        return value
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        raise QueryError(f"{name} needs a list of filters, not {value!r:.80}")
    return [_part(part, shape) for part in value]


def _part(part: Any, shape: Shape) -> dict[str, Any]:
    return as_filter(part).to_filter(lambda inner: _document(inner, shape))


def _condition(spec: FieldSpec, value: Any, where: object) -> Any:
    if isinstance(value, LEAVES):
        return _equal(spec, value, where)
    if isinstance(value, Filter):
        raise QueryError(
            f"{where!r}: an expression stands alone, not as a dict's value"
        )
    if isinstance(value, (dict, Mapping)) and _is_operators(value):
        return _operators(spec, value, where)
    return _equal(spec, value, where)


def _any_order(spec: FieldSpec, key: str, condition: Any) -> Any:
    """The same of a set, whose members may lie in any order."""
    operator, operand = "$eq", condition
    if isinstance(condition, dict) and len(condition) == 1:
        [(operator, operand)] = condition.items()
    asked = as_set(spec, key, operand) if operator in ("$eq", "$ne") else None
    if asked is None:
        return condition
    return asked if operator == "$eq" else {"$not": asked}


def _equal(spec: FieldSpec, value: Any, where: object) -> Any:
    forms = stored_forms(spec, value, where)
    if len(forms) > 1:
        return {"$in": forms}
    # By itself a regular expression looks for texts.
    return {"$eq": forms[0]} if is_own_pattern(spec, value) else forms[0]


def _operators(
    spec: FieldSpec, value: Mapping[Any, Any], where: object
) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for operator, one in value.items():
        several = ANY_OF.get(operator)
        if several is not None and several not in value:
            forms = stored_forms(spec, one, where)
            if len(forms) > 1:
                result[several] = forms
                continue
        result[operator] = _operand(operator, spec, one, where)
    return result


def _is_operators(value: Mapping[Any, Any]) -> bool:
    # As the server does: the first key decides. A DBRef is a value.
    first = next(iter(value), None)
    return isinstance(first, str) and first[:1] == "$" and first not in ("$ref", "$id")


def _operand(operator: Any, spec: FieldSpec, value: Any, where: object) -> Any:
    if operator in _WHOLE:
        return stored(spec, value, where)
    if operator in ("$in", "$nin"):
        return stored_each(spec, value, where)
    if operator == "$all" and isinstance(value, (list, tuple, set, frozenset)):
        return [_one_of_all(spec, one, where) for one in value]
    if operator == "$not" and isinstance(value, Mapping):
        return _condition(spec, value, where)
    if operator == "$elemMatch" and isinstance(value, (Mapping, Filter)):
        return _element(spec, value, where)
    if operator in _GEOGRAPHIC:
        return _geographic(operator, value)
    return value


def _geographic(operator: str, value: Any) -> Any:
    """Shapes may stand for what they are sent as."""
    if isinstance(value, Mapping):
        if "$geometry" in value:
            return {**value, "$geometry": to_geojson(value["$geometry"])}
        return value
    if isinstance(value, FlatPoint):
        return value.to_position()
    if hasattr(value, "to_shape") or hasattr(value, "__geo_interface__"):
        return to_area(value)
    return value


def _one_of_all(spec: FieldSpec, value: Any, where: object) -> Any:
    if isinstance(value, Mapping) and _is_operators(value):
        return _operators(spec, value, where)
    return stored_item(spec, value, where)


def _element(spec: FieldSpec, value: Any, where: object) -> Any:
    item = spec.item or spec
    if isinstance(value, Filter):
        raise QueryError(f"write {where!r}.elem_match({value!r})")
    if _is_operators(value) and next(iter(value)) not in _JOINERS:
        return _operators(item, value, where)
    return _document(value, item.shape or spec.shape or OPEN)


def element(spec: FieldSpec, given: Mapping[str, Any], where: object) -> Any:
    """
    Conditions on the elements of an array, given as a dict.

    Args:
        spec: the array field.
        given: names are those of the elements' class.
        where: the field's path, for messages.
    """
    refuse_javascript(given)
    return _element(spec, given, where)


def fits_match(filter: Mapping[str, Any]) -> bool:
    """Whether a pipeline takes a filter: one without ``$near`` and ``$where``."""
    for key, value in filter.items():
        if key in _JOINERS:
            if not all(map(fits_match, value)):
                return False
        elif key == "$where" or (
            isinstance(value, dict) and not value.keys().isdisjoint(_NEAR)
        ):
            return False
    return True


_NEAR = frozenset({"$near", "$nearSphere"})


def refuse_javascript(value: Any) -> None:
    """
    Raise when server-side JavaScript stands anywhere in ``value``.

    Expressions are not looked into: what they hold is compared and never run.

    Raises:
        QueryError: names the operator.
    """
    if isinstance(value, LEAVES):
        return
    if isinstance(value, Raw):
        value = value.to_filter()
    if isinstance(value, (dict, Mapping)):
        for key, inner in value.items():
            if key in _JAVASCRIPT:
                raise QueryError(
                    f"{key} would run JavaScript on the server; it is refused "
                    "unless allow_javascript=True"
                )
            if not isinstance(inner, LEAVES):
                refuse_javascript(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            refuse_javascript(inner)
