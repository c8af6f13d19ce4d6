"""
What a save must not lose: keys that embedded classes do not declare, at any depth.

A list is stored whole, for its items may have moved. An embedded document remembers
the BSON that it was read from, so its keys go where it goes. What remembers nothing
(plain pydantic models, unpickled documents) is looked for among the items that are
stored: one that is equal in all that is declared, or has the same id; else the one in
the same place, as long as as many are left on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from .. import codec
from ..codec.plan import (
    DictOf,
    FieldPlan,
    Kind,
    ListOf,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
)
from .raw import raw_of
from .stamps import may_hold

__all__ = ["merged"]


def merged(
    plan: ModelPlan, old: Mapping[str, Any], new: Mapping[str, Any], instance: Any
) -> dict[str, Any]:
    """
    A document as it will be stored: its own keys, and those nobody declares.

    Args:
        plan: of its class.
        old: as it is stored.
        new: its stored form by now.
        instance: what ``new`` was made of; None where that is not known.
    """
    result = dict(new)
    held = getattr(instance, "__dict__", {})
    for one in _fields_with_more(plan):
        if one.key in new:
            value = held.get(one.name)
            result[one.key] = _value(one.kind, old.get(one.key), new[one.key], value)
    if plan.extra != "allow":
        declared = {one.key for one in plan.fields}
        for key, value in old.items():
            if key not in declared:
                result.setdefault(key, value)
    return result


def _fields_with_more(plan: ModelPlan) -> tuple[FieldPlan, ...]:
    """The fields in which there may be embedded documents."""
    found: tuple[FieldPlan, ...] | None = plan.learnt.get(merged)
    if found is None:
        found = tuple(one for one in plan.fields if may_hold(one.kind))
        plan.learnt[merged] = found
    return found


def _value(kind: Kind, old: Any, new: Any, held: Any) -> Any:
    if isinstance(kind, Nullable):
        return _value(kind.inner, old, new, held)
    if isinstance(kind, ListOf) and isinstance(new, list):
        return _list(kind.item, old if isinstance(old, list) else [], new, held)
    if isinstance(kind, DictOf) and isinstance(new, Mapping):
        known = old if isinstance(old, Mapping) else {}
        values = held if isinstance(held, Mapping) else {}
        return {
            key: _value(kind.value, known.get(key), one, values.get(key))
            for key, one in new.items()
        }
    plan = _plan(kind, new)
    if plan is None or not isinstance(new, Mapping):
        return new
    if isinstance(old, Mapping) and _plan(kind, old) is plan:
        return merged(plan, old, new, held)
    return merged(plan, _read(held), new, held)


def _plan(kind: Kind, document: Any) -> ModelPlan | None:
    """The plan of a kind's documents; of a union, that of this document."""
    if isinstance(kind, Model):
        return kind.plan
    if not isinstance(kind, OneOf) or not isinstance(document, Mapping):
        return None
    if kind.discriminator is not None:
        chosen = kind.chosen(document)
        return None if chosen is None else chosen.plan
    models = [one.plan for one in kind.alternatives if isinstance(one, Model)]
    return models[0] if len(models) == 1 else None


def _read(held: Any) -> dict[str, Any]:
    """What an embedded document was read from; empty for one that was not read."""
    data = raw_of(held)
    return {} if data is None else codec.decode(data)


def _list(kind: Kind, old: list[Any], new: list[Any], held: Any) -> list[Any]:
    inner = kind.inner if isinstance(kind, Nullable) else kind
    if not isinstance(inner, (Model, OneOf, ListOf, DictOf)):
        return new
    values = held if isinstance(held, Sequence) else []
    if len(values) != len(new):
        values = [None] * len(new)
    if isinstance(inner, (ListOf, DictOf)):
        # Lists and dicts in a list have nothing to be known by but their places.
        places = old if len(old) == len(new) else [None] * len(new)
        return [
            _value(inner, *three) for three in zip(places, new, values, strict=True)
        ]
    if any(raw_of(one) is not None for one in values):
        return [
            _value(inner, _read(one) or None, item, one)
            for item, one in zip(new, values, strict=True)
        ]
    found = _partners(inner, old, new)
    return [_value(inner, found.get(at), item, None) for at, item in enumerate(new)]


def _partners(kind: Kind, old: list[Any], new: list[Any]) -> dict[int, Any]:
    """For places in a list the items that were stored before."""
    before = {at: one for at, one in enumerate(old) if isinstance(one, Mapping)}
    if all(_stripped(kind, one) == one for one in before.values()):
        return {}
    after = {at: one for at, one in enumerate(new) if isinstance(one, Mapping)}
    found: dict[int, Any] = {}
    for pairs in (_equal(kind, before, after), _same_id(before, after)):
        for at, place in pairs:
            if at in after and place in before:
                found[at] = before.pop(place)
                del after[at]
    if len(before) == len(after):
        found.update(zip(after, before.values(), strict=True))
    return found


def _equal(
    kind: Kind, before: Mapping[int, Any], after: Mapping[int, Any]
) -> list[tuple[int, int]]:
    """Places of equal items: those in the same order, then those that moved."""
    olds = {at: codec.encode(_stripped(kind, one)) for at, one in before.items()}
    news = {at: codec.encode(_stripped(kind, one)) for at, one in after.items()}
    places, spots = list(olds), list(news)
    matcher = SequenceMatcher(None, list(olds.values()), list(news.values()), False)
    pairs = [
        (spots[block.b + step], places[block.a + step])
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    ]
    taken, given = {at for at, _ in pairs}, {place for _, place in pairs}
    free: dict[bytes, list[int]] = {}
    for place, data in olds.items():
        if place not in given:
            free.setdefault(data, []).append(place)
    for at, data in news.items():
        if at not in taken and free.get(data):
            pairs.append((at, free[data].pop(0)))
    return pairs


def _same_id(
    before: Mapping[int, Any], after: Mapping[int, Any]
) -> list[tuple[int, int]]:
    return [
        (at, place)
        for at, new in after.items()
        for place, old in before.items()
        for key in ("_id", "id")
        if new.get(key) is not None and new[key] == old.get(key)
    ]


def _stripped(kind: Kind, value: Any) -> Any:
    """A stored value without the keys that nobody declares."""
    if isinstance(kind, Nullable):
        return _stripped(kind.inner, value)
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [_stripped(kind.item, one) for one in value]
    if isinstance(kind, DictOf) and isinstance(value, Mapping):
        return {key: _stripped(kind.value, one) for key, one in value.items()}
    plan = _plan(kind, value)
    if plan is None or not isinstance(value, Mapping):
        return value
    declared = {one.key: one.kind for one in plan.fields}
    kept = {
        key: _stripped(declared[key], value[key]) for key in declared if key in value
    }
    if plan.extra == "allow":
        kept |= {key: one for key, one in value.items() if key not in declared}
    return kept
