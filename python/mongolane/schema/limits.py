"""
Constraints that the plan can hold itself.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from ..codec.plan import Kind, ListOf, Nullable, Scalar

__all__ = ["limited"]


def limited(kind: Kind, limits: dict[str, Any]) -> Kind | None:
    """The kind with its limits, where the plan can hold them."""
    if isinstance(kind, Nullable):
        inner = limited(kind.inner, limits)
        return None if inner is None else Nullable(inner)
    allowed: set[str] = set()
    if isinstance(kind, Scalar):
        lengths = {"min_length", "max_length"}
        bounds = {"ge", "gt", "le", "lt"}
        allowed = {
            "str": lengths | {"pattern", *_MADE},
            "bytes": lengths,
            "int": bounds,
            "float": bounds,
        }.get(kind.tag, set())
        if any(type(limits.get(one, 0)) not in (int, float) for one in bounds):
            return None
    elif isinstance(kind, ListOf) and kind.container in (list, tuple, deque):
        allowed = {"min_length", "max_length"}
    if not set(limits) <= allowed:
        return None
    made: Any = kind
    bounded: Kind = type(made)(**{**_slots(made), **_rules(made, limits)})
    return bounded


_MADE = ("strip_whitespace", "to_lower", "to_upper")
"""What is made of a text, in pydantic's words."""


def _rules(kind: Any, limits: dict[str, Any]) -> dict[str, Any]:
    """The same in the plan's words."""
    if not any(one in limits for one in _MADE):
        return limits
    lower = limits.get("to_lower", kind.case == "lower")
    upper = limits.get("to_upper", kind.case == "upper")
    return {
        **{name: one for name, one in limits.items() if name not in _MADE},
        "strip": limits.get("strip_whitespace", kind.strip),
        "case": "lower" if lower else "upper" if upper else None,
    }


def _slots(kind: Any) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in type(kind).__slots__}
