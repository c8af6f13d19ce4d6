"""
Which way each field goes between BSON and an instance, for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..codec.plan import FieldPlan, Kind, Model, Through
from .serialized import kinds_in

if TYPE_CHECKING:
    from .reading import Schema

__all__ = ["explain"]


def explain(schema: Schema) -> str:
    """One line a field: fast, or through pydantic and why; and JSON, if otherwise."""
    plan = schema.plan
    lines = [f"{schema.cls.__name__}: {_whole(plan.whole)}"]
    width = max((len(name) for name in schema.fields), default=0)
    for one in plan.fields:
        key = "" if one.key == one.name else f" (stored as {one.key!r})"
        lines.append(f"  {one.name:<{width}}  {_way(one.kind)}{_json(one)}{key}")
    json = plan.json_through
    lines.append("  json: " + (f"through pydantic: {json}" if json else "fast"))
    return "\n".join(lines)


def _json(field: FieldPlan) -> str:
    if field.json_skip:
        return "; not in JSON"
    why = field.json_by_value
    return (
        "" if why is None or why in _way(field.kind) else f"; JSON by pydantic: {why}"
    )


def _whole(reason: str | None) -> str:
    return f"whole documents through pydantic: {reason}" if reason else "fast"


def _way(kind: Kind) -> str:
    for one in kinds_in(kind):
        if isinstance(one, Through):
            return f"through Python: {one.why}"
        if isinstance(one, Model) and one.plan.whole:
            return f"embedded, through pydantic: {one.plan.whole}"
    return "fast"
