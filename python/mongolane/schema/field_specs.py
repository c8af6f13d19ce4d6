"""
Kinds to field specs: what a filter or an update may do with a field.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from bson import ObjectId

from ..codec.plan import (
    DateTime,
    DictOf,
    Exactly,
    FieldPlan,
    Kind,
    ListOf,
    Model,
    Nullable,
    OneOf,
    Parts,
    Scalar,
    Through,
)
from ..expressions.shape import Either, FieldSpec, Shape, Unfolding
from ..fields import BinaryField, Field, GeoJSONField, ListField
from .field_schema import FieldSchema
from .filter_values import WrongValueError, decoded, encoded
from .forms import dump_pattern
from .hashed import hashed_items, hasher, hashers, is_hashed
from .holding import holding
from .nested import lying

__all__ = ["spec_of"]


def spec_of(
    name: str,
    key: str,
    kind: Kind,
    shape_of: Callable[[type], Shape],
    field: Field[Any] | None = None,
    where: str = "",
    check: Callable[[Any, bool], None] | None = None,
    plan: Kind | None = None,
    required: bool = False,
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
        plan: how the field is read.
        required: a document without it could not be read.
    """
    inner, held = kind.inner if isinstance(kind, Nullable) else kind, lying(kind)
    # Nothing is below a hash: it would be stored as it is.
    secret = is_hashed(field) or hashed_items(field) is not None
    item, shape, value = _below(inner, shape_of, field, where, check)
    natural = _natural(inner, field)
    return FieldSpec(
        name,
        key,
        _encoder(inner, field, where),
        item,
        shape,
        _is_open(inner) and not secret,
        natural,
        secret,
        value,
        holding(inner, field),
        field.other_form if isinstance(field, (BinaryField, GeoJSONField)) else None,
        isinstance(inner, Through) and inner.secret,
        None if secret else partial(decoded, inner),
        None if secret else check,
        _is_pattern(inner),
        natural if not secret and _is_free(plan) else None,
        required,
        name != "" and isinstance(held, ListOf) and held.container in (set, frozenset),
    )


def _is_pattern(kind: Kind) -> bool:
    held = lying(kind)
    several = held.alternatives if isinstance(held, OneOf) else (held,)
    return any(isinstance(one, Through) and one.dump is dump_pattern for one in several)


def _below(
    kind: Kind,
    shape_of: Callable[[type], Shape],
    field: Field[Any] | None,
    where: str,
    check: Callable[[Any, bool], None] | None,
) -> tuple[FieldSpec | None, Shape | None, FieldSpec | None]:
    """What a path leads to from here: an array's items, a class, a dict's values."""
    held = lying(kind)
    if isinstance(field, ListField) and hashed_items(field) is not None:
        return _secret_spec(field.field), None, None
    if isinstance(held, ListOf):
        below = None if check is None else _check_item(check)
        return spec_of("", "", held.item, shape_of, None, where, below), None, None
    if isinstance(held, Model):
        return None, shape_of(held.plan.cls), None
    if isinstance(held, OneOf):
        return None, _either(held, shape_of, where), None
    if isinstance(held, DictOf):
        return None, None, spec_of("", "", held.value, shape_of, None, where)
    if isinstance(held, Through) and held.parts is not None:
        return None, _unfolding(held.parts, shape_of), None
    return None, None, None


def _unfolding(parts: Parts, shape_of: Callable[[type], Shape]) -> Shape:
    """The shape of a dataclass, a typed dict or a tuple."""
    found: Shape | None = parts.learnt.get(_unfolding)
    if found is None:

        def unfold() -> dict[str, FieldSpec]:
            return {
                name: _part_spec(parts, name, part, shape_of)
                for name, part in parts.unfold().items()
            }

        found = Unfolding(parts.owner, unfold, open=parts.open)
        parts.learnt[_unfolding] = found
    return found


def _part_spec(
    parts: Parts,
    name: str,
    part: tuple[str, Kind, Any],
    shape_of: Callable[[type], Shape],
) -> FieldSpec:
    key, kind, annotation = part
    check = None
    if parts.adapter is not None:
        plan, adapter = FieldPlan(name, key, kind), parts.adapter(annotation)
        one = FieldSchema(parts.owner, name, key, plan, kind, adapter)
        check = one.readable
    return spec_of(name, key, kind, shape_of, None, f"{parts.owner}.{name}", check)


def _is_open(kind: Kind) -> bool:
    """Whether any name may follow in a path."""
    held = lying(kind)
    if isinstance(held, Through) and held.parts is not None:
        return held.parts.open
    several = isinstance(held, (DictOf, Exactly, OneOf, Through))
    return several or held == Scalar("any")


def _check_item(check: Callable[[Any, bool], None]) -> Callable[[Any, bool], None]:
    """The check of an array's items: each as the only one of an array."""
    return lambda stored, _: check([stored], True)


def _either(kind: OneOf, shape_of: Callable[[type], Shape], where: str) -> Shape | None:
    """The shape of a union in which there are classes."""
    several = [*map(lying, kind.alternatives), *kind.models]
    items = [lying(one.item) if isinstance(one, ListOf) else one for one in several]
    found = [_shape_in(one, shape_of) for one in items]
    shapes = dict.fromkeys(one for one in found if one is not None)
    opened = any(isinstance(one, ListOf) for one in several) or None in found
    return Either(where, list(shapes), open=opened) if shapes else None


def _shape_in(kind: Kind, shape_of: Callable[[type], Shape]) -> Shape | None:
    if isinstance(kind, Model):
        return shape_of(kind.plan.cls)
    parts = kind.parts if isinstance(kind, Through) else None
    return None if parts is None else _unfolding(parts, shape_of)


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


def _is_free(kind: Kind | None) -> bool:
    """Whether whatever has the type can be read again: nothing is asked of it."""
    inner = kind.inner if isinstance(kind, Nullable) else kind
    return isinstance(inner, DateTime) or inner in _FREE


_FREE = [Scalar(tag) for tag in ("str", "int", "bool", "object_id", "uuid")]


def _encoder(kind: Kind, field: Field[Any] | None, where: str) -> Callable[[Any], Any]:
    if isinstance(field, BinaryField) and field.secret:
        return hasher(field)
    if (secret := hashed_items(field)) is not None:
        return hashers(secret)

    def encode(value: Any) -> Any:
        try:
            return encoded(kind, value)
        except WrongValueError as error:
            raise type(error)(f"{where}: {error}") from None

    return encode


def _secret_spec(field: Any) -> FieldSpec:
    """The spec of items that are kept hashed, or of lists of them."""
    if isinstance(field, BinaryField):
        encode, other = hasher(field), field.other_form
        return FieldSpec("", "", encode, secret=True, holds="other", other=other)
    secret = hashed_items(field)
    assert secret is not None
    inner = _secret_spec(field.field)
    return FieldSpec("", "", hashers(secret), inner, secret=True, holds="array")
