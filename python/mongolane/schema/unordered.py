"""
Sets in stored values: arrays whose order means nothing, wherever they lie.

Python gives a set's members in another order each time one is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import codec
from ..codec.plan import (
    DictOf,
    Kind,
    ListOf,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
    Scalar,
    Through,
)
from .nested import lying

__all__ = ["holds_sets", "is_plain_set", "same_but_for_sets"]

_ANY = Scalar("any")


def is_plain_set(kind: Kind) -> bool:
    """Whether it is a set of what the codec itself compares."""
    held = kind.inner if isinstance(kind, Nullable) else kind
    return isinstance(held, ListOf) and isinstance(held.item, Scalar)


def holds_sets(kind: Kind) -> bool:
    """Whether values are sets, or have some in them, at any depth."""
    return _holds(kind, [])


def _holds(kind: Kind, seen: list[Any]) -> bool:
    held = lying(kind)
    if isinstance(held, ListOf) and held.container in (set, frozenset):
        return True
    owner = held.plan if isinstance(held, Model) else getattr(held, "parts", None)
    if owner is not None:
        if any(owner is one for one in seen):
            return False
        seen.append(owner)
    return any(_holds(one, seen) for one in _inside(held))


def _inside(kind: Kind) -> Iterable[Kind]:
    if isinstance(kind, ListOf):
        return (kind.item,)
    if isinstance(kind, DictOf):
        return (kind.value,)
    if isinstance(kind, OneOf):
        return (*kind.alternatives, *kind.models)
    if isinstance(kind, Model):
        return [one.kind for one in kind.plan.fields]
    return _parts(kind).values()


def _parts(kind: Kind) -> dict[str, Kind]:
    """By key, or number, the parts of a dataclass or a tuple."""
    parts = kind.parts if isinstance(kind, Through) else None
    if parts is None:
        return {}
    return {key: inner for key, inner, _ in parts.unfold().values()}


def same_but_for_sets(kind: Kind, one: Any, other: Any) -> bool:
    """Whether two stored values of a kind differ in nothing but the order of sets."""
    first, second = _in_order(kind, one), _in_order(kind, other)
    return codec.encode({"": first}) == codec.encode({"": second})


def _in_order(kind: Kind, value: Any) -> Any:
    """The value with the members of its sets in an order of their bytes."""
    held = _chosen(lying(kind), value)
    if isinstance(value, list):
        if not isinstance(held, ListOf):
            parts = _parts(held)
            return [
                _in_order(parts.get(str(number), _ANY), one)
                for number, one in enumerate(value)
            ]
        items = [_in_order(held.item, one) for one in value]
        unordered = held.container in (set, frozenset)
        return sorted(items, key=_bytes) if unordered else items
    if isinstance(value, dict):
        kinds = _by_key(held.plan) if isinstance(held, Model) else _parts(held)
        other = held.value if isinstance(held, DictOf) else _ANY
        return {
            key: _in_order(kinds.get(key, other), one) for key, one in value.items()
        }
    return value


def _chosen(kind: Kind, value: Any) -> Kind:
    """The member of a union that a value is of; the first that may be it."""
    if not isinstance(kind, OneOf):
        return kind
    if isinstance(value, dict) and (tagged := kind.chosen(value)) is not None:
        return tagged
    wanted = ListOf if isinstance(value, list) else (Model, DictOf)
    found = (lying(one) for one in kind.alternatives)
    return next((one for one in found if isinstance(one, wanted)), kind)


def _by_key(plan: ModelPlan) -> dict[str, Kind]:
    return {one.key: one.kind for one in plan.fields}


def _bytes(value: Any) -> bytes:
    return codec.encode({"": value})
