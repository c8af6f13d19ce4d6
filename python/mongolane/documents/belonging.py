"""
Which database an instance belongs to: where it was last read from, or written to.

Instances of the default database carry nothing. The others carry their database, so
that ``save``, ``delete`` and references go where the instance came from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..abc import ModelCodec, Reply
from ..codec import ModelCodec as Compiled
from ..codec.plan import (
    DateTime,
    DictOf,
    EnumOf,
    Kind,
    ListOf,
    Literal,
    Model,
    ModelPlan,
    Nullable,
    Scalar,
)
from ..fields import ReferenceList
from ..schema import Schema, describe
from .database import DEFAULT, DataBase
from .parts import models_in
from .stamps import may_hold

__all__ = [
    "OfDatabase",
    "belong",
    "belongs_elsewhere",
    "codec_for",
    "database_of",
    "is_alone",
    "is_plainly_made",
    "mark",
    "marking",
]

_SLOT = "__mongolane_database__"


class _Others:
    """Whether any instance ever belonged elsewhere; until then nobody needs to look."""

    known = False


def belongs_elsewhere() -> bool:
    """Whether any instance ever belonged to another database than the default one."""
    return _Others.known


def database_of(instance: Any) -> DataBase | None:
    """The database of an instance; None: the default one."""
    if not _Others.known:
        return None
    try:
        return object.__getattribute__(instance, _SLOT)  # type: ignore[no-any-return]
    except AttributeError:
        return None


def belong(instance: Any, database: DataBase | None) -> None:
    """Let an instance, and what it embeds, belong to a database."""
    if database is DEFAULT:
        database = None
    if database is None and not _Others.known:
        return
    _Others.known = True
    for one in models_in(instance):
        if hasattr(type(one), "__mongolane_id__"):
            object.__setattr__(one, _SLOT, database)
        for value in one.__dict__.values():
            if type(value) is ReferenceList:
                value.database = database


def codec_for(database: DataBase, codec: ModelCodec[Any]) -> ModelCodec[Any]:
    """A codec whose instances belong to a database."""
    if database is DEFAULT:
        return codec
    if isinstance(codec, Compiled):
        if is_alone(codec.cls):
            _Others.known = True
            return codec.belonging(_SLOT, database)
        if _holds_none(Model(describe(codec.cls).plan), set()):
            return codec
    return OfDatabase(codec, database)


def marking(database: DataBase) -> tuple[str, DataBase | None] | None:
    """What new documents of a database are marked with; None: nothing."""
    if database is DEFAULT:
        return (_SLOT, None) if _Others.known else None
    _Others.known = True
    return _SLOT, database


_put = object.__setattr__


def mark(instance: Any, database: DataBase) -> None:
    """``belong`` for a document whose class ``is_alone``, in another database."""
    _Others.known = True
    _put(instance, _SLOT, database)


def is_plainly_made(schema: Schema) -> bool:
    """Whether all that can belong in a class's instances lies where its plan says."""
    return all(_is_seen(one.kind, {id(schema.plan)}) for one in schema.plan.fields)


def _is_seen(kind: Kind, seen: set[int]) -> bool:
    if isinstance(kind, Nullable):
        return _is_seen(kind.inner, seen)
    if isinstance(kind, ListOf) and may_hold(kind.item):
        return kind.container is list and _is_seen(kind.item, seen)
    if isinstance(kind, Model):
        if id(kind.plan) in seen:
            return True
        seen.add(id(kind.plan))
        return all(_is_seen(one.kind, seen) for one in kind.plan.fields)
    return not may_hold(kind)


def is_alone(cls: Any) -> bool:
    """Whether of a document that was read only the document itself can belong."""
    schema = describe(cls)
    if schema.alone is None:
        schema.alone = _is_alone(cls, schema.plan)
    return schema.alone


def _is_alone(cls: Any, plan: ModelPlan) -> bool:
    if not hasattr(cls, "__mongolane_id__") or _own_code(plan):
        return False
    return all(_holds_none(one.kind, set()) for one in plan.fields)


def _own_code(plan: ModelPlan) -> bool:
    """Whether something else than the plan may put values into an instance."""
    return plan.whole is not None or plan.after is not None


def _holds_none(kind: Kind, seen: set[int]) -> bool:
    """Whether no value that was read of this kind has, or is, what can belong."""
    if isinstance(kind, Nullable):
        return _holds_none(kind.inner, seen)
    if isinstance(kind, ListOf):
        return _holds_none(kind.item, seen)
    if isinstance(kind, DictOf):
        return _holds_none(kind.value, seen)
    if isinstance(kind, Model):
        if hasattr(kind.plan.cls, "__mongolane_id__") or _own_code(kind.plan):
            return False
        if id(kind.plan) in seen:
            return True
        seen.add(id(kind.plan))
        return all(_holds_none(one.kind, seen) for one in kind.plan.fields)
    if isinstance(kind, Scalar):
        return kind.tag != "any"
    return isinstance(kind, (DateTime, EnumOf, Literal))


class OfDatabase:
    """
    A codec whose instances belong to a database that is not the default one.

    Args:
        inner: reads and writes them.
        database: theirs.
    """

    def __init__(self, inner: ModelCodec[Any], database: DataBase) -> None:
        self._inner, self._database = inner, database
        self.encode: Callable[[Any], bytes] = inner.encode
        self.encode_all: Callable[[list[Any], list[bytes]], None] = inner.encode_all

    def decode(self, data: bytes) -> Any:
        found = self._inner.decode(data)
        belong(found, self._database)
        return found

    def decode_reply(self, reply: Reply) -> list[Any]:
        found = self._inner.decode_reply(reply)
        for one in found:
            belong(one, self._database)
        return found

    def json(self, data: bytes) -> bytes:
        return self._inner.json(data)

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        return self._inner.json_reply(reply, whole=whole)
