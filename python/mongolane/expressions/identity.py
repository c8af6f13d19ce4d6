"""
The ``_id``, which a stored document keeps: what an update may say of it.

A server refuses to change it, after a round trip and in its own words. Here that is
found before anything is sent, with the document's id and the other one where they
can be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..errors import QueryError

__all__ = ["UNKNOWN", "equalities", "fixed_id", "id_change", "same_id"]

UNKNOWN: Final = object()
"""An id that nothing tells."""


def fixed_id(filter: Mapping[str, Any]) -> Any:
    """
    The ``_id`` of the one document that a filter can match; ``UNKNOWN`` if several.

    Args:
        filter: a filter document, with stored keys.
    """
    found = _asked(filter["_id"]) if "_id" in filter else UNKNOWN
    if found is UNKNOWN:
        for part in filter.get("$and", ()):
            if (found := fixed_id(part)) is not UNKNOWN:
                return found
    return found


def _asked(condition: Any) -> Any:
    if not isinstance(condition, Mapping):
        return condition
    if "$eq" in condition:
        return condition["$eq"]
    several = condition.get("$in", ())
    if len(several) == 1:
        return several[0]
    operators = str(next(iter(condition), "$"))[:1] == "$"
    return UNKNOWN if operators else condition


def equalities(filter: Mapping[str, Any]) -> list[str]:
    """Paths that a filter compares for equality; an upsert stores them so."""
    keys: list[str] = []
    for key, value in filter.items():
        if key == "$and":
            keys += [one for part in value for one in equalities(part)]
        elif key[:1] != "$":
            operators = (
                isinstance(value, Mapping) and str(next(iter(value), ""))[:1] == "$"
            )
            if not operators or "$eq" in value:
                keys.append(key)
    return keys


def same_id(one: Any, other: Any) -> bool:
    """Whether two ids are the same to a server: True is not 1, though 1.0 is."""
    alike = isinstance(one, bool) == isinstance(other, bool)
    return alike and bool(one == other)


def id_change(
    owner: str, operation: str, old: Any = UNKNOWN, new: Any = UNKNOWN
) -> QueryError:
    """The error for a write that would change an ``_id``."""
    whose = f"a {owner}" if old is UNKNOWN else f"the {owner} {old!r}"
    to = "" if new is UNKNOWN else f" to {new!r}"
    return QueryError(
        f"{operation} would change the _id of {whose}{to}; "
        "a stored document keeps its _id for ever"
    )
