"""
Fields given to an update, checked, hashed and in their stored form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from ..errors import QueryError
from ..expressions.identity import UNKNOWN, id_change, same_id
from ..expressions.updates import to_update
from ..schema import FieldSchema, Schema, describe, plain
from .checked_paths import (
    EMPTY,
    SAME,
    checked,
    checked_operators,
    emptied,
    without_value,
)
from .collection import Collection

__all__ = ["filter_of", "held_at", "keep_ids", "to_change"]

_WHOLE = ("$set", "$setOnInsert")


def filter_of(query: Any, more: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    """The filters of a query dict, or an expression, and keywords; keywords win."""
    if query is None:
        return (dict(more),) if more else ()
    if isinstance(query, Mapping):
        return ({**query, **(more or {})},)
    return (query, dict(more)) if more else (query,)


def to_change(
    home: Collection[Any], fields: Any, *, unknown: bool = False
) -> dict[str, Any]:
    """
    An update document from plain fields and operators.

    Args:
        home: the class's collection.
        fields: ``{"name": "b"}``, ``{"$inc": {"age": 1}}``, or both in one.
        unknown: keep keys that the class does not declare.

    Raises:
        FieldError: for a value that a field does not take; for None where a value is
            required. Elsewhere None empties the field, or is its default.
    """
    if not isinstance(fields, Mapping):
        raise TypeError(f"the fields are a dict, not a {type(fields).__name__}")
    change: dict[str, dict[str, Any]] = {}
    sets = {key: one for key, one in fields.items() if str(key)[:1] != "$"}
    rest = {key: one for key, one in fields.items() if str(key)[:1] == "$"}
    for operator in _WHOLE:
        given = _named(operator, rest.pop(operator, {}))
        if operator == "$set":
            for key in given.keys() & sets.keys():
                raise QueryError(f"{home.cls.__name__}.{key} is set twice")
            given |= sets
        stored = _stored_fields(home, given, unknown)
        empty = {key: "" for key, one in stored.items() if one is EMPTY}
        if empty and operator == "$set":
            change["$unset"] = empty
        if stored := {key: one for key, one in stored.items() if key not in empty}:
            change[operator] = stored
    if rest:
        source = home.loose if unknown else home.source
        rest = checked_operators(home.schema, rest)
        made = to_update([rest], source.shape, source.allow_javascript)
        assert isinstance(made, dict)
        for operator, one in made.items():
            change.setdefault(operator, {}).update(one)
    return change


def _named(operator: str, fields: Any) -> dict[Any, Any]:
    if not isinstance(fields, Mapping):
        # Never the value: it may be meant for a field that is kept hashed.
        name = type(fields).__name__
        raise QueryError(f"{operator} needs a dict of fields, not a {name}")
    return dict(fields)


def _stored_fields(
    home: Collection[Any], given: Mapping[Any, Any], unknown: bool
) -> dict[str, Any]:
    schema = home.schema
    keeps = unknown or schema.plan.extra == "allow"
    stored: dict[str, Any] = {}
    for name, value in given.items():
        name = str(name)
        one = schema.by_key(name)
        if one is not None:
            # An _id too: the server takes its own, and refuses another.
            stored[one.key] = _stored_field(schema, one, value)
        elif "." in name:
            stored.update(_inside(home, name, value, keeps))
        elif keeps:
            stored[name] = plain(value)
    return {key: one for key, one in stored.items() if one is not SAME}


def _stored_field(schema: Schema, one: FieldSchema, value: Any) -> Any:
    # None as by assignment: the default, an error where a value is required, or empty.
    value = without_value(schema, one) if value is None else one.validate(value)
    return value if value is EMPTY or value is SAME else one.stored(value)


def _inside(
    home: Collection[Any], name: str, value: Any, keeps: bool
) -> dict[str, Any]:
    schema = home.schema
    value = emptied(schema, name) if value is None else checked(schema, name, value)
    if value is EMPTY or value is SAME:
        return {schema.shape.locate(name)[0]: value}
    try:
        made = to_update([{"$set": {name: value}}], home.source.shape)
    except QueryError as error:
        top = schema.by_key(name.partition(".")[0])
        secret = top is not None and top.field is not None and top.field.secret
        if isinstance(error, AttributeError) and keeps and not secret:
            return {name: plain(value)}
        raise
    assert isinstance(made, dict)
    return dict(made["$set"])


def held_at(document: Any, path: str) -> Any:
    """What a document holds at a path of names, or of stored keys; None for nothing."""
    held = document
    for step in path.split("."):
        if isinstance(held, BaseModel):
            one = describe(type(held)).by_key(step)
            held = held.__dict__.get(step if one is None else one.name)
        elif isinstance(held, Mapping):
            held = held.get(step)
        elif isinstance(held, list) and step.isdecimal() and int(step) < len(held):
            held = held[int(step)]
        else:
            return None
    return held


def keep_ids(home: Collection[Any], change: dict[str, Any], ids: Iterable[Any]) -> None:
    """
    Raise for an update that would give one of the documents another ``_id``.

    Args:
        home: the class's collection.
        change: the update document.
        ids: of the documents, as far as they are known.
    """
    new = change.get("$set", {}).get("_id", UNKNOWN)
    if new is UNKNOWN:
        return
    for old in ids:
        if old is not UNKNOWN and not same_id(old, new):
            raise id_change(home.cls.__name__, "$set", old, new)
