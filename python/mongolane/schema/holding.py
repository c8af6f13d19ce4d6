"""
What a field is to the operators of an update: an array, a number, a date, or neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from bson import Decimal128, Int64, Timestamp

from ..codec import plan
from ..codec.plan import Kind
from ..fields import (
    BinaryField,
    BooleanField,
    DateTimeField,
    EmbeddedDocumentField,
    EnumField,
    Field,
    FloatField,
    GeoJSONField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
)
from .nested import lying

__all__ = ["Holds", "holding"]

Holds = Literal["array", "number", "date", "timestamp", "other"]

_FIELDS: tuple[tuple[tuple[type, ...], Holds], ...] = (
    ((ListField,), "array"),
    ((IntegerField, FloatField), "number"),
    ((DateTimeField,), "date"),
    ((BinaryField, BooleanField, GeoJSONField, StringField), "other"),
    ((EmbeddedDocumentField, ReferenceField), "other"),
)

_KINDS: tuple[tuple[tuple[type[Kind], ...], Holds], ...] = (
    ((plan.ListOf, plan.Fixed), "array"),
    ((plan.DateTime,), "date"),
    ((plan.Span,), "number"),
    ((plan.Model, plan.DictOf, plan.Day, plan.Clock), "other"),
)

_COUNTED = ("int", "float", "decimal", "decimal128")

_OWN: dict[type, Holds] = {
    Timestamp: "timestamp",
    Int64: "number",
    Decimal128: "number",
}


def holding(kind: Kind, field: Field[Any] | None = None) -> Holds | None:
    """
    What the values of a kind are to operators; None where they may be several things.

    Args:
        kind: how they lie in BSON.
        field: the field object that declares them, if one does.
    """
    if isinstance(field, EnumField):
        return _of_values(one.value for one in field.enum)
    for classes, holds in _FIELDS:
        if isinstance(field, classes):
            return holds
    return _of_kind(lying(kind))


def _of_kind(kind: Kind) -> Holds | None:
    if isinstance(kind, plan.Scalar):
        if kind.tag == "any":
            return None
        return "number" if kind.tag in _COUNTED else "other"
    if isinstance(kind, plan.Exactly):
        return _OWN.get(kind.cls, "other")
    if isinstance(kind, plan.Through) and kind.exact and kind.besides is not None:
        return _of_kind(lying(kind.besides))
    if isinstance(kind, plan.EnumOf):
        return _of_values(one.value for one in kind.cls)
    if isinstance(kind, plan.Literal):
        return _of_values(kind.values)
    for classes, holds in _KINDS:
        if isinstance(kind, classes):
            return holds
    return None


def _of_values(values: Iterable[Any]) -> Holds | None:
    """Of one of these values: never a date that the server would make."""
    numbers = {isinstance(one, (int, float)) for one in values if one is not None}
    return ("number" if True in numbers else "other") if len(numbers) == 1 else None
