"""
Values of one kind: to their stored form, and back for pydantic to look at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from bson import DBRef, Decimal128, Int64, ObjectId
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
from .located import under, under_each
from .metadata import strict_in

__all__ = [
    "bson_types",
    "fitting",
    "held",
    "named",
    "parts_shown",
    "shown_by",
    "shows_all_plain",
    "shows_plain",
    "to_python",
    "to_stored",
    "undone",
]


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
        return under_each(_storing(kind.item), value)
    if isinstance(kind, DictOf) and isinstance(value, dict):
        return {
            key_text(key): under(key_text(key), partial(fitting, kind.value, one))
            for key, one in value.items()
        }
    if isinstance(kind, (Model, OneOf)):
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


def _storing(kind: Kind) -> Callable[[Any], Any]:
    """What gives the stored forms of a list's items."""
    if isinstance(kind, Through):
        dump = kind.dump
        return lambda value: None if value is None else dump(value)
    return partial(fitting, kind)


def fitting(kind: Kind, value: Any) -> Any:
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


Shown = Callable[[Any], Any]

# What pydantic is shown as it is stored, whatever simple kind it is of.
_AS_IS = frozenset(
    {str, int, float, bool, bytes, type(None), Int64, ObjectId, UUID, datetime}
)


def shown_by(kind: Kind, typed: bool = False) -> Shown:
    """``to_python`` for one kind: what can be known before there is a value is."""

    def slow(value: Any) -> Any:
        return to_python(kind, value, typed)

    if isinstance(kind, Nullable):
        inner = shown_by(kind.inner, typed)
        return lambda value: None if value is None else inner(value)
    if isinstance(kind, Through):
        undo = getattr(kind.load, "undo", None)
        undo = getattr(kind.load, "typed", undo) if typed else undo
        return lambda value: None if value is None else undone(undo, value)
    if _shows_as_is(kind, typed):
        return lambda value: value if type(value) in _AS_IS else slow(value)
    if isinstance(kind, ListOf) and not typed:
        return _array_shown(shown_by(kind.item), _shows_as_is(kind.item), slow)
    if isinstance(kind, DictOf):
        item, simple = shown_by(kind.value, typed), _shows_as_is(kind.value, typed)
        return _document_shown(item, simple, slow)
    if isinstance(kind, Model):
        # Read when it is needed: the plan may be without fields yet.
        return lambda value: (
            named(kind.plan, value, typed) if type(value) is dict else slow(value)
        )
    return slow


def _array_shown(item: Shown, simple: bool, slow: Shown) -> Shown:
    def array(value: Any) -> Any:
        if type(value) is not list:
            return slow(value)
        if simple and _AS_IS.issuperset(map(type, value)):
            return value
        return list(map(item, value))

    return array


def _document_shown(item: Shown, simple: bool, slow: Shown) -> Shown:
    def document(value: Any) -> Any:
        if type(value) is not dict:
            return slow(value)
        if simple and _AS_IS.issuperset(map(type, value.values())):
            return value
        return {key: item(one) for key, one in value.items()}

    return document


def _shows_as_is(kind: Kind, typed: bool = False) -> bool:
    """Whether pydantic is shown simple values of this kind as they are stored."""
    if isinstance(kind, Nullable):
        return _shows_as_is(kind.inner, typed)
    if isinstance(kind, DateTime):
        return kind.aware
    return isinstance(kind, (Scalar, Literal)) or (
        isinstance(kind, EnumOf) and not typed
    )


def shows_plain(kind: Kind) -> bool:
    """Whether pydantic is shown values of usual types as they are stored."""
    if isinstance(kind, Nullable):
        return shows_plain(kind.inner)
    if isinstance(kind, ListOf):
        return shows_plain(kind.item)
    if isinstance(kind, DictOf):
        return shows_plain(kind.value)
    if isinstance(kind, Through):
        checked = kind.besides if kind.checked is not None else None
        return kind.direct is not None or (checked is not None and shows_plain(checked))
    if isinstance(kind, Model):
        # One that is not read yet, itself perhaps, has no ``direct``.
        alike = all(one.key == one.name for one in kind.plan.fields)
        return alike and kind.plan.direct is not None
    return _shows_as_is(kind)


def shows_all_plain(plan: ModelPlan) -> bool:
    """The same of a document, but for its keys."""
    kinds = [one.kind for one in plan.fields]
    return not _strict_fields(plan.cls) and all(map(shows_plain, kinds))


def parts_shown(
    kinds: Mapping[str, Kind], rest: Kind
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What shows a document whose values are of these kinds, others of ``rest``."""
    ways = {key: shown_by(kind) for key, kind in kinds.items()}
    simple = all(map(_shows_as_is, (*kinds.values(), rest)))
    other = shown_by(rest)

    def shown(value: dict[str, Any]) -> dict[str, Any]:
        if simple and _AS_IS.issuperset(map(type, value.values())):
            return value
        return {key: ways.get(key, other)(one) for key, one in value.items()}

    return shown


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
    if isinstance(value, Int64):
        value = int(value)
    name = _type_name(value)
    for one in kind.alternatives:
        if name in (bson_types(one) or ()):
            # Of the very type, or pydantic might prefer another member of the union.
            return to_python(one, value, typed=True)
    return held(value)


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
    plan: ModelPlan, document: Mapping[str, Any], strict: bool = False
) -> dict[str, Any]:
    """A stored document as pydantic is shown it: names for keys, forms undone."""
    by_key, names = _naming(plan, strict)
    shown: dict[str, Any] = {}
    for key, value in document.items():
        if (found := by_key.get(key)) is not None:
            name, way = found
            shown[name] = way(value)
        elif key not in names:
            shown[key] = held(value)
        elif plan.extra == "forbid":
            # Undeclared, though a field that is stored elsewhere has its name.
            shown[f"{key} (stored)"] = value
    return shown


_Naming = tuple[dict[str, tuple[str, Shown]], frozenset[str]]


def _naming(plan: ModelPlan, strict: bool) -> _Naming:
    """By stored key, each field's name and how it is shown; and all names."""
    known: _Naming | None = plan.learnt.get((named, strict))
    if known is None:
        # Pydantic carries a class's strictness into classes that have validators.
        names = frozenset(one.name for one in plan.fields)
        typed = names if strict else _strict_fields(plan.cls)
        ways = {
            one.key: (one.name, shown_by(one.kind, one.name in typed))
            for one in plan.fields
        }
        known = ways, names
        plan.learnt[named, strict] = known
    return known


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
