"""
Which way each field goes between BSON and an instance, for people.
"""

from __future__ import annotations

from ..codec.plan import FieldPlan, Kind, Model, ModelPlan
from .nested import kinds_in, slow

__all__ = ["explain"]


def explain(plan: ModelPlan) -> str:
    """
    One line a field: fast, or through pydantic and why; and JSON, if otherwise.

    Below it, likewise, those fields of embedded classes that are not fast.
    """
    lines = [f"{plan.cls.__name__}: {_whole(plan)}"]
    width = max((len(one.name) for one in plan.fields), default=0)
    for one in plan.fields:
        key = "" if one.key == one.name else f" (stored as {one.key!r})"
        inside = _inside(one.kind, set())
        but = ", but for" if inside and _way(one.kind) == "fast" else ""
        lines.append(f"  {one.name:<{width}}  {_way(one.kind)}{but}{_json(one)}{key}")
        lines.extend(f"    {line}" for line in inside)
    json = plan.json_through
    lines.append("  json: " + (f"through pydantic: {json}" if json else "fast"))
    return "\n".join(lines)


def _inside(kind: Kind, seen: set[int]) -> list[str]:
    """The fields of embedded classes that are not fast; each class once."""
    found: list[str] = []
    for one in kinds_in(kind):
        if not isinstance(one, Model) or one.plan.whole or id(one.plan) in seen:
            continue
        seen.add(id(one.plan))
        for field in one.plan.fields:
            way, json = _way(field.kind), _json(field)
            if way != "fast" or field.json_by_value:
                found.append(f"{one.plan.cls.__name__}.{field.name}  {way}{json}")
            found.extend(_inside(field.kind, seen))
    return found


def _json(field: FieldPlan) -> str:
    if field.json_skip:
        return "; not in JSON"
    why = field.json_by_value
    return (
        "" if why is None or why in _way(field.kind) else f"; JSON by pydantic: {why}"
    )


def _whole(plan: ModelPlan) -> str:
    if plan.whole is not None:
        return f"whole documents through pydantic: {plan.whole}"
    written = f"; written by Python: {plan.whole_dump}" if plan.whole_dump else ""
    return "fast" + (
        written if plan.after is None else ", then its own validators" + written
    )


def _way(kind: Kind) -> str:
    if (through := slow(kind)) is not None:
        return f"through Python: {through.why}"
    for one in kinds_in(kind):
        if isinstance(one, Model) and one.plan.whole:
            return f"embedded, through pydantic: {one.plan.whole}"
    return "fast"
