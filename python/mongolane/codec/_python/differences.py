"""What has changed between two documents, top-level key by key, in bytes."""

from __future__ import annotations

from typing import Any

import bson
from bson.raw_bson import RawBSONDocument

from ...errors import BSONError
from .. import plan
from .values import Data

__all__ = ["difference", "opened", "statement"]


def statement(
    plan: plan.ModelPlan, old: bytes, new: bytes, hard: frozenset[str]
) -> bytes | None:
    """The statement of an update; see ``ModelCodec.statement``."""
    before = opened(old)
    changes, gone = difference(plan, before, opened(new))
    for key in (*changes, *gone):
        if not key or key[0] == "$" or "." in key or key in hard:
            return None
    if not changes and not gone:
        return b""
    if "_id" not in before:
        return None
    operators = {"$set": changes, "$unset": dict.fromkeys(gone, "")}
    change = {operator: fields for operator, fields in operators.items() if fields}
    return bson.encode({"q": {"_id": before["_id"]}, "u": change})


def difference(
    plan: plan.ModelPlan, before: dict[str, Any], now: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Which keys have other values now, and which are gone."""
    declared = {field.key: field.kind for field in plan.fields}
    changes = {
        key: value
        for key, value in now.items()
        if key not in before or not _same(declared.get(key), before[key], value)
    }
    ours = (key for key in before if plan.extra == "allow" or key in declared)
    return changes, [key for key in ours if key not in now]


def opened(data: Data) -> dict[str, Any]:
    """A document whose embedded ones stay bytes."""
    try:
        return dict(RawBSONDocument(bytes(data), bson.CodecOptions(RawBSONDocument)))
    except bson.errors.InvalidBSON as error:
        raise BSONError(str(error)) from None


def _same(kind: plan.Kind | None, old: Any, new: Any) -> bool:
    """Whether two values are the same bytes; a set has no order of its own."""
    kind = kind.inner if isinstance(kind, plan.Nullable) else kind
    unordered = isinstance(kind, plan.ListOf) and kind.container in (set, frozenset)
    if unordered and isinstance(old, list) and isinstance(new, list):
        return sorted(map(_element, old)) == sorted(map(_element, new))
    return _element(old) == _element(new)


def _element(value: Any) -> bytes:
    return bson.encode({"": value})
