"""
What an embedded class needs for its JSON, the class around it needs as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..codec.plan import (
    DictOf,
    Kind,
    ListOf,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
    Through,
)

__all__ = ["kinds_in", "reasons_below"]


def reasons_below(plan: ModelPlan) -> None:
    """Give ``plan``, and all plans below it, the reasons of what they hold."""
    plans = _reachable(plan)
    for one in plans:
        if one.json_through is None:
            one.json_through = _own_reason(one)
    changed = True
    while changed:
        changed = False
        for one in plans:
            if one.json_through is None and (found := _below(one)) is not None:
                one.json_through, changed = found, True


def _own_reason(plan: ModelPlan) -> str | None:
    for field in plan.fields:
        for kind in kinds_in(field.kind):
            if isinstance(kind, Through) and not field.json_skip:
                return f"{field.name}: {kind.why}"
    return None


def _below(plan: ModelPlan) -> str | None:
    for field in plan.fields:
        for kind in kinds_in(field.kind):
            if isinstance(kind, Model) and kind.plan.json_through is not None:
                return f"{field.name}: {kind.plan.json_through}"
    return None


def _reachable(plan: ModelPlan) -> list[ModelPlan]:
    found: list[ModelPlan] = []
    waiting = [plan]
    while waiting:
        one = waiting.pop()
        if any(one is other for other in found):
            continue
        found.append(one)
        for field in one.fields:
            models = (kind for kind in kinds_in(field.kind) if isinstance(kind, Model))
            waiting.extend(kind.plan for kind in models)
    return found


def kinds_in(kind: Kind) -> Iterator[Kind]:
    """A kind and those inside of it, not looking into embedded models."""
    yield kind
    if isinstance(kind, Nullable):
        yield from kinds_in(kind.inner)
    elif isinstance(kind, ListOf):
        yield from kinds_in(kind.item)
    elif isinstance(kind, DictOf):
        yield from kinds_in(kind.value)
    elif isinstance(kind, OneOf):
        for one in (*kind.alternatives, *kind.tagged.values()):
            yield from kinds_in(one)
