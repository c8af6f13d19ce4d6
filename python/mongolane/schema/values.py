"""
Values of one kind: to their stored form, and back for pydantic to look at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from bson import DBRef, Decimal128, ObjectId
from bson.binary import Binary

from ..codec.plan import (
    DateTime,
    DictOf,
    EnumOf,
    Exactly,
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
from .generics import fields_of
from .located import under
from .metadata import strict_in

__all__ = ["bson_types", "held", "named", "to_python", "to_stored", "undone"]


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
    model = _declared(kind, value)
    if model is not None and model.plan.dump is not None:
        return model.plan.dump(value)
    return plain(value)


def _declared(kind: Kind, value: Any) -> Model | None:
    """The model that a value is stored as: the declared one, if it is of a subclass."""
    several = (
        (*kind.alternatives, *kind.tagged.values())
        if isinstance(kind, OneOf)
        else (kind,)
    )
    models = [one for one in several if isinstance(one, Model)]
    for cls in type(value).__mro__:
        for one in models:
            if one.plan.cls is cls:
                return one
    return None


def _part(kind: Kind, value: Any) -> Any:
    """The stored form of an item; one that could not be read again is refused."""
    if (why := misfit(kind, value)) is not None:
        raise EncodeError(why)
    return to_stored(kind, value)


def to_python(kind: Kind, value: Any, typed: bool = False) -> Any:
    """
    What pydantic is shown of a stored value: special forms undone, no checks.

    Args:
        kind: how the value lies in BSON.
        value: as ``codec.decode`` gives it.
        typed: as strict pydantic wants it: sets as sets, members as members.
    """
    if value is None:
        return None
    if isinstance(kind, Nullable):
        return to_python(kind.inner, value, typed)
    if isinstance(value, DBRef) and _takes_documents(kind):
        # ``bson`` makes this of any document with ``$ref`` and ``$id``.
        value = dict(value.as_doc())
    if isinstance(value, Decimal128) and _takes_decimals(kind):
        return value.to_decimal()
    if isinstance(kind, Through):
        undo = getattr(kind.load, "undo", None)
        return undone(getattr(kind.load, "typed", undo) if typed else undo, value)
    if isinstance(kind, Exactly):
        by_itself = kind.cls is Binary and isinstance(value, UUID)
        return Binary.from_uuid(value) if by_itself else value
    if isinstance(kind, ListOf) and isinstance(value, list):
        made = [to_python(kind.item, one, typed) for one in value]
        return undone(kind.container, made) if typed else made
    if isinstance(kind, DictOf) and isinstance(value, dict):
        return {key: to_python(kind.value, one, typed) for key, one in value.items()}
    if isinstance(kind, Model) and isinstance(value, dict):
        return named(kind.plan, value, typed)
    if isinstance(kind, OneOf):
        return _one_of(kind, value)
    if isinstance(kind, EnumOf) and typed:
        return undone(kind.cls, value)
    if isinstance(kind, DateTime) and isinstance(value, datetime):
        return _zoned(kind, value)
    if isinstance(kind, Scalar) and kind.tag == "any":
        return held(value)
    if isinstance(kind, Scalar) and kind.tag == "uuid":
        return value.as_uuid(4) if _is_uuid(value) else value
    return value


def _takes_decimals(kind: Kind) -> bool:
    """Whether pydantic is shown Python's decimals, which it takes for any number."""
    if isinstance(kind, Scalar):
        return kind.tag != "decimal128"
    return not isinstance(kind, (Exactly, Through, OneOf))


def _takes_documents(kind: Kind) -> bool:
    """Whether a document is read by its keys, whatever they are."""
    if isinstance(kind, OneOf):
        inside = any(_takes_documents(one) for one in kind.alternatives)
        return inside or kind.discriminator is not None
    return isinstance(kind, (Model, DictOf))


def held(value: Any) -> Any:
    """A value that has no type declared: decimals are Python's own."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if type(value) is dict:
        return {key: held(one) for key, one in value.items()}
    return [held(one) for one in value] if type(value) is list else value


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
        chosen = kind.chosen(value)
        return named(chosen.plan, value) if chosen is not None else value
    name = _type_name(value)
    for one in kind.alternatives:
        if name in (bson_types(one) or ()):
            # Of the very type, or pydantic might prefer another member of the union.
            return to_python(one, value, typed=True)
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


def named(
    plan: ModelPlan, document: dict[str, Any], strict: bool = False
) -> dict[str, Any]:
    """A stored document as pydantic is shown it: names for keys, forms undone."""
    by_key = {one.key: one for one in plan.fields}
    names = {one.name for one in plan.fields}
    shown: dict[str, Any] = {}
    for key, value in document.items():
        one = by_key.get(key)
        if one is not None:
            # Pydantic carries a class's strictness into classes that have validators.
            typed = strict or one.name in _strict_fields(plan.cls)
            shown[one.name] = to_python(one.kind, value, typed)
        elif key not in names:
            shown[key] = held(value)
        elif plan.extra == "forbid":
            # Undeclared, though a field that is stored elsewhere has its name.
            shown[f"{key} (stored)"] = value
    return shown


_strict: WeakKeyDictionary[Any, frozenset[str]] = WeakKeyDictionary()


def _strict_fields(cls: Any) -> frozenset[str]:
    """The fields of a class that are strict, or hold something strict."""
    if cls not in _strict:
        whole = cls.model_config.get("strict")
        _strict[cls] = frozenset(
            name
            for name, info in fields_of(cls).items()
            if whole or strict_in(info.annotation, info.metadata)
        )
    return _strict[cls]


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


def undone(undo: Callable[[Any], Any] | None, value: Any) -> Any:
    """A value without its stored form; as it is where it is of no such form."""
    if undo is None:
        return value
    try:
        return undo(value)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return value
