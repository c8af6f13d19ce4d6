"""
One class in one database: motormongo's operations, with its results and errors.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from datetime import datetime
from functools import partial
from operator import index
from typing import Any, Literal, TypeVar, cast, overload

from pydantic import BaseModel, ValidationError

from .. import codec, commands
from ..errors import (
    DocumentAggregationError,
    DocumentDeleteError,
    DocumentInsertError,
    DocumentNotFoundError,
    DocumentUpdateError,
    QueryError,
)
from ..expressions.filters import Given
from ..expressions.identity import UNKNOWN, fixed_id
from ..fields import millisecond
from ..queries import Bulk, Find, FindOne, Insert, InsertMany
from ..queries.bulk import Write
from ..queries.insert import Progress
from ..queries.results import check
from .answers import FoundMany, FoundOne, as_document_error, raising
from .bulk import bulk
from .collection import Collection
from .cursor import MotorCursor
from .equalities import equalities, is_equal
from .family import collections_of
from .fields_given import filter_of, held_at, keep_ids, to_change
from .metaclass import field_error
from .part_dates import has_dated_parts
from .raw import set_raw
from .rows import named, one_by_one, read_as, with_extra
from .several import SeveralMany, SeveralOne
from .stamps import now, updated_keys, ways
from .touching import touched

__all__ = ["Contract"]

D = TypeVar("D", bound=BaseModel)

_TEXT = frozenset({str})


class Contract(Collection[D]):
    """Motormongo's class methods, in one database."""

    # -- new documents -----------------------------------------------------

    async def insert_one(
        self, /, document: Mapping[str, Any] | D | None = None, **kwargs: Any
    ) -> D:
        """Store a new document: an instance, a dict, or keywords."""
        made = self._made(document, kwargs)
        with raising(DocumentInsertError):
            if (pending := self.pending()) is not None:
                await pending
            return await Insert(self.source, made)

    def _made(self, document: Any, more: Mapping[str, Any]) -> D:
        # The class itself is asked first: pydantic's isinstance is slow.
        if type(document) is self.cls and not more:
            return cast("D", document)
        if type(document) is dict and not more:
            return self._instance(document)
        if isinstance(document, self.cls) and not more:
            return cast("D", document)
        if document is not None and not isinstance(document, Mapping):
            name = self.cls.__name__
            text = f"a {name} or a dict is needed, not {_kind(document)}"
            raise NotADictError(text)
        return self._instance({**(document or {}), **more})

    def _instance(self, values: Mapping[str, Any]) -> D:
        if not _TEXT.issuperset(map(type, values)):
            values = {str(key): one for key, one in values.items()}
        if self.schema.plan.whole is not None:
            return cast("D", self.cls(**values))
        # What the constructor would do in the end.
        try:
            return cast("D", self.cls.__pydantic_validator__.validate_python(values))
        except ValidationError as error:
            raise field_error(self.cls, error) or error from error

    def _made_of_all(self, documents: Sequence[Any]) -> list[D]:
        """``_made`` for many: plain dicts, mostly."""
        make, made, at = self._maker(), self._adopted(documents), 0
        try:
            for at, one in enumerate(documents):
                if made[at] is None:
                    made[at] = make(one)
        except Exception as error:
            error.add_note(f"this is document {at}")
            raise
        return made

    def _maker(self) -> Callable[[Any], D]:
        """``_made`` of one document, with no more work than the class needs."""
        cls, plan = self.cls, self.schema.plan
        # Of keys that are no names of fields nothing is kept, whatever they are.
        any_keys = plan.extra == "ignore" and not cls.__mongolane_open__
        validate = cls.__pydantic_validator__.validate_python

        def make(one: Any) -> D:
            plain = type(one) is dict and plan.whole is None
            if not plain or not (any_keys or _TEXT.issuperset(map(type, one))):
                return self._made(one, {})
            try:
                return cast("D", validate(one))
            except ValidationError as error:
                raise field_error(cls, error) or error from error

        return make

    def _adopted(self, documents: Sequence[Any]) -> list[Any]:
        """Those that are instances but for the making; None for all others."""
        if self.schema.plan.whole is not None:
            return [None] * len(documents)
        return self.schema.adopted(list(documents))

    async def insert_many(
        self,
        documents: Iterable[Mapping[str, Any] | D],
        *,
        ordered: bool = True,
        progress: Progress | None = None,
    ) -> tuple[list[D], list[Any]]:
        """Store new documents, all or none of which are valid; them and their ids."""
        odd = isinstance(documents, (str, bytes, Mapping))
        if documents and (odd or not isinstance(documents, Iterable)):
            raise NotADictError(f"a list of dicts is needed, not {_kind(documents)}")
        documents = list(documents or ())
        if not documents:
            raise DocumentInsertError("insert_many needs at least one document")
        made = self._made_of_all(documents)
        with raising(DocumentInsertError):
            await self.indexed()
            ids = await InsertMany(
                self.source, made, ordered=ordered, progress=progress
            )
        return made, ids

    # -- found documents ---------------------------------------------------

    def find_one(
        self,
        /,
        query: Given | None = None,
        strict_validation: bool = True,
        **kwargs: Any,
    ) -> FindOne[D]:
        """The first document that matches, or None."""
        if type(query) is dict and not kwargs:
            filters: tuple[Any, ...] = (query.copy(),)
        else:
            filters = filter_of(query, kwargs)
        if self.cls.__subclasses__() and (others := self._others()):
            return cast("FindOne[D]", SeveralOne([self, *others], filters))
        return FoundOne(self._asking or self.asking, filters)

    @overload
    def find_many(
        self,
        /,
        query: Given | None = None,
        limit: int | None = None,
        return_as_list: Literal[True] = True,
        **kwargs: Any,
    ) -> Find[D]: ...
    @overload
    def find_many(
        self,
        /,
        query: Given | None = None,
        limit: int | None = None,
        *,
        return_as_list: Literal[False],
        **kwargs: Any,
    ) -> MotorCursor[D]: ...
    def find_many(
        self,
        /,
        query: Given | None = None,
        limit: int | None = None,
        return_as_list: bool = True,
        **kwargs: Any,
    ) -> Any:
        """A list of the documents that match; of the subclasses', too."""
        filters = filter_of(query, kwargs)
        with raising(DocumentNotFoundError):
            if limit is not None:
                limit = index(limit)
        homes = [self, *self._others()]
        if not return_as_list:
            rows = partial(SeveralMany, homes, filters, limit)
            return MotorCursor(lambda: aiter(rows()))
        if len(homes) > 1 or limit == 0 or (limit is not None and limit < 0):
            return SeveralMany(homes, filters, limit)
        found: Find[D] = FoundMany(self.asking, filters)
        return found if limit is None else found.limit(limit)

    def _others(self) -> list[Contract[Any]]:
        """The collections of subclasses, but for this one's own."""
        if not self.cls.__subclasses__():
            return []
        return [Contract(one, self.database) for one in collections_of(self.cls)[1:]]

    # -- changes -----------------------------------------------------------

    async def update_one(
        self,
        query: Given,
        update_fields: Mapping[str, Any],
        strict_validation: bool = True,
    ) -> D | None:
        """Change the given fields of one document; it as it is then, or None."""
        with raising(DocumentUpdateError):
            for home in [self, *self._others()]:
                found = await home._update_one(query, update_fields)
                if found is not None:
                    return cast("D", found)
        return None

    async def _update_one(self, query: Any, fields: Any) -> Any:
        await self.indexed()
        change = to_change(self, fields)
        filter = self._filter(filter_of(query))
        document_id = fixed_id(filter)
        keep_ids(self, change, [document_id])
        if not change:
            return await self._found(filter)
        if document_id is not UNKNOWN:
            moment = self.clock.later(document_id, now())
            return await self._modify(filter, self._dated(change, moment))
        if has_dated_parts(self.schema):
            moment = self.clock.after_all()
            return await self._modify(filter, self._dated(change, moment))
        found = await self._modify(filter, self._dated(change, now()))
        return await self._strictly_later(found)

    def _dated(self, change: dict[str, Any], moment: datetime) -> dict[str, Any]:
        """An update with what every write sets; dates of change are no one else's."""
        given = change.get("$set", {})
        for key in updated_keys(self.schema):
            given.pop(key, None)
        kept = {operator: one for operator, one in change.items() if one}
        # Never empty: the server would take that for a whole new document.
        kept = kept or {"$set": {}}
        made: dict[str, Any] = touched(self.schema, kept, False, lambda: moment)
        return made

    async def _strictly_later(self, found: Any) -> Any:
        """Correct the date of a second write within one millisecond."""
        keys = updated_keys(self.schema)
        if found is None or not keys:
            return found
        one = self.schema.by_key(keys[0])
        assert one is not None
        moment = found.__dict__.get(one.name)
        if moment is None:
            return found
        moment = millisecond(moment)
        if (later := self.clock.later(found.id, moment)) == moment:
            return found
        return await self._modify({"_id": found.id}, {"$set": {keys[0]: later}})

    async def update_many(
        self, query: Given, update_fields: Mapping[str, Any]
    ) -> tuple[list[D], int]:
        """Change the given fields of all that match; them as they are then."""
        found: list[Any] = []
        count = 0
        with raising(DocumentUpdateError):
            for home in [self, *self._others()]:
                changed, number = await home._update_many(query, update_fields)
                found += changed
                count += number
        return found, count

    async def _update_many(self, query: Any, fields: Any) -> tuple[list[Any], int]:
        await self.indexed()
        change = to_change(self, fields, unknown=True)
        if not change:
            return [], 0
        filter = self._filter(filter_of(query))
        # By their ids, since changed documents may not match the query any more.
        ids = [one["_id"] for one in await Find(self.bare, (filter,)).only("_id")]
        if not ids:
            return [], 0
        keep_ids(self, change, ids)
        change = self._dated(change, self.clock.after(ids))
        chosen = {"_id": {"$in": ids}}
        source = self.source
        statement = commands.update_statement(
            {"$and": [chosen, filter]} if filter else chosen, change, multi=True
        )
        command = commands.update(
            source.database.name, source.collection, statement, source.options
        )
        done = check(await source.database.lane.run(command))
        if not done.get("nModified"):
            return [], 0
        return await Find(self.bare, (chosen,)), int(done["nModified"])

    # -- removal -----------------------------------------------------------

    async def delete_one(self, /, query: Given | None = None, **kwargs: Any) -> bool:
        """Remove one document that matches; whether there was one."""
        filters = filter_of(query, kwargs)
        with raising(DocumentDeleteError):
            for home in [self, *self._others()]:
                filter = home._filter(filters)
                if await FindOne(home.bare, (filter,)).delete():
                    return True
        return False

    async def delete_many(self, /, query: Given | None = None, **kwargs: Any) -> int:
        """Remove all that match; how many those were."""
        filters = filter_of(query, kwargs)
        count = 0
        with raising(DocumentDeleteError):
            for home in [self, *self._others()]:
                filter = home._filter(filters)
                count += await Find(home.bare, (filter,)).delete()
        return count

    # -- in one step -------------------------------------------------------

    async def find_one_or_create(
        self, query: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> tuple[D, bool]:
        """
        The document that matches, or a new one of both dicts; atomically.

        What subclasses have in collections of their own is looked for before.
        """
        for given in (query, defaults):
            if not isinstance(given, Mapping):
                raise TypeError(f"query and defaults are dicts, not {_kind(given)}")
        with raising(DocumentNotFoundError):
            return await self._find_or_create(query, defaults)

    async def _find_or_create(
        self, query: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> tuple[D, bool]:
        await self.indexed()
        filters = filter_of(query)
        if self._others() and (found := await self._first(filters)) is not None:
            return found, False
        equal = equalities(query)
        try:
            made: Any = self._instance({**equal, **defaults})
        except ValueError:
            # Of no account where nothing has to be made.
            if (found := await self._first(filters)) is not None:
                return found, False
            raise
        self.prepare(made)
        filter = self._filter(filters)
        document = codec.decode(self.source.encoded(made))
        for key in filter:
            # The server itself takes what a filter says a field equals; defaults win.
            said = key in equal and key not in defaults and is_equal(key, filter[key])
            if said or (key == "_id" and not equal.keys().isdisjoint(("id", "_id"))):
                document.pop(key, None)
        return await self._insert_once(filter, document)

    async def find_one_and_replace(
        self, query: Given, replacement: Mapping[str, Any] | D
    ) -> D | None:
        """Put a checked document in the place of another; it, or None."""
        with raising(DocumentUpdateError):
            await self.indexed()
            # Checked even where nothing matches.
            made = self._replacing(replacement)
            for home in [self, *self._others()]:
                filter = home._filter(filter_of(query))
                old = await home._found(filter)
                if old is not None:
                    # What it replaces tells the class, where several share one.
                    if type(old) is not self.cls:
                        own = Contract(type(old), home.database)
                        made = own._replacing(replacement)
                    return cast("D | None", await home._replace(filter, old, made))
        return None

    def _replacing(self, replacement: Any) -> Any:
        if isinstance(replacement, Mapping):
            for key in replacement:
                if str(key)[:1] == "$":
                    # Dropped as unknown keys are, it would empty the document.
                    raise QueryError(f"a replacement has no operators, like {key}")
            return self._instance(replacement)
        if not isinstance(replacement, self.cls):
            text = f"the replacement is a dict, not {_kind(replacement)}"
            raise TypeError(text)
        return replacement

    async def _replace(self, filter: dict[str, Any], old: Any, made: Any) -> Any:
        if made.id is not None and "id" in made.model_fields_set:
            keep_ids(self, {"$set": {"_id": made.id}}, [old.id])
        made = made.model_copy(update={"id": old.id})
        for name, way in ways(self.schema).items():
            if way == "created" and made.__dict__.get(name) is None:
                made.__dict__[name] = old.__dict__.get(name)
        self.prepare(made)
        document = codec.decode(self.source.encoded(made))
        change = self.exchange(document)
        return await self._modify({"$and": [{"_id": old.id}, filter]}, change)

    async def find_one_and_update_empty_fields(
        self, query: Mapping[str, Any], update_fields: Mapping[str, Any]
    ) -> tuple[D, bool]:
        """Fill empty fields; the document, and whether it changed."""
        for given in (query, update_fields):
            if not isinstance(given, Mapping):
                text = f"query and update_fields are dicts, not {_kind(given)}"
                raise TypeError(text)
        with raising(DocumentUpdateError):
            for name in update_fields:
                if str(name)[:1] == "$":
                    raise QueryError(
                        f"empty fields are filled by their names, not {name}"
                    )
            # Not find_one, whose errors are those of a find.
            found = await self._first(filter_of(query))
        if found is None:
            raise DocumentUpdateError(f"no {self.cls.__name__} matches the query")
        empty = {
            name: value
            for name, value in update_fields.items()
            if name not in query and not held_at(found, str(name))
        }
        if not empty:
            return found, False
        document_id = cast("Any", found).id
        changed = await self.update_one({"_id": document_id}, empty)
        return (found, False) if changed is None else (changed, True)

    async def _first(self, filters: tuple[Any, ...]) -> D | None:
        for home in [self, *self._others()]:
            found = await home._found(home._filter(filters))
            if found is not None:
                return cast("D", found)
        return None

    async def find_one_and_delete(
        self, /, query: Given | None = None, **kwargs: Any
    ) -> D:
        """Remove one document and give it; an error when there is none."""
        filters = filter_of(query, kwargs)
        with raising(DocumentDeleteError):
            for home in [self, *self._others()]:
                filter = home._filter(filters)
                found = await home._modify(filter, None, new=False)
                if found is not None:
                    set_raw(found, None)
                    return cast("D", found)
            raise DocumentDeleteError(f"no {self.cls.__name__} matches the query")

    def bulk(
        self,
        *writes: BaseModel | Write | Iterable[BaseModel | Write],
        ordered: bool = True,
    ) -> Bulk:
        """Several writes together; documents among them go to this database."""
        return bulk(*writes, ordered=ordered, using=self.database)

    # -- pipelines ---------------------------------------------------------

    @overload
    def aggregate(
        self,
        pipeline: Sequence[Mapping[str, Any]],
        return_as_list: Literal[False] = False,
    ) -> MotorCursor[dict[str, Any]]: ...
    @overload
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], return_as_list: Literal[True]
    ) -> Coroutine[Any, Any, list[D]]: ...
    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]], return_as_list: bool = False
    ) -> Any:
        """
        The rows of a pipeline.

        Args:
            pipeline: stages as the server takes them.
            return_as_list: instances, with what was computed as extra attributes;
                otherwise something to iterate over with ``async for``, of dicts.
        """
        homes = [self, *self._others()]
        if return_as_list:
            return self._rows(homes, pipeline)
        queries = [home.pipeline(pipeline) for home in homes]

        def cursors() -> Any:
            with raising(DocumentAggregationError):
                rows = [one.cursor() for one in queries]
            made: list[Any] = [MotorCursor(one.__aiter__) for one in rows]
            return made if len(made) > 1 else made[0]

        return MotorCursor(lambda: one_by_one(queries), cursors)

    async def _rows(
        self, homes: Sequence[Contract[Any]], pipeline: Sequence[Mapping[str, Any]]
    ) -> list[Any]:
        rows: list[Any] = []
        try:
            for home in homes:
                rows += [home._row(one) for one in await home.pipeline(pipeline)]
        except Exception as error:
            raise as_document_error(DocumentAggregationError, error) from error
        return rows

    def _row(self, row: dict[str, Any]) -> Any:
        """A row as an instance: projected keys, defaults, and what was computed."""
        model = self.source.codec
        try:
            made = model.decode(codec.encode(row))
        except ValueError:
            return with_extra(self.cls.model_construct(**named(self.schema, row)), row)
        return read_as(with_extra(made, row), model)


class NotADictError(TypeError, ValueError):
    """Neither a dict nor an instance was given; motormongo raised either of both."""


def _kind(value: Any) -> str:
    # Never the value itself: a list of documents may hold secrets.
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"
