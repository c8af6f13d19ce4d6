"""
A class read from another class's documents: ``User.find().project(Card)``.

A field of the one means the field of the same name of the other, wherever that is
stored. A key that the class names itself (``Stored``) is taken at its word.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any, cast

from .. import codec
from ..abc import ModelCodec
from ..codec.plan import DictOf, FieldPlan, Kind, ListOf, Model, ModelPlan, OneOf
from ..expressions.shape import FieldSpec, Shape
from .nested import lying
from .schema import Schema

__all__ = ["View", "viewed"]


class View:
    """
    How a class is read from documents of another shape.

    Attributes:
        codec: reads them.
        keys: where the class's fields are stored there, by name.
    """

    __slots__ = ("codec", "keys")

    def __init__(self, codec: ModelCodec[Any], keys: dict[str, str]) -> None:
        self.codec: ModelCodec[Any] = codec
        self.keys: dict[str, str] = keys


def viewed(schema: Schema, shape: Shape) -> View:
    """
    A class as it is read from another one's documents; made once for each shape.

    Args:
        schema: the class to make instances of.
        shape: the fields of the documents.
    """
    found: View | None = schema.views.get(shape)
    if found is None:
        found = schema.views[shape] = _view(schema, shape)
    return found


def _view(schema: Schema, shape: Shape) -> View:
    plan = schema.plan
    keys = {one.name: _source(one, shape)[0] for one in plan.fields}
    inside = any(
        _differs(one.kind, _source(one, shape)[1], set()) for one in plan.fields
    )
    shared = len(set(keys.values())) < len(keys)
    if (
        not inside
        and not shared
        and all(keys[one.name] == one.key for one in plan.fields)
    ):
        return View(schema.codec, keys)
    made = copy(plan)
    made.fields = tuple(replace(one, key=keys[one.name]) for one in plan.fields)
    made.fallback = partial(_load, schema, shape)
    made.keep_raw = None
    if inside or shared:
        made.fields = plan.fields
        made.whole = plan.whole or "its fields are stored under another class's keys"
    return View(cast("ModelCodec[Any]", codec.compile(made)), keys)


def _load(schema: Schema, shape: Shape, document: dict[str, Any]) -> Any:
    return schema.load(_renamed(schema.plan, shape, document))


def _source(one: FieldPlan, shape: Shape) -> tuple[str, FieldSpec | None]:
    """Where a field lies in documents of ``shape``, and what is known of it there."""
    found = shape.find(one.name if one.key == one.name else one.key)
    own = found is None or one.key != one.name
    return one.key if own or found is None else found.key, found


def _renamed(plan: ModelPlan, shape: Shape, document: dict[str, Any]) -> dict[str, Any]:
    """A document of ``shape`` with the keys that a class itself is stored by."""
    taken: set[str] = set()
    result: dict[str, Any] = {}
    for one in plan.fields:
        key, spec = _source(one, shape)
        taken.add(key)
        if key in document:
            result[one.key] = _inside(one.kind, spec, document[key])
    return {key: one for key, one in document.items() if key not in taken} | result


def _inside(kind: Kind, spec: FieldSpec | None, value: Any) -> Any:
    held = lying(kind)
    if spec is None:
        return value
    if isinstance(value, list) and isinstance(held, ListOf):
        return [_inside(held.item, spec.item, one) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(held, DictOf):
        return {key: _inside(held.value, spec.value, one) for key, one in value.items()}
    model = _model(held, value)
    if model is None or spec.shape is None:
        return value
    return _renamed(model.plan, spec.shape, value)


def _model(kind: Kind, value: dict[str, Any]) -> Model | None:
    """The class of an embedded document, if that can be told."""
    if isinstance(kind, OneOf) and kind.discriminator is not None:
        return kind.chosen(value)
    models = list(_models(kind))
    return models[0] if len(models) == 1 else None


def _models(kind: Kind) -> Iterator[Model]:
    held = lying(kind)
    if isinstance(held, Model):
        yield held
    elif isinstance(held, OneOf):
        for one in (*held.alternatives, *held.models):
            yield from _models(one)


def _differs(kind: Kind, spec: FieldSpec | None, seen: set[tuple[Any, ...]]) -> bool:
    """Whether what is embedded has other keys in its own class."""
    held = lying(kind)
    if spec is None:
        return False
    if isinstance(held, ListOf):
        return _differs(held.item, spec.item, seen)
    if isinstance(held, DictOf):
        return _differs(held.value, spec.value, seen)
    if (shape := spec.shape) is None:
        return False
    for model in _models(held):
        plan = model.plan
        if (id(plan), id(shape)) in seen:
            continue
        seen.add((id(plan), id(shape)))
        sources = [(one, *_source(one, shape)) for one in plan.fields]
        if any(
            key != one.key or _differs(one.kind, spec, seen)
            for one, key, spec in sources
        ):
            return True
    return False
