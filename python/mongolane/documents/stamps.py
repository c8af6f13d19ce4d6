"""
Dates that are set at write time: timestamps and ``auto_now`` fields.

Aware UTC, in milliseconds, and strictly later at each write of one document.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from bson import ObjectId
from pydantic import BaseModel

from ..codec.plan import (
    DateTime,
    DictOf,
    EnumOf,
    Kind,
    ListOf,
    Literal,
    Nullable,
    OneOf,
    Scalar,
)
from ..fields import DateTimeField, millisecond
from ..schema import Schema, describe

__all__ = [
    "Clock",
    "dated",
    "holders",
    "may_hold",
    "now",
    "stamp",
    "updated_keys",
    "ways",
]

_TICK = timedelta(milliseconds=1)
_AHEAD = timedelta(seconds=1)
_KEPT = 2048


def now() -> datetime:
    """The current moment, as BSON can hold it."""
    return millisecond(datetime.now(UTC))


class Clock:
    """
    Remembers for a moment when each document of a collection was written.

    Each write of one document is a millisecond later than the one before, however fast
    they follow. So it may run ahead of the time, by a second at most: whoever writes
    more than a thousand times a second gets equal dates then, and no false ones.
    """

    def __init__(self) -> None:
        self._recent: dict[Any, datetime] = {}
        self._all: datetime | None = None

    def later(self, document_id: Any, moment: datetime) -> datetime:
        """``moment``, or one after it if the document was just written then."""
        key = _key(document_id)
        moment = _after(self._recent.get(key, self._all), moment)
        self._forget()
        self._recent[key] = moment
        return moment

    def after(self, ids: Iterable[Any]) -> datetime:
        """A moment after the last write of any of these documents, for one of them."""
        keys = list(map(_key, ids))
        known = [self._recent.get(key, self._all) for key in keys]
        last = max((one for one in known if one is not None), default=None)
        moment = _after(last, now())
        self._forget()
        self._recent.update(dict.fromkeys(keys, moment))
        return moment

    def after_all(self) -> datetime:
        """A moment after every write that is remembered, for a write of any of them."""
        written = [*self._recent.values(), *([self._all] if self._all else [])]
        self._all = _after(max(written, default=None), now())
        self._recent.clear()
        return self._all

    def _forget(self) -> None:
        if len(self._recent) > _KEPT:
            limit = now() - _TICK
            self._recent = {
                key: one for key, one in self._recent.items() if one >= limit
            }


def _after(last: datetime | None, moment: datetime) -> datetime:
    if last is None or last < moment:
        return moment
    return last + _TICK if last + _TICK - moment <= _AHEAD else last


def _key(document_id: Any) -> Any:
    """An id to look up; one that is a document is no key of a dict."""
    return document_id if document_id.__hash__ is not None else repr(document_id)


def stamp(instance: Any, clock: Clock, *, first: bool) -> bool:
    """
    Set what a write sets, in a document and in all that it embeds; whether it did.

    Args:
        instance: the document.
        clock: of its collection.
        first: the document is new.
    """
    schema = describe(type(instance))
    moment = None
    if own := ways(schema):
        moment = clock.later(instance.id, now())
        for name, way in own.items():
            _set(instance, name, way, moment, first)
    for one in _embedded(instance, holders(schema)):
        for name, way in ways(describe(type(one))).items():
            moment = moment or clock.later(instance.id, now())
            _set(one, name, way, moment, True)
    return moment is not None


def _set(instance: Any, name: str, way: str, moment: datetime, first: bool) -> None:
    held = instance.__dict__
    old = held.get(name)
    if way == "created" and (old is not None or not first):
        return
    if way == "updated" and isinstance(old, datetime):
        moment = max(moment, millisecond(old) + _TICK)
    held[name] = dated(type(instance), name, moment)
    instance.__pydantic_fields_set__.add(name)


def dated(cls: Any, name: str, moment: datetime) -> Any:
    """A date as instances of a class hold it."""
    declared = cls.__mongolane_fields__.get(name)
    return declared.validate(moment) if declared is not None else moment


_LEAVES = frozenset(
    {str, int, float, bool, bytes, type(None), datetime, ObjectId, Decimal, UUID}
)


def _embedded(value: Any, names: tuple[str, ...]) -> list[Any]:
    """Embedded documents with dates of their own, at any depth, each once."""
    held = value.__dict__
    waiting = [held[name] for name in names if name in held]
    seen = {id(value)}
    found = []
    while waiting:
        one = waiting.pop()
        cls = type(one)
        if cls in _LEAVES:
            continue
        # Not isinstance: pydantic's is a function in Python.
        is_model = BaseModel in cls.__mro__
        if not (is_model or isinstance(one, (dict, list, tuple, set))):
            continue
        if id(one) in seen:
            continue
        seen.add(id(one))
        if is_model:
            if hasattr(cls, "__mongolane_id__"):
                found.append(one)
            one = one.__dict__
        waiting.extend(one.values() if isinstance(one, dict) else one)
    return found


def holders(schema: Schema) -> tuple[str, ...]:
    """Fields whose values may be models, or hold some, by their declaration."""
    if schema.holders is None:
        fields = schema.plan.fields
        schema.holders = tuple(one.name for one in fields if may_hold(one.kind))
    return schema.holders


def may_hold(kind: Kind) -> bool:
    """Whether a value of this kind may be a model, or hold some."""
    if isinstance(kind, Nullable):
        return may_hold(kind.inner)
    if isinstance(kind, ListOf):
        return may_hold(kind.item)
    if isinstance(kind, DictOf):
        return may_hold(kind.value)
    if isinstance(kind, OneOf):
        return bool(kind.tagged) or any(map(may_hold, kind.alternatives))
    if isinstance(kind, Scalar):
        return kind.tag == "any"
    return not isinstance(kind, (DateTime, EnumOf, Literal))


def ways(schema: Schema) -> dict[str, str]:
    """Names of the dates that writes set, and which write sets each."""
    if schema.stamps is None:
        schema.stamps = _read_ways(schema)
    return schema.stamps


def _read_ways(schema: Schema) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in schema.fields.items():
        if isinstance(one.field, DateTimeField):
            if one.field.auto_now:
                found[name] = "updated"
            elif one.field.auto_now_add:
                found[name] = "created"
    if schema.settings.created_at:
        found["created_at"] = "created"
    if schema.settings.updated_at:
        found["updated_at"] = "updated"
    return found


def updated_keys(schema: Schema) -> list[str]:
    """Stored keys of the dates that every write sets."""
    found = ways(schema)
    return [schema.fields[name].key for name in found if found[name] == "updated"]
