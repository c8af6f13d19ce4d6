"""
Which database an instance belongs to: where it was last read from, or written to.

Instances of the default database carry nothing. The others carry their database, so
that ``save``, ``delete`` and references go where the instance came from.
"""

from __future__ import annotations

from typing import Any

from ..abc import ModelCodec, Reply
from ..fields import ReferenceList
from .database import DEFAULT, DataBase
from .parts import models_in

__all__ = ["OfDatabase", "belong", "codec_for", "database_of"]

_SLOT = "__mongolane_database__"


class _Others:
    """Whether any instance ever belonged elsewhere; until then nobody needs to look."""

    known = False


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
    return codec if database is DEFAULT else OfDatabase(codec, database)


class OfDatabase:
    """
    A codec whose instances belong to a database that is not the default one.

    Args:
        inner: reads and writes them.
        database: theirs.
    """

    def __init__(self, inner: ModelCodec[Any], database: DataBase) -> None:
        self._inner, self._database = inner, database

    def decode(self, data: bytes) -> Any:
        found = self._inner.decode(data)
        belong(found, self._database)
        return found

    def decode_reply(self, reply: Reply) -> list[Any]:
        found = self._inner.decode_reply(reply)
        for one in found:
            belong(one, self._database)
        return found

    def encode(self, instance: Any) -> bytes:
        return self._inner.encode(instance)

    def json_reply(self, reply: Reply) -> bytes:
        return self._inner.json_reply(reply)
