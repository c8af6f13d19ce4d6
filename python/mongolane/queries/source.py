"""Where a query goes and what comes back: all that a query knows of a class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from ..abc import Connected, ModelCodec
from ..expressions.shape import OPEN, Shape

__all__ = ["Source", "Target"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Target(Generic[T]):
    """
    What documents become.

    Attributes:
        codec: BSON to instances and back.
        owner: the class's name, for messages.
        shape: its fields.
        projection: what a server must send for it; None: whole documents.
        keys: where its fields are stored, by name, if not as its shape says.
    """

    codec: ModelCodec[T]
    owner: str
    shape: Shape
    projection: Mapping[str, Any] | None = None
    keys: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Source(Generic[T]):
    """
    A class's collection in one database; never the class itself.

    Attributes:
        database: name and lane; asked for its lane at each call, so a source may be
            made before any connection.
        collection: the collection's name.
        codec: BSON to instances and back.
        owner: the class's name, for messages.
        shape: its fields, for filters, sorts and updates.
        target: gives the ``Target`` for any model, of rows that have its own keys:
            ``pipeline(...).to(Model)``.
        view: the same of this class's documents: ``find().project(Model)``.
        prepare: called with each instance before it is encoded for an insert: fills in
            ``id`` and timestamps, and gives the ``_id``. None: ``_id`` is left alone.
        prepare_all: the same for several at once; appends their ids to a list.
        touch: called with each update, whether it may make a document, and what gives
            the ``_id`` of the only one it can change, or ``UNKNOWN``: adds the dates
            and the version that every write sets. None: nothing is added.
        exchange: called with each replacement, its fields by stored keys; adds the
            same, and what a replaced document hands on. None: nothing is added.
        stored: called with each new document that was stored, and its BSON.
        stored_all: the same for several at once.
        ready: called before a write that may make a document; gives what must be
            awaited before (indexes), None when nothing must.
        scope: a filter with stored keys that every read and write is bound by
            (a discriminator, soft deletion).
        options: what each command of this class gets unless the query says otherwise:
            ``readConcern``, ``writeConcern``, ``collation`` in the server's spelling.
        read_preference: a ``pymongo.read_preferences`` mode.
        allow_javascript: whether ``$where`` and its kin may be in a filter.
    """

    database: Connected
    collection: str
    codec: ModelCodec[T]
    owner: str = "(anything)"
    shape: Shape = OPEN
    target: Callable[[type[Any]], Target[Any]] | None = None
    view: Callable[[type[Any]], Target[Any]] | None = None
    prepare: Callable[[Any], Any] | None = None
    prepare_all: Callable[[list[Any], list[Any]], None] | None = None
    touch: Callable[[Any, bool, Callable[[], Any]], Any] | None = None
    exchange: Callable[[dict[str, Any]], Any] | None = None
    stored: Callable[[Any, bytes], None] | None = None
    stored_all: Callable[[list[Any], list[bytes]], None] | None = None
    ready: Callable[[], Awaitable[None] | None] | None = None
    scope: Mapping[str, Any] | None = None
    options: Mapping[str, Any] | None = None
    read_preference: Any = None
    allow_javascript: bool = False

    def encoded(self, document: T) -> bytes:
        """
        A document as it will be stored.

        Raises:
            EncodeError: BSON has no place for a value, or the class could not read the
                document again: assignment, in pydantic, checks nothing.
        """
        data: list[bytes] = []
        self.codec.encode_all([document], data)
        return data[0]

    def using(self, database: Connected) -> Self:
        """The same collection of another database."""
        return replace(self, database=database)

    def pending(self) -> Awaitable[None] | None:
        """What must be awaited before a write that may make a document."""
        return None if self.ready is None else self.ready()

    def touched(self, change: Any, upsert: bool, which: Callable[[], Any]) -> Any:
        """An update with what every write sets."""
        return change if self.touch is None else self.touch(change, upsert, which)
