"""
Kinds to field specs: what a filter or an update may do with a field.
"""

from __future__ import annotations

import contextlib
import decimal
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
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
    Exactly,
    Kind,
    ListOf,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
    Scalar,
    Through,
)
from ..errors import QueryError
from ..expressions.shape import Either, FieldSpec, Shape
from ..fields import BinaryField, Field, GeoJSONField, ListField, Reference
from .fitting import NUMPY_HINT, is_numpy
from .forms import key_text, plain
from .located import under
from .values import held, to_python, to_stored

__all__ = ["WrongValueError", "lying", "spec_of"]

_ARRAYS = (list, tuple, set, frozenset, deque)
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


def spec_of(
    name: str,
    key: str,
    kind: Kind,
    shape_of: Callable[[type], Shape],
    field: Field[Any] | None = None,
    where: str = "",
    check: Callable[[Any, bool], None] | None = None,
) -> FieldSpec:
    """
    The spec of one field.

    Args:
        name: the attribute's name.
        key: the stored key.
        kind: how its value lies in BSON.
        shape_of: gives the shape of an embedded class.
        field: the field object, if it was declared by one.
        where: class and field, for messages.
        check: refuses stored forms that the field could not be read from.
    """
    inner = kind.inner if isinstance(kind, Nullable) else kind
    held = lying(inner)
    item = shape = value = None
    if isinstance(field, ListField) and _secret_items(field) is not None:
        item = _secret_spec(field.field)
    elif isinstance(held, ListOf):
        below = None if check is None else _check_item(check)
        item = spec_of("", "", held.item, shape_of, None, where, below)
    elif isinstance(held, Model):
        shape = shape_of(held.plan.cls)
    elif isinstance(held, OneOf):
        shape = _either(held, shape_of, where)
    elif isinstance(held, DictOf):
        value = spec_of("", "", held.value, shape_of, None, where)
    several = isinstance(held, (DictOf, Exactly, OneOf, Through))
    opened = several or held == Scalar("any")
    # Nothing is below a hash: it would be stored as it is.
    secret = _is_secret(field) or _secret_items(field) is not None
    masked = isinstance(inner, Through) and inner.secret
    encode = _encoder(inner, field, where)
    natural = _natural(inner, field)
    opened = opened and not secret
    holds = _holds(inner)
    other = field.other_form if isinstance(field, (BinaryField, GeoJSONField)) else None
    decode = None if secret else partial(_decoded, inner)
    return FieldSpec(
        name,
        key,
        encode,
        item,
        shape,
        opened,
        natural,
        secret,
        value,
        holds,
        other,
        masked,
        decode,
        None if secret else check,
    )


def _check_item(check: Callable[[Any, bool], None]) -> Callable[[Any, bool], None]:
    """The check of an array's items: each as the only one of an array."""
    return lambda stored, _: check([stored], True)


def _holds(kind: Kind) -> Any:
    """What a value of a kind is to the operators of an update."""
    if isinstance(kind, ListOf):
        return "array"
    if isinstance(kind, (Model, DictOf, DateTime)):
        return "other"
    if isinstance(kind, Scalar) and kind.tag != "any":
        return "number" if kind.tag in _COUNTED else "other"
    return None


_COUNTED = ("int", "float", "decimal", "decimal128")


def lying(kind: Kind) -> Kind:
    """How a value lies in BSON, whether or not it goes through Python."""
    while isinstance(kind, (Nullable, Through)) and kind.inner is not None:
        kind = kind.inner
    return kind


def _either(kind: OneOf, shape_of: Callable[[type], Shape], where: str) -> Shape | None:
    """The shape of a union in which there are classes."""
    several = [*map(lying, kind.alternatives), *kind.models]
    items = [lying(one.item) if isinstance(one, ListOf) else one for one in several]
    models = [one for one in items if isinstance(one, Model)]
    shapes = dict.fromkeys(shape_of(one.plan.cls) for one in models)
    opened = not all(isinstance(one, Model) for one in several)
    return Either(where, list(shapes), open=opened) if shapes else None


_NATURAL: dict[str, type] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "object_id": ObjectId,
    "uuid": uuid.UUID,
}


def _natural(kind: Kind, field: Field[Any] | None) -> type | None:
    """The type whose values a filter takes as they are."""
    if field is not None and field.secret:
        return None
    if isinstance(kind, DateTime):
        return datetime
    return _NATURAL.get(kind.tag) if isinstance(kind, Scalar) else None


def _encoder(kind: Kind, field: Field[Any] | None, where: str) -> Callable[[Any], Any]:
    if isinstance(field, BinaryField) and field.secret:
        return _hasher(field)
    if (secret := _secret_items(field)) is not None:
        return _hashers(secret)

    def encode(value: Any) -> Any:
        try:
            return encoded(kind, value)
        except WrongValueError as error:
            raise WrongValueError(f"{where}: {error}") from None

    return encode


def _hasher(field: BinaryField[Any]) -> Callable[[Any], Any]:
    return lambda value: field.dump(field.validate(value))


def _hashers(field: BinaryField[Any]) -> Callable[[Any], Any]:
    one = _hasher(field)

    def encode(value: Any) -> Any:
        return [*map(encode, value)] if isinstance(value, _ARRAYS) else one(value)

    return encode


def _is_secret(field: Any) -> bool:
    return isinstance(field, BinaryField) and field.secret


def _secret_items(field: Any) -> BinaryField[Any] | None:
    """The field of what is in a list, or in lists in it, if that is kept hashed."""
    while isinstance(field, ListField):
        field = field.field
        if isinstance(field, BinaryField) and field.secret:
            return field
    return None


def _secret_spec(field: Any) -> FieldSpec:
    """The spec of items that are kept hashed, or of lists of them."""
    if isinstance(field, BinaryField):
        encode, other = _hasher(field), field.other_form
        return FieldSpec("", "", encode, secret=True, other=other)
    secret = _secret_items(field)
    assert secret is not None
    inner = _secret_spec(field.field)
    return FieldSpec("", "", _hashers(secret), inner, secret=True)


def _decoded(kind: Kind, value: Any) -> Any:
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
    if isinstance(value, Mapping):
        held = lying(kind)
        if not isinstance(held, Through):
            return _mapping(held, value)
    if isinstance(kind, Scalar):
        return _scalar(kind.tag, value)
    if isinstance(kind, DateTime):
        return _datetime(value)
    if isinstance(kind, EnumOf):
        return _member(kind.cls, value)
    if isinstance(kind, ListOf) and isinstance(value, _ARRAYS):
        return [encoded(kind.item, one) for one in value]
    if isinstance(kind, Through):
        return _through(kind, value)
    return to_stored(kind, value)


def _mapping(kind: Kind, value: Mapping[Any, Any]) -> Any:
    """An embedded document, or a dict of them."""
    if isinstance(kind, Model):
        return _part(kind.plan, value)
    if isinstance(kind, DictOf):
        return {key: encoded(kind.value, one) for key, one in plain(value).items()}
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
            raise WrongValueError(f"{key!r} is given twice, by its name and its key")
        document[key] = under(key, partial(_declared, one.kind, field, given))
    return document


def _declared(kind: Kind, field: Any, given: Any) -> Any:
    """The stored form of a part's field."""
    if given is None:
        return None
    if isinstance(field, BinaryField) and field.secret:
        return _hasher(field)(given)
    if (item := _secret_items(field)) is not None:
        return _hashers(item)(given)
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
        raise WrongValueError(f"{value!r} is NumPy's; {NUMPY_HINT}")
    types, name = _TYPES.get(tag, ((), ""))
    if types and not isinstance(value, (*types, *_ARRAYS)):
        raise WrongValueError(f"{value!r} is not {name}")
    return plain(value)


def _object_id(value: Any) -> Any:
    if isinstance(value, ObjectId):
        return value
    if isinstance(value, Reference) or hasattr(type(value), "__mongolane_id__"):
        return value.id
    if isinstance(value, _ARRAYS):
        return [_object_id(one) for one in value]
    if isinstance(value, (str, bytes)) and ObjectId.is_valid(value):
        return ObjectId(value)
    raise WrongValueError(f"{value!r} is not an id (24 hexadecimal digits)")


def _uuid(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = uuid.UUID(value)
        except ValueError:
            raise WrongValueError(f"{value!r} is not a UUID") from None
    if isinstance(value, (uuid.UUID, Binary, *_ARRAYS)):
        return plain(value)
    if hasattr(type(value), "__mongolane_id__"):
        return plain(value.id)
    raise WrongValueError(f"{value!r} is not a UUID")


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
    if isinstance(value, _ARRAYS):
        return [_datetime(one) for one in value]
    raise WrongValueError(f"{value!r} is not a datetime")


def _member(cls: type[Enum], value: Any) -> Any:
    if isinstance(value, cls):
        return value.value
    if isinstance(value, _ARRAYS):
        return [_member(cls, one) for one in value]
    try:
        return cls(value).value
    except ValueError:
        raise WrongValueError(f"{value!r} is no {cls.__name__}") from None


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
