"""
Array filters: which elements ``lines.$[name]`` of an update means.

Each is held against the update: one that it doesn't name, or a name without one, is
what a server would refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import QueryError, UnknownFieldError
from .filters import Filter, merged
from .resolve import resolve
from .shape import ANYTHING, OPEN, FieldSpec, Shape, filter_name

__all__ = ["to_array_filters"]

_NAMED = re.compile(r"\$\[(\w+)\]")
_JOINERS = ("$and", "$or", "$nor")


def to_array_filters(
    filters: Any, change: Any, shape: Shape = OPEN
) -> list[dict[str, Any]]:
    """
    The ``arrayFilters`` of an update, one for each name.

    Args:
        filters: expressions on the paths that the update names
            (``User.items.filtered("x").price > 3``), or dicts with names of the
            elements' class (``{"x.price": {"$gt": 3}}``); one of them, or several.
            Several of the same name must all hold.
        change: the update, with stored keys.
        shape: the class's fields.

    Raises:
        QueryError: for what is no array filter, a name without one, or one that the
            update does not name.
        UnknownFieldError: for a name that the elements' class does not declare.
    """
    if filters is None and not _names_elements(change):
        return []
    elements = _elements(change, shape)
    found: dict[str, list[dict[str, Any]]] = {}
    for one in _listed(filters):
        document = _array_filter(one, elements, shape.owner)
        found.setdefault(_name(document), []).append(document)
    for name in found:
        if name not in elements:
            raise QueryError(
                f"the update of {shape.owner} does not use the array filter {name!r}"
            )
    for name in elements:
        if name not in found:
            raise QueryError(
                f"the update of {shape.owner} names $[{name}], and there is no array "
                f"filter for {name!r}"
            )
    return [merged(several) for several in found.values()]


def _listed(filters: Any) -> list[Any]:
    if filters is None:
        return []
    if isinstance(filters, (Filter, Mapping)):
        return [filters]
    if isinstance(filters, str) or not isinstance(filters, Iterable):
        raise QueryError(f"array filters are expressions or dicts, not {filters!r}")
    return list(filters)


def _names_elements(change: Any) -> bool:
    if type(change) is dict:
        for fields in change.values():
            for key in fields:
                if "$[" in key:
                    return True
    return False


def _elements(change: Any, shape: Shape) -> dict[str, FieldSpec]:
    """The names that an update's paths have, and the elements they stand for."""
    found: dict[str, FieldSpec] = {}
    if not isinstance(change, Mapping):
        return found
    for fields in change.values():
        for key in fields:
            for match in _NAMED.finditer(key):
                found[match[1]] = _element(shape, key[: match.end()])
    return found


def _element(shape: Shape, path: str) -> FieldSpec:
    try:
        return shape.locate(path)[1]
    except UnknownFieldError:
        return ANYTHING


def _array_filter(
    one: Any, elements: Mapping[str, FieldSpec], owner: str
) -> dict[str, Any]:
    if isinstance(one, Filter):
        return _relative(one.to_filter())
    if isinstance(one, Mapping):
        fields = {
            name: replace(spec, name=name, key=name) for name, spec in elements.items()
        }
        unused = {name: replace(ANYTHING, name=name, key=name) for name in _names(one)}
        return resolve(one, Shape(owner, {**unused, **fields}))
    raise QueryError(f"an array filter is an expression or a dict, not {one!r}")


def _name(document: Mapping[str, Any]) -> str:
    names = _names(document)
    if len(names) != 1:
        raise QueryError(
            f"an array filter is on one name; {document!r} has "
            + (" and ".join(sorted(names)) or "none")
        )
    return filter_name(names.pop())


def _names(document: Mapping[Any, Any]) -> set[str]:
    found: set[str] = set()
    for key, value in document.items():
        if key in _JOINERS:
            for part in value:
                found |= _names(part)
        else:
            found.add(str(key).partition(".")[0])
    return found


def _relative(document: Mapping[str, Any]) -> dict[str, Any]:
    """``items.$[x].price`` is ``x.price`` in an array filter."""
    result: dict[str, Any] = {}
    for key, value in document.items():
        if key in _JOINERS:
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
