"""
Which way each field goes between BSON and an instance, for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..codec.plan import Kind, Model, Through
from .serialized import kinds_in

if TYPE_CHECKING:
    from .reading import Schema

__all__ = ["explain"]


def explain(schema: Schema) -> str:
    """One line a field: fast, or through pydantic and why."""
    plan = schema.plan
    lines = [f"{schema.cls.__name__}: {_whole(plan.whole)}"]
    width = max((len(name) for name in schema.fields), default=0)
    for one in schema.fields.values():
        key = "" if one.key == one.name else f" (stored as {one.key!r})"
        lines.append(f"  {one.name:<{width}}  {_way(one.plan.kind)}{key}")
    json = plan.json_through
    lines.append("  json: " + (f"through pydantic: {json}" if json else "fast"))
    return "\n".join(lines)


def _whole(reason: str | None) -> str:
    return f"whole documents through pydantic: {reason}" if reason else "fast"


def _way(kind: Kind) -> str:
    for one in kinds_in(kind):
        if isinstance(one, Through):
            return f"through Python: {one.why}"
        if isinstance(one, Model) and one.plan.whole:
            return f"embedded, through pydantic: {one.plan.whole}"
    return "fast"
