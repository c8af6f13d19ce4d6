"""
One class in one database: the native operations.

``User.find(...)`` is short for the same method of ``User.using(the default)``.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from bson import ObjectId
from pydantic import BaseModel

from .. import codec, commands
from ..codec.plan import Scalar
from ..errors import (
    ConfigurationError,
    DuplicateKeyError,
    EncodeError,
    QueryError,
)
from ..expressions.filters import Given
from ..expressions.identity import UNKNOWN
from ..expressions.resolve import to_filter
from ..expressions.shape import OPEN, Shape
from ..queries import Aggregate, Ask, Find, FindOne, Insert, InsertMany, Source
from ..queries.insert import Progress
from ..queries.results import approve
from ..queries.selection import scoped
from ..queries.source import Target
from ..schema import TOO_DEEP, AsGiven, Schema, describe, lying, viewed
from .belonging import (
    belong,
    codec_for,
    is_alone,
    is_plainly_made,
    mark,
    marking,
)
from .database import DEFAULT, DataBase
from .family import family_of, scope_of
from .new_ids import CAN_RESERVE, reserve
from .quiet import has_lists, is_quiet, quiet_parts
from .raw import set_raw
from .rows import OfRows
from .settling import settle, settle_own
from .stamps import Clock, dated, now, stamp, ways
from .touching import replaced, touched, touches

__all__ = ["Collection"]

D = TypeVar("D", bound=BaseModel)

_OBJECT_ID = Scalar("object_id")


class _Needs(NamedTuple):
    """
    What a new document of one class needs.

    Attributes:
        new_id: makes its id.
        lists: whether it has lists that may have been changed in place.
        dates: whether it has dates that writes set.
        parts: what it embeds, as long as nothing is to be done there.
        version: the field that counts writes, if one does.
        alone: it goes to another database than the default one, and embeds nothing
            that would have to know.
        many: gives many instances what they need, if that is usual.
        stamps: the dates, by name, and which write sets each.
        plain: whether all that belongs to a database lies where the plan says.
    """

    new_id: Callable[[], Any]
    lists: bool
    dates: bool
    parts: tuple[Any, ...] | None
    version: str | None
    alone: bool
    many: Callable[..., int] | None
    stamps: dict[str, str]
    plain: bool


class Collection(Generic[D]):
    """
    A class's collection in one database.

    Args:
        cls: the document class.
        database: where it is.
    """

    def __init__(self, cls: type[D], database: DataBase) -> None:
        self.cls: Any = cls
        self.database = database
        self.schema: Schema = describe(self.cls)
        self.clock: Clock = database.clocks.setdefault(cls, Clock())
        self._needs: dict[type, _Needs] = {}
        self._source: Source[D] | None = None
        self._loose: Source[D] | None = None
        self._bare: Source[D] | None = None
        self._asking: Source[D] | None = None

    @property
    def source(self) -> Source[D]:
        """What queries need to know of the class."""
        if self._source is None:
            settings = self.schema.settings
            self._source = Source(
                database=self.database,
                collection=self.schema.collection,
                codec=codec_for(self.database, family_of(self.cls)),
                owner=self.cls.__name__,
                shape=self.schema.shape,
                target=self._target,
                view=self._view,
                prepare=self.prepare,
                prepare_all=self.prepare_all,
                touch=self.touch if touches(self.schema) else None,
                exchange=self.exchange,
                stored=set_raw,
                stored_all=self.schema.compiled.remember,
                ready=self.pending,
                scope=scope_of(self.cls),
                options=settings.options,
                read_preference=settings.read_preference,
                allow_javascript=settings.allow_javascript,
            )
        return self._source

    @property
    def loose(self) -> Source[D]:
        """The same, for dicts that may name what the class does not declare."""
        if self._loose is None:
            shape = Shape(self.cls.__name__, self.schema.shape.fields, open=True)
            self._loose = replace(self.source, shape=shape)
        return self._loose

    @property
    def asking(self) -> Source[D]:
        """The same for motormongo's queries, in which values may be of other types."""
        if self._asking is None:
            shape = AsGiven(self.schema.shape, open=True)
            self._asking = replace(self.source, shape=shape)
        return self._asking

    @property
    def bare(self) -> Source[D]:
        """The same, for filters that have stored keys and values already."""
        if self._bare is None:
            self._bare = replace(self.source, shape=OPEN, scope=None)
        return self._bare

    def _target(self, model: type[Any]) -> Target[Any]:
        schema = describe(model)
        codec = codec_for(self.database, schema.codec)
        if hasattr(model, "save"):
            codec = OfRows(codec)
        return Target(codec, model.__name__, schema.shape)

    def _view(self, model: type[Any]) -> Target[Any]:
        schema = describe(model)
        view = viewed(schema, self.schema.shape)
        projection = None
        if schema.plan.extra != "allow":
            projection = dict.fromkeys(view.keys.values(), 1)
            projection.setdefault("_id", 0)
        codec = codec_for(self.database, view.codec)
        return Target(codec, model.__name__, schema.shape, projection, view.keys)

    def touch(self, change: Any, upsert: bool, which: Callable[[], Any]) -> Any:
        """An update with what every write sets: dates, and the version."""

        def at() -> datetime:
            if (document_id := which()) is UNKNOWN:
                return self.clock.after_all()
            return self.clock.later(document_id, now())

        return touched(self.schema, change, upsert, at)

    def exchange(self, fields: dict[str, Any]) -> Any:
        """A replacement that goes on with the version and the dates."""
        return replaced(self.schema, self.clock, fields)

    def prepare(self, instance: Any) -> Any:
        """Fill in what a new document needs; its id."""
        try:
            return self._prepared(instance)
        except RecursionError:
            raise EncodeError(f"{type(instance).__name__} is {TOO_DEEP}") from None

    def _prepared(self, instance: Any) -> Any:
        needs = self._needed(type(instance))
        quiet = self.settled(instance)
        held = instance.__dict__
        if held.get("id") is None:
            # Not by setattr: the class may be frozen.
            held["id"] = needs.new_id()
            instance.__pydantic_fields_set__.add("id")
        if needs.dates or not quiet:
            stamp(instance, self.clock, first=True)
        if (version := needs.version) is not None:
            held[version] = held.get(version) or 1
        if needs.alone:
            mark(instance, self.database)
        else:
            belong(instance, self.database)
        return held["id"]

    def prepare_all(self, documents: list[Any], ids: list[Any]) -> None:
        """``prepare`` for many, most of which need what is usual; ids to ``ids``."""
        at = 0
        while at < len(documents):
            needs, mark = self._needed(type(documents[at])), marking(self.database)
            usual = needs.version is None and (needs.plain or mark is None)
            if usual and needs.many is not None and is_quiet(needs.parts):
                # As many as are of this class.
                at = self._prepare_many(needs, documents, at, ids, mark)
            else:
                ids.append(self.prepare(documents[at]))
                at += 1

    def _prepare_many(
        self, needs: _Needs, documents: list[Any], at: int, ids: list[Any], mark: Any
    ) -> int:
        """What is usual for all from ``at`` up to one of another class; its place."""
        cls, again = type(documents[at]), list[int]()
        run, refused = documents, None
        if needs.lists:
            run, refused = _settled_from(documents, at)
        stamps = []
        if needs.stamps:
            # One moment for all: later than each write of one of them before.
            moment = self.clock.after_all()
            for name, way in needs.stamps.items():
                stamps.append((name, dated(cls, name, moment), way == "created"))
        assert needs.many is not None
        end = needs.many(run, at, ids, again, reserve, stamps, mark)
        for place in again:
            self.prepare(documents[place])
        if refused is not None:
            raise refused
        return end

    def settled(self, instance: Any) -> bool:
        """
        Check again what was changed in place in an instance.

        Returns:
            Whether a write finds nothing more to do in what the instance embeds.
        """
        needs = self._needed(type(instance))
        quiet = is_quiet(needs.parts)
        if not quiet:
            settle(instance)
        elif needs.lists:
            settle_own(instance)
        return quiet

    def _needed(self, cls: type[Any]) -> _Needs:
        return self._needs.get(cls) or self._learn(cls)

    def _learn(self, cls: type[Any]) -> _Needs:
        """What new documents of one class need: asked once."""
        if not issubclass(cls, self.cls):
            text = f"a {self.cls.__name__} is needed, not {cls.__name__}"
            raise QueryError(text)
        schema = describe(cls)
        alone = self.database is not DEFAULT and is_alone(cls)
        lists = has_lists(schema)
        new_id, many = self._id_maker(), None
        if new_id is ObjectId and CAN_RESERVE:
            many = schema.compiled.prepare
        needs = _Needs(
            new_id,
            lists,
            bool(ways(schema)),
            quiet_parts(schema),
            schema.version,
            alone,
            many,
            ways(schema),
            is_plainly_made(schema),
        )
        self._needs[cls] = needs
        return needs

    def _id_maker(self) -> Callable[[], Any]:
        """Makes the id of a document that was given none."""
        made = self.cls.model_fields["id"].default_factory
        if made is not None:
            return made  # type: ignore[no-any-return]
        # A validator of all fields is one of the id's, too.
        if lying(self.schema.fields["id"].plan.kind) == _OBJECT_ID:
            return ObjectId
        return self._refuse_id

    def _refuse_id(self) -> Any:
        raise ConfigurationError(
            f"{self.cls.__name__}.id has no value, and no default_factory to make one"
        )

    def pending(self) -> Awaitable[None] | None:
        """What must be awaited before a write that may make a document."""
        return None if self.database.indexes.known(self.cls) else self.indexed()

    async def indexed(self) -> None:
        """Create the class's indexes, if that was not done yet."""
        if not self.database.indexes.known(self.cls):
            await self.database.indexes.ensure(self.cls, self.database)

    # -- reading -----------------------------------------------------------

    def find(self, *filters: Given) -> Find[D]:
        """All documents that match expressions and dicts."""
        return Find(self.source, filters)

    def first(self, *filters: Given) -> FindOne[D]:
        """The first document that matches, or None."""
        return FindOne(self.source, filters)

    def get(self, document_id: Any) -> FindOne[D]:
        """
        The document with this id, or None.

        Args:
            document_id: as it is declared, or as JSON has it: as text, or as a dict.
        """
        if type(document_id) in (str, dict):
            document_id = self.schema.id_from_json(document_id)
        if type(document_id) is ObjectId:
            return FindOne(self._source or self.source, ({"_id": document_id},))
        return FindOne(self.source, ({"_id": {"$eq": document_id}},))

    def count(self, *filters: Given) -> Ask[int]:
        """How many documents match."""
        return self.find(*filters).count()

    def exists(self, *filters: Given) -> Ask[bool]:
        """Whether any document matches."""
        return self.find(*filters).exists()

    def pipeline(
        self, stages: Sequence[Mapping[str, Any]]
    ) -> Aggregate[dict[str, Any]]:
        """The rows of an aggregation."""
        return Aggregate(self.source, stages)

    # -- writing -----------------------------------------------------------

    async def insert(self, document: D, **options: Any) -> D:
        """Store a new document; it gets its id."""
        if (pending := self.pending()) is not None:
            await pending
        return await Insert(self.source, document, options or None)

    async def insert_all(
        self,
        documents: Iterable[D] | AsyncIterable[D],
        *,
        ordered: bool = True,
        progress: Progress | None = None,
    ) -> list[Any]:
        """Store new documents, however many; their ids."""
        await self.indexed()
        return await InsertMany(
            self.source, documents, ordered=ordered, progress=progress
        )

    async def upsert(self, document: D, *keys: Any) -> tuple[D, bool]:
        """
        Store a document unless one with the same ``keys`` exists: in one command.

        Args:
            document: the whole document.
            keys: names or paths; its id when there are none.

        Returns:
            The document as it is stored, and whether it was created.
        """
        await self.indexed()
        self.prepare(document)
        names = [str(key) for key in keys] or ["_id"]
        stored = self.schema.dump(document)
        wanted = {key: {"$eq": stored.get(key)} for key in map(self._key, names)}
        rest = codec.decode(self.source.encoded(document))
        for key in wanted:
            rest.pop(key, None)
        return await self._insert_once(self._scoped(wanted), rest)

    def _key(self, name: str) -> str:
        return self.schema.shape.locate(name)[0]

    def _filter(self, filters: tuple[Any, ...]) -> dict[str, Any]:
        source = self.asking
        found: dict[str, Any] = {}
        if filters:
            found = to_filter(filters, source.shape, source.allow_javascript)
        return self._scoped(found)

    def _scoped(self, filter: dict[str, Any]) -> dict[str, Any]:
        scope = self.source.scope
        return scoped(filter, scope) if scope else filter

    async def _found(self, filter: dict[str, Any]) -> Any:
        source = self.source
        command = commands.find_first(
            source.database.name, source.collection, filter, None, None
        )
        found = source.codec.decode_reply(await source.database.lane.run(command))
        return found[0] if found else None

    async def _modify(
        self,
        filter: dict[str, Any],
        change: Any,
        *,
        new: bool = True,
        upsert: bool = False,
        facts: dict[str, Any] | None = None,
    ) -> Any:
        source = self.source
        command = commands.find_and_modify(
            source.database.name,
            source.collection,
            filter,
            change,
            source.options,
            new=new,
            upsert=upsert,
        )
        reply: Any = await source.database.lane.run(command)
        approve(reply)
        if facts is not None:
            facts.update(reply.document().get("lastErrorObject") or {})
        data = reply.value()
        return None if data is None else source.codec.decode(data)

    async def _insert_once(
        self, filter: dict[str, Any], document: dict[str, Any]
    ) -> tuple[D, bool]:
        """The document that matches, or a new one with these keys; which of both."""
        facts: dict[str, Any] = {}
        change = {"$setOnInsert": document}
        try:
            found = await self._modify(filter, change, upsert=True, facts=facts)
        except DuplicateKeyError:
            # Somebody else has made it in between, or it clashes with another one.
            found = await self._found(filter)
            if found is None:
                raise
            return found, False
        # Not updatedExisting: some servers say False when nothing had to change.
        return found, "upserted" in facts


def _settled_from(documents: list[Any], at: int) -> tuple[list[Any], Exception | None]:
    """Settle those of one class from ``at`` on; all up to the first that is refused."""
    cls, end = type(documents[at]), at
    try:
        for one in documents[at:]:
            if type(one) is not cls:
                break
            settle_own(one)
            end += 1
    except RecursionError:
        return documents[:end], EncodeError(f"{cls.__name__} is {TOO_DEEP}")
    except Exception as error:
        return documents[:end], error
    return documents, None
