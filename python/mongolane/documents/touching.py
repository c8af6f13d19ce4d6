"""
What updates and replacements by query do besides: dates, and the counted version.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from ..schema import Schema
from .part_dates import has_dated_parts, with_part_dates
from .stamps import Clock, holders, ways

__all__ = ["replaced", "touched", "touches"]

_Keys = tuple[list[str], list[str], str | None]
_known: WeakKeyDictionary[Schema, _Keys] = WeakKeyDictionary()


def touches(schema: Schema) -> bool:
    """Whether updates of a class have anything to set besides."""
    parts = bool(holders(schema)) and has_dated_parts(schema)
    return parts or any(_set_keys(schema))


def touched(schema: Schema, change: Any, upsert: bool, at: Callable[[], Any]) -> Any:
    """
    An update that also sets ``updated_at`` and counts the version.

    What the update itself says of them holds. One that only makes a document when
    there is none changes nothing, and is left as it is.

    Args:
        schema: of the class.
        change: an update document with stored keys, or a pipeline.
        upsert: whether a document may be made; it gets ``created_at``.
        at: gives the date, if it is needed.
    """
    updated, created, version = _set_keys(schema)
    created = created if upsert else []
    if isinstance(change, dict) and holders(schema) and has_dated_parts(schema):
        at = cache(at)
        change = with_part_dates(schema, change, at)
    if not (updated or created or version):
        return change
    if isinstance(change, list):
        return [*change, _stage(change, updated, version, at())]
    if set(change) <= {"$setOnInsert"}:
        return change
    moment = at()
    taken = {key for fields in change.values() for key in fields}
    made = _merged(change, "$set", {key: moment for key in updated if key not in taken})
    fresh = {key: moment for key in created if key not in taken}
    made = _merged(made, "$setOnInsert", fresh)
    counted = {version: 1} if version and version not in taken else {}
    return _merged(made, "$inc", counted)


def replaced(schema: Schema, clock: Clock, fields: dict[str, Any]) -> Any:
    """
    A replacement that counts the version on, and keeps the date of creation.

    Without a version or dates it is the document itself. With them it is a pipeline,
    since only the server knows what it replaces.

    Args:
        schema: of the class.
        clock: of its collection.
        fields: the new document, by stored keys.
    """
    updated, created, version = _set_keys(schema)
    if not (updated or created or version):
        return fields
    moment = clock.after_all()
    on: dict[str, Any] = dict.fromkeys(updated, moment)
    for key in created:
        if fields.get(key) is None:
            on[key] = {"$ifNull": [f"${key}", moment]}
    if version:
        on[version] = _counted(version)
    # The _id comes first: one that is among the fields wins, and is the server's to
    # judge.
    parts = [{"_id": "$_id"}, {"$literal": fields}, on]
    return [{"$replaceWith": {"$mergeObjects": parts}}]


def _set_keys(schema: Schema) -> _Keys:
    """Stored keys of the dates of change and of creation, and of the version."""
    known = _known.get(schema)
    if known is None:
        known = _known[schema] = _read_keys(schema)
    return known


def _read_keys(schema: Schema) -> _Keys:
    dates = {schema.fields[name].key: way for name, way in ways(schema).items()}
    updated = [key for key, way in dates.items() if way == "updated"]
    created = [key for key, way in dates.items() if way == "created"]
    version = None if schema.version is None else schema.fields[schema.version].key
    return updated, created, version


def _counted(version: str) -> dict[str, Any]:
    return {"$add": [{"$ifNull": [f"${version}", 0]}, 1]}


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
        fields[version] = _counted(version)
    return {"$set": fields}
