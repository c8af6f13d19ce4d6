"""New documents: what they need before they are stored, and remember afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bson

from .. import plan

__all__ = ["prepared", "remembered"]


def prepared(
    plan: plan.ModelPlan,
    instances: list[Any],
    at: int,
    ids: list[Any],
    again: list[int],
    reserve: Callable[[int], tuple[bytes, int]],
    stamps: list[tuple[str, Any, bool]],
    mark: tuple[str, Any] | None,
) -> int:
    """Ids, dates and marks for instances of one class; see ``ModelCodec.prepare``."""
    cls: Any = plan.cls
    lead, number = b"", 0
    for place in range(at, len(instances)):
        instance = instances[place]
        if type(instance) is not cls:
            return place
        held: dict[str, Any] = instance.__dict__
        if held.get("id") is None:
            if not lead:
                lead, number = reserve(len(instances) - place)
            held["id"] = bson.ObjectId(lead + (number % 2**24).to_bytes(3, "big"))
            number += 1
            instance.__pydantic_fields_set__.add("id")
        dated = _stamped(instance, stamps)
        if not dated or (mark and not _marked(plan, instance, *mark)):
            again.append(place)
        ids.append(held["id"])
    return len(instances)


def remembered(plan: plan.ModelPlan, instances: list[Any], data: list[bytes]) -> None:
    """Let instances remember the BSON that they equal, if the plan says where."""
    name = plan.keep_raw
    if name is None or name in (plan.private or ()):
        return
    for instance, raw in zip(instances, data, strict=False):
        object.__setattr__(instance, name, raw)


def _stamped(instance: Any, stamps: list[tuple[str, Any, bool]]) -> bool:
    """Set dates where there are none; False for one that must be another."""
    held = instance.__dict__
    for name, value, may_be_there in stamps:
        if held.get(name) is None:
            held[name] = value
            instance.__pydantic_fields_set__.add(name)
        elif not may_be_there:
            return False
    return True


def _marked(plan: plan.ModelPlan, instance: Any, name: str, value: Any) -> bool:
    """Mark an instance, and what it embeds; False for another class than declared."""
    if type(instance) is not plan.cls:
        return False
    if plan.keep_raw is not None:
        object.__setattr__(instance, name, value)
    return all(
        _marked_in(one.kind, instance.__dict__.get(one.name), name, value)
        for one in plan.fields
    )


def _marked_in(kind: plan.Kind, held: Any, name: str, value: Any) -> bool:
    if isinstance(kind, plan.Nullable):
        return held is None or _marked_in(kind.inner, held, name, value)
    if isinstance(kind, plan.Model):
        return _marked(kind.plan, held, name, value)
    if isinstance(kind, plan.ListOf) and isinstance(held, list):
        return all(_marked_in(kind.item, one, name, value) for one in held)
    return True
