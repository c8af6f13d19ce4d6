"""
Values given in filters and updates, in their stored form; and stored ones back.
"""

from __future__ import annotations

import contextlib
import decimal
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
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
from ..errors import QueryError
from ..fields import BinaryField, Reference
from .fitting import NUMPY_HINT, is_numpy
from .forms import key_text, plain
from .hashed import ARRAYS, hashed_items, hasher, hashers
from .located import under
from .nested import lying
from .values import held, to_python, to_stored

__all__ = ["UnusableValueError", "WrongValueError", "decoded", "encoded"]

_NUMBERS = (int, float, decimal.Decimal, Decimal128)
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "text"),
    "int": (_NUMBERS, "a number"),
    "float": (_NUMBERS, "a number"),
    "decimal": (_NUMBERS, "a number"),
    "decimal128": (_NUMBERS, "a number"),
    "bool": ((bool,), "True or False"),
    "bytes": ((bytes,), "bytes"),
}


class WrongValueError(QueryError):
    """A value that the field can never have."""


class UnusableValueError(WrongValueError):
    """A value that cannot even be compared."""


def encoded(kind: Kind, value: Any) -> Any:
    """
    A value given in a filter, in its stored form.

    Raises:
        WrongValueError: for one that no field of this kind can have.
    """
    if value is None:
        return None
    if isinstance(kind, Nullable):
        return encoded(kind.inner, value)
    if _is_document(value):
        # It stands for its id, of whatever type that is.
        value = _id_of(value)
    if isinstance(value, Mapping):
        held = lying(kind)
        keyed = isinstance(held, OneOf) and not all(
            isinstance(one, str) for one in value
        )
        if not keyed and not isinstance(held, Through):
            return _mapping(held, value)
    if isinstance(kind, Scalar):
        return _scalar(kind.tag, value)
    if isinstance(kind, DateTime):
        return _datetime(value)
    if isinstance(kind, EnumOf):
        return _member(kind.cls, value)
    if isinstance(kind, Literal):
        return _literal(kind.values, value)
    if isinstance(kind, ListOf) and isinstance(value, ARRAYS):
        return [encoded(kind.item, one) for one in value]
    if isinstance(kind, Through):
        return _through(kind, value)
    return to_stored(kind, value)


def _mapping(kind: Kind, value: Mapping[Any, Any]) -> Any:
    """An embedded document, or a dict of them."""
    if isinstance(kind, Model):
        return _part(kind.plan, value)
    if isinstance(kind, DictOf):
        return {
            (key := key_text(name)): under(key, partial(encoded, kind.value, one))
            for name, one in value.items()
        }
    if isinstance(kind, OneOf):
        return _one_of(kind, value)
    return plain(value)


def _one_of(kind: OneOf, value: Mapping[Any, Any]) -> Any:
    """A mapping for a union: of the class that it says, or of the only one."""
    models = [one for one in map(lying, kind.alternatives) if isinstance(one, Model)]
    if (chosen := _said(kind, value) or _only(models, value)) is not None:
        return _part(chosen.plan, value)
    document = given = plain(value)
    # Whichever it is meant to be: what any of them keeps hashed is hashed.
    for one in (*models, *kind.models):
        part = _part(one.plan, value, renamed=False)
        document |= {key: part[key] for key in given if part[key] != given[key]}
    return document


def _only(models: Sequence[Model], value: Mapping[Any, Any]) -> Model | None:
    """The only class there is, or the only one that has all of a mapping's names."""
    if len(models) == 1:
        return models[0]
    fitting = [
        one
        for one in models
        if value.keys()
        <= {name for each in one.plan.fields for name in (each.name, each.key)}
    ]
    return fitting[0] if len(fitting) == 1 else None


def _said(kind: OneOf, value: Mapping[Any, Any]) -> Model | None:
    """The class that a mapping's discriminator says, under its name or stored key."""
    for tag, chosen in kind.tagged.items():
        first = chosen.models[0] if isinstance(chosen, OneOf) else chosen
        for one in first.plan.fields:
            if one.key != kind.discriminator:
                continue
            if tag in (plain(value.get(one.key)), plain(value.get(one.name))):
                return _said(chosen, value) if isinstance(chosen, OneOf) else chosen
    return None


def _part(plan: ModelPlan, value: Mapping[Any, Any], *, renamed: bool = True) -> Any:
    """
    An embedded document given as a mapping, by names or by stored keys.

    What is kept hashed is hashed; what is not declared, or does not fit, stays.
    """
    objects = getattr(plan.cls, "__mongolane_fields__", {})
    by_name = {one.name: one for one in plan.fields}
    by_key = {one.key: one for one in plan.fields}
    document: dict[Any, Any] = {}
    for name, given in value.items():
        one = by_name.get(name) or by_key.get(name)
        if one is None:
            key = key_text(name)
            document[key] = under(key, partial(plain, given))
            continue
        field = objects.get(one.name)
        key = one.key if renamed else name
        if key in document:
            text = f"{key!r} is given twice, by its name and its key"
            raise UnusableValueError(text)
        document[key] = under(key, partial(_declared, one.kind, field, given))
    return document


def _declared(kind: Kind, field: Any, given: Any) -> Any:
    """The stored form of a part's field."""
    if given is None:
        return None
    if isinstance(field, BinaryField) and field.secret:
        return hasher(field)(given)
    if (item := hashed_items(field)) is not None:
        return hashers(item)(given)
    try:
        return encoded(kind, given)
    except WrongValueError:
        return plain(given)


def _scalar(tag: str, value: Any) -> Any:
    if tag == "object_id":
        return _object_id(value)
    if tag == "uuid":
        return _uuid(value)
    if isinstance(value, Enum):
        value = value.value
    if is_numpy(value):
        raise UnusableValueError(f"{value!r:.80} is NumPy's; {NUMPY_HINT}")
    types, name = _TYPES.get(tag, ((), ""))
    if types and not isinstance(value, (*types, *ARRAYS)):
        raise WrongValueError(f"{value!r:.80} is not {name}")
    return plain(value)


def _object_id(value: Any) -> Any:
    if isinstance(value, ObjectId):
        return value
    if isinstance(value, Reference):
        return value.id
    if _is_document(value):
        return _id_of(value)
    if isinstance(value, ARRAYS):
        return [_object_id(one) for one in value]
    if isinstance(value, (str, bytes)) and ObjectId.is_valid(value):
        return ObjectId(value)
    raise WrongValueError(f"{value!r:.80} is not an id (24 hexadecimal digits)")


def _uuid(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = uuid.UUID(value)
        except ValueError:
            raise WrongValueError(f"{value!r:.80} is not a UUID") from None
    if isinstance(value, (uuid.UUID, Binary, *ARRAYS)):
        return plain(value)
    if _is_document(value):
        return plain(_id_of(value))
    raise WrongValueError(f"{value!r:.80} is not a UUID")


def _is_document(value: Any) -> bool:
    """Whether a value has a collection, unlike a part, and so an id."""
    return hasattr(type(value), "__mongolane_id__") and hasattr(type(value), "find")


def _id_of(document: Any) -> Any:
    if document.id is None:
        # Compared as null, it would find what refers to nothing.
        name = type(document).__name__
        raise UnusableValueError(f"a {name} that is not saved has no id")
    return document.id


def _datetime(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, ARRAYS):
        return [_datetime(one) for one in value]
    raise WrongValueError(f"{value!r:.80} is not a datetime")


def _member(cls: type[Enum], value: Any) -> Any:
    if isinstance(value, cls):
        return value.value
    if isinstance(value, ARRAYS):
        return [_member(cls, one) for one in value]
    try:
        return cls(value).value
    except ValueError:
        raise WrongValueError(f"{value!r:.80} is no {cls.__name__}") from None


def _literal(values: tuple[Any, ...], value: Any) -> Any:
    if isinstance(value, ARRAYS):
        return [_literal(values, one) for one in value]
    given = value.value if isinstance(value, Enum) else value
    for one in values:
        if one == given and isinstance(one, bool) is isinstance(given, bool):
            return plain(given)
    said = ", ".join(map(repr, values))
    raise WrongValueError(f"{value!r:.80} is none of {said}")


def _through(kind: Through, value: Any) -> Any:
    if isinstance(value, datetime):
        # A moment, also where days are stored.
        return value
    inner = lying(kind)
    if isinstance(inner, EnumOf) or inner in (Scalar("uuid"), Scalar("object_id")):
        value = encoded(inner, value)
    meant = getattr(kind.load, "meant", None)
    if meant is not None and isinstance(value, str):
        with contextlib.suppress(ValueError, TypeError):
            value = meant(value)
    try:
        return kind.dump(value)
    except (ValueError, TypeError, AttributeError):
        if kind.secret:
            name = type(value).__name__
            raise WrongValueError(f"a {name} is no secret of its type") from None
        return plain(value)


def decoded(kind: Kind, value: Any) -> Any:
    """A stored value as an instance would hold it; as it is, where it does not fit."""
    try:
        return _made(kind, value)
    except (ValueError, TypeError, ArithmeticError):
        return value


def _made(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Nullable):
        return _made(kind.inner, value)
    if isinstance(kind, Through):
        return kind.load(value)
    if isinstance(kind, EnumOf):
        return kind.cls(value)
    if isinstance(kind, Model) and kind.plan.fallback is not None:
        return kind.plan.fallback(value)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return kind.container(_made(kind.item, one) for one in value)
    if isinstance(kind, DictOf) and isinstance(value, dict):
        return {key: _made(kind.value, one) for key, one in value.items()}
    if isinstance(kind, OneOf) and isinstance(value, dict):
        models = [one for one in kind.alternatives if isinstance(one, Model)]
        chosen = _said(kind, value) or _only(models, value)
        return held(value) if chosen is None else _made(chosen, value)
    if isinstance(value, Decimal128) and kind == Scalar("decimal128"):
        return value
    return held(to_python(kind, value))
