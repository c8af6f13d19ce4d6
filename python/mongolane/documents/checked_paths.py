"""
Values that an update puts below a field object: into a list, or into a part.

The field object that is declared there checks them as it would a whole value. What
annotations declare is checked by its type alone, when the update is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ..fields import EmbeddedDocumentField, Field, ListField
from ..schema import Schema, describe

__all__ = ["checked", "checked_operators"]

_ITEMS = ("$push", "$addToSet")
_VALUES = ("$min", "$max")


def checked(schema: Schema, path: str, value: Any) -> Any:
    """
    A value for a path, as the field object there would hold it.

    Raises:
        FieldError: it does not fit.
    """
    field = _field_at(schema, path)
    return value if field is None or value is None else field.validate(value)


def checked_operators(
    schema: Schema, operators: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """
    The operators of an update, with what they put into lists checked.

    Raises:
        FieldError: an item does not fit its list, or a value its field.
    """
    result = dict(operators)
    for operator in (*_ITEMS, *_VALUES):
        if isinstance(fields := operators.get(operator), Mapping):
            result[operator] = {
                path: _operand(schema, operator, path, value)
                for path, value in fields.items()
            }
    return result


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
            if step.isdecimal() or step[:1] == "$":
                continue
        field = _inside(field, step)
    found: Field[Any] | None = field
    return found


def _inside(field: Any, step: str) -> Any:
    if not isinstance(field, EmbeddedDocumentField):
        return None
    if not issubclass(field.document_type, BaseModel):
        return None
    one = describe(field.document_type).by_key(step)
    return None if one is None else one.field
