"""
Dates of embedded documents that an update writes, whole or by a path into them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from ..codec.plan import DictOf, Kind, ListOf, Model, ModelPlan, Nullable
from ..schema import Schema, describe
from .stamps import ways

__all__ = ["has_dated_parts", "with_part_dates"]

_WRITING = ("$set", "$setOnInsert", "$push", "$addToSet")
_dated: WeakKeyDictionary[Schema, bool] = WeakKeyDictionary()


def with_part_dates(
    schema: Schema, change: dict[str, Any], at: Callable[[], datetime]
) -> dict[str, Any]:
    """
    An update in which embedded documents have the dates that their classes ask for.

    Args:
        schema: of the document's class.
        change: operators and stored paths.
        at: gives the date, if it is needed.
    """
    if not has_dated_parts(schema):
        return change
    moment = at()
    whole = Model(schema.plan)
    made = {
        operator: {
            path: _given(_kind_at(whole, path), value, moment)
            for path, value in fields.items()
        }
        if operator in _WRITING
        else fields
        for operator, fields in change.items()
    }
    taken = {path for fields in change.values() for path in fields}
    around = {
        f"{part}.{key}": moment
        for path in taken
        for part, plan in _parts_around(whole, path)
        for key in _keys(plan, "updated")
        if f"{part}.{key}" not in taken
    }
    return {**made, "$set": {**made.get("$set", {}), **around}} if around else made


def has_dated_parts(schema: Schema) -> bool:
    """Whether anything that a class embeds, at any depth, has dates."""
    if schema not in _dated:
        _dated[schema] = _any_dated(schema.plan, set())
    return _dated[schema]


def _any_dated(plan: ModelPlan, seen: set[int]) -> bool:
    if id(plan) in seen:
        return False
    seen.add(id(plan))
    inner = (_model(one.kind) for one in plan.fields)
    return any(
        bool(_ways(one)) or _any_dated(one, seen) for one in inner if one is not None
    )


def _model(kind: Kind) -> ModelPlan | None:
    """The class in a field, in its lists and dicts."""
    while not isinstance(kind, Model):
        if isinstance(kind, Nullable):
            kind = kind.inner
        elif isinstance(kind, ListOf):
            kind = kind.item
        elif isinstance(kind, DictOf):
            kind = kind.value
        else:
            return None
    return kind.plan


def _ways(plan: ModelPlan) -> dict[str, str]:
    return ways(describe(plan.cls)) if hasattr(plan.cls, "__mongolane_id__") else {}


def _keys(plan: ModelPlan, way: str) -> list[str]:
    fields = describe(plan.cls).fields
    return [fields[name].key for name, one in _ways(plan).items() if one == way]


def _below(kind: Kind | None, step: str) -> Kind | None:
    if isinstance(kind, Nullable):
        return _below(kind.inner, step)
    if isinstance(kind, ListOf):
        placed = step.isdecimal() or step[:1] == "$"
        return kind.item if placed else _below(kind.item, step)
    if isinstance(kind, DictOf):
        return kind.value
    if isinstance(kind, Model):
        fields = kind.plan.fields
        return next((one.kind for one in fields if one.key == step), None)
    return None


def _kind_at(kind: Kind | None, path: str) -> Kind | None:
    for step in path.split("."):
        kind = _below(kind, step)
    return kind


def _parts_around(kind: Kind | None, path: str) -> Iterator[tuple[str, ModelPlan]]:
    """The embedded documents that a path leads into, with their own paths."""
    steps = path.split(".")
    for at, step in enumerate(steps[:-1], 1):
        kind = _below(kind, step)
        inner = kind.inner if isinstance(kind, Nullable) else kind
        if isinstance(inner, Model):
            yield ".".join(steps[:at]), inner.plan


def _given(kind: Kind | None, value: Any, moment: datetime) -> Any:
    """A value that is written to a field, dated."""
    if isinstance(kind, Nullable):
        return _given(kind.inner, value, moment)
    if isinstance(kind, ListOf):
        if isinstance(value, list):
            return [_given(kind.item, one, moment) for one in value]
        if isinstance(value, Mapping) and "$each" in value:
            each = [_given(kind.item, one, moment) for one in value["$each"]]
            return {**value, "$each": each}
        return _given(kind.item, value, moment)
    if not isinstance(value, Mapping):
        return value
    if isinstance(kind, DictOf):
        return {key: _given(kind.value, one, moment) for key, one in value.items()}
    return _part(kind.plan, value, moment) if isinstance(kind, Model) else value


def _part(
    plan: ModelPlan, value: Mapping[str, Any], moment: datetime
) -> dict[str, Any]:
    kinds = {one.key: one.kind for one in plan.fields}
    part = {key: _given(kinds.get(key), one, moment) for key, one in value.items()}
    for key in _keys(plan, "created"):
        if part.get(key) is None:
            part[key] = moment
    part.update(dict.fromkeys(_keys(plan, "updated"), moment))
    return part
