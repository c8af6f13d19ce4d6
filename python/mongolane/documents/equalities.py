"""
What a query says that fields equal: a document that is made for it has these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["equalities", "is_equal"]


def equalities(query: Mapping[str, Any]) -> dict[str, Any]:
    """The values by stored key."""
    found = {key: _equal(one) for key, one in query.items() if is_equal(key, one)}
    for part in query.get("$and", ()):
        found |= equalities(part)
    return found


def is_equal(key: str, value: Any) -> bool:
    """Whether a condition says what a field equals."""
    if key[:1] == "$" or "." in key:
        return False
    operators = isinstance(value, Mapping) and str(next(iter(value), ""))[:1] == "$"
    return not operators or "$eq" in value


def _equal(value: Any) -> Any:
    return value["$eq"] if isinstance(value, Mapping) and "$eq" in value else value
