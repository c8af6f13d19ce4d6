"""
Operands of update operators: checked against the field, and in their stored form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ..errors import FieldError, QueryError
from .masking import hides, shown
from .orders import Order
from .shape import FieldSpec
from .values import ARRAYS, stored, stored_item, takes

__all__ = [
    "added",
    "all_added",
    "bits",
    "element_sort",
    "elements",
    "needs",
    "number",
    "whole",
]

_BITS = ("and", "or", "xor")


def needs(
    spec: FieldSpec,
    what: Literal["array", "number", "date", "timestamp"],
    operator: str,
    where: object,
) -> None:
    """
    Refuse an operator on a field that holds something else.

    Raises:
        QueryError: names the field and the operator.
    """
    if spec.holds not in (None, what):
        raise QueryError(f"{operator} needs {_A[what]}, and {where!r} holds none")


_A = {
    "array": "an array",
    "number": "a number",
    "date": "a date",
    "timestamp": "a timestamp",
}


def number(spec: FieldSpec, value: Any, where: object, operator: str = "$inc") -> Any:
    """
    The stored form of a number that a field is changed by.

    Raises:
        QueryError: when it is none, or would make what the field cannot hold.
    """
    if type(value) is int and takes(spec, value):
        return value
    needs(spec, "number", operator, where)
    if isinstance(value, (str, bytes, bool, Mapping, *ARRAYS)) or value is None:
        text = f"a number is needed, not {shown(spec, value):.80}"
        raise QueryError(f"{where!r}: {text}")
    if spec.natural is int and not isinstance(value, int):
        return _whole_number(value, where, operator)
    # Converted by the field (Decimal), unless its limits forbid a step like -1.
    try:
        return stored(spec, value, where)
    except QueryError:
        return value


def _whole_number(value: Any, where: object, operator: str) -> Any:
    try:
        if int(value) == value:
            return int(value)
    except (TypeError, ValueError, ArithmeticError):
        pass
    raise QueryError(
        f"{where!r} is an int, which {operator} by {value!r} would not leave"
    )


def whole(spec: FieldSpec, value: Any, where: object) -> Any:
    """
    The stored form of a value that is written to a field, and to no element of it.

    Raises:
        QueryError: the field could not be read from it.
    """
    if takes(spec, value):
        return value
    bare = spec
    if spec.item is not None:
        bare = FieldSpec(spec.name, spec.key, spec.encode, masked=hides(spec))
    found = stored(bare, value, where)
    _refuse_unreadable(spec, found, where)
    return found


def added(spec: FieldSpec, value: Any, where: object) -> Any:
    """
    The stored form of an element that is put into an array.

    Raises:
        QueryError: the array's field could not be read with it.
    """
    found = stored_item(spec, value, where)
    _refuse_unreadable(spec, [found], where, items=True)
    return found


def all_added(spec: FieldSpec, values: Any, where: object) -> list[Any]:
    """The same for several elements."""
    found = elements(spec, values, where)
    _refuse_unreadable(spec, found, where, items=True)
    return found


def _refuse_unreadable(
    spec: FieldSpec, found: Any, where: object, items: bool = False
) -> None:
    if spec.check is None or spec.secret:
        return
    try:
        spec.check(found, items)
    except FieldError as error:
        if hides(spec):
            raise QueryError(f"{where!r} cannot hold this") from None
        raise QueryError(str(error)) from error


def elements(spec: FieldSpec, values: Any, where: object) -> list[Any]:
    """
    The stored forms of several elements of an array.

    Raises:
        QueryError: when ``values`` is a single value.
    """
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        text = f"a list of elements is needed, not {shown(spec, values):.80}"
        raise QueryError(f"{where!r}: {text}")
    return [stored_item(spec, one, where) for one in values]


def element_sort(sort: Any, key: str, spec: FieldSpec) -> Any:
    """The sort of an array's elements: by their fields, or by themselves."""
    if isinstance(sort, Order):
        sort = (sort,)
    if isinstance(sort, (list, tuple)):
        keys = {_below(order.field, key, spec): order.direction for order in sort}
        return keys.get("", keys)
    if isinstance(sort, Mapping):
        return {_below(name, key, spec): way for name, way in sort.items()}
    return sort


def _below(field: Any, key: str, spec: FieldSpec) -> str:
    """The stored path of an element's field; empty for the element itself."""
    path = str(field)
    if not isinstance(field, str):
        # A path: its text is the stored one, of the element or of the whole document.
        if path in (key, f"{key}.$[]"):
            return ""
        return path.removeprefix(f"{key}.$[].").removeprefix(f"{key}.")
    shape = (spec.item or spec).shape
    return path if shape is None else shape.locate(path)[0]


def bits(spec: FieldSpec, operation: Any, where: object) -> dict[str, int]:
    """
    What ``$bit`` is given.

    Raises:
        QueryError: it is not one operation with an integer.
    """
    needs(spec, "number", "$bit", where)
    known = isinstance(operation, Mapping) and operation.keys() <= set(_BITS)
    if not known or len(operation) != 1:
        raise QueryError(f"{where!r}: $bit takes one of {', '.join(_BITS)}")
    [(name, mask)] = operation.items()
    if not isinstance(mask, int) or isinstance(mask, bool):
        raise QueryError(f"{where!r}: $bit takes an integer, not {mask!r:.80}")
    return {name: mask}
