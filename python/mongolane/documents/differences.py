"""
The update that makes a stored document what it has become: only what changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from bson import ObjectId

from .. import codec
from ..codec.plan import Kind, Model, ModelPlan, Nullable
from ..errors import QueryError
from ..schema import holds_sets, same_but_for_sets
from .family import TAG

__all__ = ["changes", "path_to"]

_NOTHING = object()
# Types whose values are the same in BSON when they are equal.
_CLEAR = frozenset({str, int, bool, bytes, ObjectId, datetime})


def changes(
    plan: ModelPlan, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any]:
    """
    The update that makes ``before`` to ``after``; empty when there is nothing to do.

    Only keys that the class knows are looked at, at any depth; all others stay.

    Raises:
        QueryError: for a changed key, undeclared, that no path leads to.
    """
    found: dict[str, dict[str, Any]] = {"$set": {}, "$unset": {}}
    _compare(plan, before, after, "", found)
    found["$set"].pop(TAG, None)
    return {operator: fields for operator, fields in found.items() if fields}


def _compare(
    plan: ModelPlan,
    before: dict[str, Any],
    after: dict[str, Any],
    path: str,
    found: dict[str, dict[str, Any]],
) -> None:
    for key, value in after.items():
        old = before.get(key, _NOTHING)
        kind = _kind_at(plan, key)
        if old is not _NOTHING and _same(kind, old, value):
            continue
        inner = _model_of(kind)
        both = isinstance(old, dict) and isinstance(value, dict)
        if inner is not None and both and _all_plain(cast("Any", old), value):
            _compare(inner, cast("Any", old), value, f"{path}{key}.", found)
            continue
        found["$set"][path_to(plan, path, key)] = value
    for key in _gone_keys(plan, before, after):
        found["$unset"][path_to(plan, path, key)] = ""


def _gone_keys(
    plan: ModelPlan, before: dict[str, Any], after: dict[str, Any]
) -> list[str]:
    """Keys that an instance holds no more; one that it never held is not among them."""
    known = before if plan.extra == "allow" else (one.key for one in plan.fields)
    return [key for key in known if key in before and key not in after and key != TAG]


def path_to(plan: ModelPlan, path: str, key: str) -> str:
    if _is_plain(key):
        return path + key
    raise QueryError(
        f"{plan.cls.__name__}.{key!r} changed, and no update has a path to a key with "
        "a dot or a $ in it: replace() the document"
    )


def _is_plain(key: str) -> bool:
    return "." not in key and key[:1] != "$" and key != ""


def _all_plain(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return all(map(_is_plain, (*old, *new)))


def _kind_at(plan: ModelPlan, key: str) -> Kind | None:
    return next((one.kind for one in plan.fields if one.key == key), None)


def _model_of(kind: Kind | None) -> ModelPlan | None:
    inner = kind.inner if isinstance(kind, Nullable) else kind
    return inner.plan if isinstance(inner, Model) else None


def _same(kind: Kind | None, one: Any, other: Any) -> bool:
    """Whether two stored values are the same in BSON: 1 is neither 1.0 nor True."""
    if type(one) is type(other):
        if one is other:
            return True
        if type(one) in _CLEAR:
            return bool(one == other)
    if codec.encode({"": one}) == codec.encode({"": other}):
        return True
    if kind is None or not isinstance(one, (list, dict)):
        return False
    return holds_sets(kind) and same_but_for_sets(kind, one, other)
