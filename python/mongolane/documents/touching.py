"""
What every update by query does besides: dates of change, and the counted version.
"""

from __future__ import annotations

from typing import Any

from ..schema import Schema
from .stamps import Clock, ways

__all__ = ["touched"]


def touched(schema: Schema, clock: Clock, change: Any, upsert: bool) -> Any:
    """
    An update that also sets ``updated_at`` and counts the version.

    What the update itself says of them holds. One that only makes a document when
    there is none changes nothing, and is left as it is.

    Args:
        schema: of the class.
        clock: of its collection.
        change: an update document with stored keys, or a pipeline.
        upsert: whether a document may be made; it gets ``created_at``.
    """
    dates = {schema.fields[name].key: way for name, way in ways(schema).items()}
    updated = [key for key, way in dates.items() if way == "updated"]
    created = [key for key, way in dates.items() if way == "created" and upsert]
    version = None if schema.version is None else schema.fields[schema.version].key
    if not (updated or created or version):
        return change
    moment = clock.after_all()
    if isinstance(change, list):
        return [*change, _stage(change, updated, version, moment)]
    if set(change) <= {"$setOnInsert"}:
        return change
    taken = {key for fields in change.values() for key in fields}
    made = _merged(change, "$set", {key: moment for key in updated if key not in taken})
    fresh = {key: moment for key in created if key not in taken}
    made = _merged(made, "$setOnInsert", fresh)
    counted = {version: 1} if version and version not in taken else {}
    return _merged(made, "$inc", counted)


def _merged(
    change: dict[str, Any], operator: str, fields: dict[str, Any]
) -> dict[str, Any]:
    if not fields:
        return change
    return {**change, operator: {**change.get(operator, {}), **fields}}


def _stage(
    change: list[Any], updated: list[str], version: str | None, moment: Any
) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(updated, moment)
    if version:
        fields[version] = {"$add": [{"$ifNull": [f"${version}", 0]}, 1]}
    return {"$set": fields}
