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
            "str": lengths | {"pattern"},
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
    bounded: Kind = type(made)(**{**_slots(made), **limits})
    return bounded


def _slots(kind: Any) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in type(kind).__slots__}
