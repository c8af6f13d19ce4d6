"""
Values that an update puts below a field object: into a list, or into a part.

The field object that is declared there checks them as it would a whole value. What
annotations declare is checked by its type alone, when the update is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ..codec.plan import Kind, ListOf, Model, Nullable
from ..errors import FieldError
from ..fields import EmbeddedDocumentField, Field, ListField
from ..schema import FieldSchema, Schema, describe
from .stamps import ways

__all__ = ["EMPTY", "SAME", "checked", "checked_operators", "emptied", "without_value"]

EMPTY = object()
"""For a field that is not stored while it has no value."""

SAME = object()
"""For dates that writes set: a form with empty fields does not end them."""

_ITEMS = ("$push", "$addToSet")
_VALUES = ("$min", "$max")
_TAKING = ("$unset", "$rename")


def checked(schema: Schema, path: str, value: Any) -> Any:
    """
    A value for a path, as the field object there would hold it.

    Raises:
        FieldError: it does not fit.
    """
    field = _field_at(schema, path)
    return value if field is None or value is None else field.validate(value)


def emptied(schema: Schema, path: str) -> Any:
    """
    What None stands for at a path: the default there, ``EMPTY``, ``SAME``, or null.

    Raises:
        FieldError: a value is required there, or it is an item of a list.
    """
    inner, one = _declared_at(schema, path)
    if one is None:
        item = _field_at(schema, path)
        return None if item is None else item.validate(None)
    return without_value(inner, one)


def without_value(schema: Schema, one: FieldSchema) -> Any:
    """
    What None stands for in one field: its default, ``EMPTY``, ``SAME``, or null.

    Raises:
        FieldError: a value is required.
    """
    if one.name in ways(schema):
        return SAME
    value = one.validate(None) if one.field is None else one.field.check(None)
    return EMPTY if value is None and one.plan.omit_none else value


def checked_operators(
    schema: Schema, operators: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """
    The operators of an update, with what they put into lists checked.

    Raises:
        FieldError: an item does not fit its list, or a value its field; a field that
            has to have a value would lose it.
    """
    result = dict(operators)
    for operator in _TAKING:
        if isinstance(fields := operators.get(operator), Mapping):
            for path in fields:
                _refuse_to_take(schema, str(path))
    for operator in (*_ITEMS, *_VALUES):
        if isinstance(fields := operators.get(operator), Mapping):
            result[operator] = {
                path: _operand(schema, operator, path, value)
                for path, value in fields.items()
            }
    return result


def _refuse_to_take(schema: Schema, path: str) -> None:
    _, one = _declared_at(schema, path)
    if one is None or not one.required:
        return
    if one.field is not None:
        raise one.field.missing()
    raise FieldError("a value is required", one.owner, one.name)


def _operand(schema: Schema, operator: str, path: Any, value: Any) -> Any:
    if operator in _VALUES:
        return checked(schema, str(path), value)
    field = _field_at(schema, str(path))
    if not isinstance(field, ListField):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("$each"), (list, tuple)):
        return {**value, "$each": list(field.validate(list(value["$each"])))}
    return field.validate([value])[0]


def _field_at(schema: Schema, path: str) -> Field[Any] | None:
    first, *steps = path.split(".")
    one = schema.by_key(first)
    field: Any = None if one is None else one.field
    for step in steps:
        if isinstance(field, ListField):
            field = field.field
            if _is_item(step):
                continue
        field = _inside(field, step)
    found: Field[Any] | None = field
    return found


def _declared_at(schema: Schema, path: str) -> tuple[Schema, FieldSchema | None]:
    """The attribute that a path ends at, and its class; None for an item of a list."""
    one: FieldSchema | None = None
    for step in path.split("."):
        if one is not None and not _is_item(step):
            inner = _embedded(one.plan.kind)
            if inner is None:
                return schema, None
            schema, one = inner, None
        one = one or schema.by_key(step)
        if one is None:
            break
    return schema, None if _is_item(path) else one


def _embedded(kind: Kind) -> Schema | None:
    while isinstance(kind, (Nullable, ListOf)):
        kind = kind.inner if isinstance(kind, Nullable) else kind.item
    return describe(kind.plan.cls) if isinstance(kind, Model) else None


def _is_item(path: str) -> bool:
    """Whether a path ends with a place in a list."""
    step = path.rpartition(".")[2]
    return step.isdecimal() or step[:1] == "$"


def _inside(field: Any, step: str) -> Any:
    if not isinstance(field, EmbeddedDocumentField):
        return None
    if not issubclass(field.document_type, BaseModel):
        return None
    one = describe(field.document_type).by_key(step)
    return None if one is None else one.field
