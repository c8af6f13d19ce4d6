"""
Documents among the writes of a ``bulk``: new ones are inserted, stored ones saved.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from pydantic import BaseModel

from .. import codec
from ..errors import VersionConflictError
from ..queries import Bulk, Insert, Save, Update
from ..queries import bulk as bulk_of
from ..queries.bulk import Write
from . import life
from .belonging import database_of
from .collection import Collection
from .database import DEFAULT, DataBase
from .quick_saves import Plain, quick_change
from .raw import raw_of, set_raw
from .versions import version_field

__all__ = ["bulk"]

_One = Write | BaseModel


def bulk(
    *writes: _One | Iterable[_One | Iterable[_One]],
    ordered: bool = True,
    using: DataBase | None = None,
) -> Bulk:
    """
    Several writes together, to any classes.

    Args:
        writes: documents: new ones are inserted, those that are stored already are
            saved; inserts, updates and deletes that were not awaited; or lists of
            these. Find-and-modify cannot be among them.
        ordered: run them in this order, and stop at the first that is refused.
            Otherwise all are tried, and fewer commands are sent.
        using: where documents go; otherwise each where it belongs.

    Raises:
        BulkWriteError: when awaited, if some were refused.
    """
    return bulk_of([_write(one, using) for one in writes], ordered=ordered)


def _write(one: Any, using: DataBase | None) -> Any:
    """A write as a query: of a document its insert, or its save."""
    if type(one) is Update:
        return one
    if not hasattr(type(one), "using"):
        if isinstance(one, (list, tuple, Generator)):
            return [_write(each, using) for each in one]
        return one
    own = database_of(one) or DEFAULT
    home = type(one).using(using or own)
    if raw_of(one) is None or home.database is not own:
        return Insert(home.source, one)
    return Save(home.bare, _Saving(home, one))


class _Saving:
    """
    A stored document while a bulk saves it.

    Args:
        home: its collection.
        instance: the document.
    """

    def __init__(self, home: Collection[Any], instance: Any) -> None:
        self._home, self._instance = home, instance
        self._made: Plain | life.Changed | None = None
        self.alone = version_field(instance) is not None

    def statement(self) -> bytes:
        """The update of what has changed since the document was read."""
        home, instance = self._home, self._instance
        quiet, raw = home.settled(instance), raw_of(instance)
        assert raw is not None
        if quiet and (plain := quick_change(home, instance, raw)) is not None:
            self._made = plain if plain.statement else None
            return plain.statement
        self._made = made = life.changed(home, instance, raw)
        return (
            b"" if made is None else codec.encode({"q": made.query, "u": made.change})
        )

    def kept(self) -> None:
        """It was stored."""
        made = self._made
        assert made is not None
        after = made.after if isinstance(made, Plain) else codec.encode(made.after)
        set_raw(self._instance, after)
        self._made = None

    async def missed(self) -> tuple[VersionConflictError | None, Any]:
        """Somebody else wrote it, or deleted it; or another of the group was meant."""
        assert self._made is not None
        home, instance = self._home, self._instance
        document_id = codec.decode(raw_of(instance) or b"")["_id"]
        if self.alone:
            return await life.conflict(home, instance, document_id), None
        if await home.exists({"_id": {"$eq": instance.id}}):
            self.kept()
            return None, None
        await life.save_whole(home, instance)
        self._made = None
        return None, document_id

    def undone(self) -> None:
        """Let the document be as it was, unless it was stored."""
        if self._made is not None:
            self._instance.__dict__.update(self._made.held)
            self._made = None
