"""
Optimistic locking: which version of a document a write builds on, as a filter.
"""

from __future__ import annotations

from typing import Any

from .. import codec
from ..schema import FieldSchema, describe
from .raw import raw_of

__all__ = ["count_on", "version_field", "version_known", "version_read", "version_said"]


def version_read(instance: Any, before: dict[str, Any]) -> dict[str, Any]:
    """
    The filter that finds the version that a document was read in, if it counts them.

    One from before the class counted has none, whatever default it was read as. Who
    sets another version by hand means that one.
    """
    if (one := version_field(instance)) is None:
        return {}
    said = instance.__dict__.get(one.name)
    if before.get(one.key) is None and said == one.plan.default:
        return {one.key: None}
    return {one.key: said}


def version_said(instance: Any) -> dict[str, Any]:
    """The filter for the version that a document from elsewhere says it builds on."""
    if (one := version_field(instance)) is None:
        return {}
    said = instance.__dict__.get(one.name)
    # What has no version yet is read, and sent back, as the default.
    return {one.key: {"$in": [said, None]} if said == one.plan.default else said}


def version_field(instance: Any) -> FieldSchema | None:
    """The field that counts the writes of a document, if its class has one."""
    schema = describe(type(instance))
    return None if schema.version is None else schema.fields[schema.version]


def count_on(instance: Any) -> None:
    """Count the write in a document that counts its versions."""
    if (one := version_field(instance)) is not None:
        held = instance.__dict__
        held[one.name] = (held.get(one.name) or 0) + 1


def version_known(instance: Any) -> dict[str, Any]:
    """The filter for a document in the version that it was read in, or says."""
    if (one := version_field(instance)) is None:
        return {}
    if (raw := raw_of(instance)) is not None:
        before = codec.decode(raw)
        return {"_id": before["_id"], **version_read(instance, before)}
    if one.name not in instance.model_fields_set:
        return {}
    return {
        "_id": describe(type(instance)).fields["id"].stored(instance.id),
        **version_said(instance),
    }
