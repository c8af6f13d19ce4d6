"""
Values of one kind: to their stored form, and back for pydantic to look at.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bson import Decimal128, ObjectId
from bson.binary import Binary

from ..codec.plan import (
    DateTime,
    DictOf,
    EnumOf,
    Kind,
    ListOf,
    Literal,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
    Scalar,
    Through,
)
from ..errors import EncodeError
from .fitting import misfit
from .forms import key_text, plain
from .located import under

__all__ = ["bson_types", "named", "to_python", "to_stored"]


def to_stored(kind: Kind, value: Any) -> Any:
    """The stored form of a value, by its kind; by the value where it is not of it."""
    if value is None:
        return None
    if isinstance(kind, Nullable):
        return to_stored(kind.inner, value)
    if isinstance(kind, Through):
        return kind.dump(value)
    if isinstance(kind, ListOf) and isinstance(
        value, (list, tuple, set, frozenset, deque)
    ):
        return [
            under(number, partial(_part, kind.item, one))
            for number, one in enumerate(value)
        ]
    if isinstance(kind, DictOf) and isinstance(value, dict):
        return {
            key_text(key): under(key_text(key), partial(_part, kind.value, one))
            for key, one in value.items()
        }
    return plain(value)


def _part(kind: Kind, value: Any) -> Any:
    """The stored form of an item; one that could not be read again is refused."""
    if (why := misfit(kind, value)) is not None:
        raise EncodeError(why)
    return to_stored(kind, value)


def to_python(kind: Kind, value: Any) -> Any:
    """What pydantic is shown of a stored value: special forms undone, no checks."""
    if value is None:
        return None
    if isinstance(kind, Nullable):
        return to_python(kind.inner, value)
    if isinstance(kind, Through):
        return _undone(kind, value)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [to_python(kind.item, one) for one in value]
    if isinstance(kind, DictOf) and isinstance(value, dict):
        return {key: to_python(kind.value, one) for key, one in value.items()}
    if isinstance(kind, Model) and isinstance(value, dict):
        return named(kind.plan, value)
    if isinstance(kind, OneOf):
        return _one_of(kind, value)
    if isinstance(kind, DateTime) and isinstance(value, datetime):
        return _zoned(kind, value)
    if isinstance(kind, Scalar) and kind.tag == "decimal":
        return value.to_decimal() if isinstance(value, Decimal128) else value
    if isinstance(kind, Scalar) and kind.tag == "uuid":
        return value.as_uuid(4) if _is_uuid(value) else value
    return value


def _is_uuid(value: Any) -> bool:
    return isinstance(value, Binary) and value.subtype == 4 and len(value) == 16


def _zoned(kind: DateTime, value: datetime) -> datetime:
    if kind.aware:
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return value.replace(tzinfo=None)


def _one_of(kind: OneOf, value: Any) -> Any:
    if kind.discriminator is not None:
        if not isinstance(value, dict):
            return value
        chosen = kind.tagged.get(value.get(kind.discriminator))
        return named(chosen.plan, value) if chosen is not None else value
    name = _type_name(value)
    for one in kind.alternatives:
        if name in (bson_types(one) or ()):
            return to_python(one, value)
    return value


def _type_name(value: Any) -> str:
    if isinstance(value, Binary):
        return f"binary {value.subtype}"
    return _TYPE_NAMES.get(type(value), "")


_TYPE_NAMES = {
    str: "str",
    bool: "bool",
    int: "int",
    float: "float",
    bytes: "binary 0",
    ObjectId: "object_id",
    Decimal128: "decimal",
    datetime: "date",
    list: "array",
    dict: "document",
}


def named(plan: ModelPlan, document: dict[str, Any]) -> dict[str, Any]:
    """A stored document as pydantic is shown it: names for keys, forms undone."""
    by_key = {one.key: one for one in plan.fields}
    shown: dict[str, Any] = {}
    for key, value in document.items():
        one = by_key.get(key)
        if one is None:
            shown[key] = value
        else:
            shown[one.name] = to_python(one.kind, value)
    return shown


def bson_types(kind: Kind) -> set[str] | None:
    """The BSON types a value of this kind may have; None: any."""
    if isinstance(kind, Scalar):
        return {
            "any": None,
            "decimal128": {"decimal"},
            "bytes": {"binary 0"},
            "uuid": {"binary 4"},
        }.get(kind.tag, {kind.tag})
    if isinstance(kind, (EnumOf, Literal)):
        values: list[Any] = (
            [one.value for one in kind.cls]
            if isinstance(kind, EnumOf)
            else list(kind.values)
        )
        return {type(one).__name__ for one in values}
    if isinstance(kind, DateTime):
        return {"date"}
    if isinstance(kind, ListOf):
        return {"array"}
    return {"document"} if isinstance(kind, (DictOf, Model)) else None


def _undone(kind: Through, value: Any) -> Any:
    undo = getattr(kind.load, "undo", None)
    if undo is None:
        return value
    try:
        return undo(value)
    except (ValueError, TypeError, KeyError, AttributeError):
        return value
