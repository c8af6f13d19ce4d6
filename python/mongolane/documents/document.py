"""
``Document``: a pydantic model with a life in a collection.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Coroutine, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar, overload

import pydantic
from bson import ObjectId
from pydantic import BaseModel

from ..errors import DocumentDeleteError, DocumentInsertError, QueryError
from ..expressions import Given, Path
from ..queries import Aggregate, Ask, Bulk, Find, FindOne
from ..queries.bulk import Write
from ..queries.insert import Progress
from ..schema import describe
from . import life
from .answers import raising
from .belonging import belong, database_of
from .bulk import bulk
from .contract import Contract
from .cursor import MotorCursor
from .database import DEFAULT, DataBase, get_db
from .family import collections_of
from .indexes import refuse_clashes
from .known_classes import root
from .model import StoredModel
from .patching import builds_on_another, patched
from .prefetch import prefetch
from .raw import set_raw

__all__ = ["Document"]

D = TypeVar("D", bound=BaseModel)


@root
class Document(StoredModel, init=False):
    """
    A document of a collection.

    Declared by annotations, by field objects, or by both. ``id`` in Python and JSON is
    ``_id`` in the database.
    """

    __slots__ = ("__mongolane_raw__",)

    __mongolane_open__: ClassVar[bool | None] = None

    if TYPE_CHECKING:
        # Any, so that a class may declare an id of its own type.
        id: Any = None
    else:
        id: ObjectId | None = pydantic.Field(default=None)

    if not TYPE_CHECKING:

        def model_copy(
            self, *, update: Mapping[str, Any] | None = None, deep: bool = False
        ) -> Self:
            made = super().model_copy(update=update, deep=deep)
            if update and not update.keys().isdisjoint(("id", "_id")):
                # Another document from now on.
                set_raw(made, None)
            return made

    # -- where -------------------------------------------------------------

    @classmethod
    def using(cls, database: DataBase) -> Contract[Self]:
        """The same operations in another database."""
        return _home(cls, database)

    @classmethod
    def path(cls, name: str) -> Path[Any]:
        """The path of a field whose name a method has (``count``, ``find``)."""
        return Path.of(describe(cls).shape, name)

    @classmethod
    async def db(cls) -> Any:
        """PyMongo's own database object."""
        return await get_db()

    @classmethod
    def get_collection_name(cls) -> Any:
        """The collection's name; of a class with subclasses, all pairs of both."""
        classes = collections_of(cls)
        if len(classes) == 1:
            return describe(cls).collection
        return [(one, describe(one).collection) for one in classes]

    @classmethod
    async def ensure_indexes(cls) -> None:
        """
        Create the declared indexes of this class and its subclasses.

        Raises:
            ConfigurationError: those of two classes on one collection exclude
                each other.
        """
        for one in collections_of(cls):
            refuse_clashes(one)
            await DEFAULT.indexes.ensure(one, DEFAULT)

    @classmethod
    def convert_id(cls, query: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of a query in which ids given as text are ids, where declared so."""
        return _home(cls)._filter((query,))

    # -- reading, native ---------------------------------------------------

    @classmethod
    def find(cls, *filters: Given) -> Find[Self]:
        """
        All documents that match; await it, iterate over it, or refine it.

        Args:
            filters: ``User.age > 3``, ``{"age": {"$gt": 3}}``; all must hold.
        """
        return Find(_home(cls).source, filters)

    @classmethod
    def get(cls, document_id: Any) -> FindOne[Self]:
        """The document with this id, or None."""
        return _home(cls).get(document_id)

    @classmethod
    def count(cls, *filters: Given) -> Ask[int]:
        """How many documents match."""
        return _home(cls).count(*filters)

    @classmethod
    def exists(cls, *filters: Given) -> Ask[bool]:
        """Whether any document matches."""
        return _home(cls).exists(*filters)

    @classmethod
    def pipeline(cls, stages: Sequence[Mapping[str, Any]]) -> Aggregate[dict[str, Any]]:
        """The rows of an aggregation, as a query."""
        return _home(cls).pipeline(stages)

    @classmethod
    async def prefetch(cls, documents: Iterable[Self], *names: str) -> None:
        """
        Fetch what many documents refer to, by one query for each field.

        Args:
            documents: they remember what they refer to.
            names: reference fields; all of them when there are none.
        """
        if not isinstance(documents, Iterable):
            raise QueryError(f"prefetch() takes a list, not {documents!r:.80}")
        await prefetch(cls, list(documents), names)

    # -- writing, native ---------------------------------------------------

    async def insert(self, *, using: DataBase | None = None) -> Self:
        """Store this new document; it gets its id."""
        await _home_of(self, using).insert(self)
        return self

    async def save(self, *, using: DataBase | None = None) -> Self:
        """
        Store this document, new or not; send only what has changed.

        Keys that the class does not declare, and ``created_at``, stay as they are.

        Args:
            using: another database; from then on the document belongs to that one.

        Raises:
            DocumentInsertError: it could not be stored; a DuplicateKeyError, too,
                when that was the reason.
            VersionConflictError: somebody else wrote it, and it counts its versions.
        """
        with raising(DocumentInsertError):
            home = _home_of(self, using)
            await life.save(home, self)
            belong(self, home.database)
        return self

    async def patch(
        self, changes: BaseModel | Mapping[str, Any], *, using: DataBase | None = None
    ) -> Self:
        """
        Take over the fields that were set in another model, and save.

        When it cannot be saved, this document is as it was.

        Args:
            changes: a model (a request's body; only what was set in it counts), or
                a mapping. A version in it is the one it builds on.

        Raises:
            UnknownFieldError: for a name that the document does not declare.
            FieldError: for a value that a field does not take.
            QueryError: for another ``id``.
            VersionConflictError: the document is of another version by now.
        """
        if builds_on_another(self, changes):
            await life.refuse_stale(_home_of(self, using), self, self.id)
        with patched(self, changes):
            return await self.save(using=using)

    async def reload(self, *, using: DataBase | None = None) -> Self:
        """Take over what is stored by now."""
        home = _home_of(self, using)
        await life.reload(home, self)
        belong(self, home.database)
        return self

    async def delete(self, *, using: DataBase | None = None) -> None:
        """
        Remove this document; harmless when it is gone already.

        Raises:
            VersionConflictError: somebody else wrote it, and it counts its versions.
        """
        with raising(DocumentDeleteError):
            await life.delete(_home_of(self, using), self)

    @classmethod
    async def insert_all(
        cls,
        documents: Iterable[Self] | AsyncIterable[Self],
        *,
        ordered: bool = True,
        progress: Progress | None = None,
    ) -> list[Any]:
        """
        Store new documents, however many; their ids.

        Args:
            documents: a list is encoded before anything is sent; anything else, which
                may be asynchronous, is read and sent by the ten thousand.
            ordered: stop at the first that is refused.
            progress: called after each command with how many are done and, if it takes
                a second argument, of how many (None for what comes one by one).

        Raises:
            BulkWriteError: some were refused.
        """
        home = _home(cls)
        return await home.insert_all(documents, ordered=ordered, progress=progress)

    async def upsert(
        self, *keys: Any, using: DataBase | None = None
    ) -> tuple[Self, bool]:
        """
        Store this document unless one with the same ``keys`` exists; in one command.

        Returns:
            The stored document, and whether it was created.
        """
        return await _home_of(self, using).upsert(self, *keys)

    @classmethod
    def bulk(
        cls,
        *writes: BaseModel | Write | Iterable[BaseModel | Write],
        ordered: bool = True,
    ) -> Bulk:
        """
        Several writes together; ``mongolane.bulk`` is the same.

        Args:
            writes: documents (new ones are inserted, stored ones saved), updates and
                deletes that were not awaited, or lists of these.
            ordered: stop at the first that is refused.

        Raises:
            BulkWriteError: when awaited, if some were refused; ``conflicts`` holds
                those of documents that count their versions.
        """
        return bulk(*writes, ordered=ordered)

    # -- motormongo's ------------------------------------------------------

    @classmethod
    async def insert_one(
        cls, /, document: Mapping[str, Any] | Self | None = None, **kwargs: Any
    ) -> Self:
        """
        Store a new document and give it.

        Args:
            document: a dict, or an instance.
            kwargs: more fields; they win.

        Raises:
            FieldError: a value does not fit its field.
            DocumentInsertError: it was not stored; a DuplicateKeyError, too, when
                that was the reason.
        """
        return await _home(cls).insert_one(document, **kwargs)

    @classmethod
    async def insert_many(
        cls,
        documents: Iterable[Mapping[str, Any] | Self],
        *,
        ordered: bool = True,
        progress: Progress | None = None,
    ) -> tuple[list[Self], list[Any]]:
        """
        Store new documents; them and their ids.

        Args:
            documents: dicts and instances, at least one; all are checked first.
            ordered: as for ``insert_all``.
            progress: as for ``insert_all``.

        Raises:
            FieldError: a value does not fit its field.
            DocumentInsertError: some were not stored; a BulkWriteError, too.
        """
        return await _home(cls).insert_many(
            documents, ordered=ordered, progress=progress
        )

    @classmethod
    def find_one(
        cls,
        /,
        query: Given | None = None,
        strict_validation: bool = True,
        **kwargs: Any,
    ) -> FindOne[Self]:
        """The first document that matches, or None; of a subclass's, too."""
        return _home(cls).find_one(query, strict_validation, **kwargs)

    @overload
    @classmethod
    def find_many(
        cls,
        /,
        query: Given | None = None,
        limit: int | None = None,
        return_as_list: Literal[True] = True,
        **kwargs: Any,
    ) -> Find[Self]: ...
    @overload
    @classmethod
    def find_many(
        cls,
        /,
        query: Given | None = None,
        limit: int | None = None,
        *,
        return_as_list: Literal[False],
        **kwargs: Any,
    ) -> MotorCursor[Self]: ...
    @classmethod
    def find_many(
        cls,
        /,
        query: Given | None = None,
        limit: int | None = None,
        return_as_list: bool = True,
        **kwargs: Any,
    ) -> Any:
        """
        A list of the documents that match; of the subclasses', too.

        Args:
            query: a filter.
            limit: at most so many; 0 gives none.
            return_as_list: False gives something for ``async for``.
            kwargs: more of the filter; they win.
        """
        home: Any = _home(cls)
        return home.find_many(query, limit, return_as_list, **kwargs)

    @classmethod
    async def update_one(
        cls,
        query: Given,
        update_fields: Mapping[str, Any],
        strict_validation: bool = True,
    ) -> Self | None:
        """
        Change the given fields of one document, and nothing else.

        Args:
            query: a filter.
            update_fields: fields, ``$`` operators, or both.

        Returns:
            The document as it is then, or None when none matches.
        """
        return await _home(cls).update_one(query, update_fields, strict_validation)

    @classmethod
    async def update_many(
        cls, query: Given, update_fields: Mapping[str, Any]
    ) -> tuple[list[Self], int]:
        """Change the given fields of all that match; them, and how many changed."""
        return await _home(cls).update_many(query, update_fields)

    @classmethod
    async def delete_one(cls, /, query: Given | None = None, **kwargs: Any) -> bool:
        """Remove one document that matches; whether there was one."""
        return await _home(cls).delete_one(query, **kwargs)

    @classmethod
    async def delete_many(cls, /, query: Given | None = None, **kwargs: Any) -> int:
        """Remove all that match; how many those were."""
        return await _home(cls).delete_many(query, **kwargs)

    @classmethod
    async def find_one_or_create(
        cls, query: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> tuple[Self, bool]:
        """The document that matches, or a new one of both dicts; atomically."""
        return await _home(cls).find_one_or_create(query, defaults)

    @classmethod
    async def find_one_and_replace(
        cls, query: Given, replacement: Mapping[str, Any] | Self
    ) -> Self | None:
        """Put a checked document in the place of another; it, or None."""
        return await _home(cls).find_one_and_replace(query, replacement)

    @classmethod
    async def find_one_and_update_empty_fields(
        cls, query: Mapping[str, Any], update_fields: Mapping[str, Any]
    ) -> tuple[Self, bool]:
        """Fill empty fields; the document, and whether it changed."""
        return await _home(cls).find_one_and_update_empty_fields(query, update_fields)

    @classmethod
    async def find_one_and_delete(
        cls, /, query: Given | None = None, **kwargs: Any
    ) -> Self:
        """Remove one document and give it; DocumentDeleteError when there is none."""
        return await _home(cls).find_one_and_delete(query, **kwargs)

    @overload
    @classmethod
    def aggregate(
        cls,
        pipeline: Sequence[Mapping[str, Any]],
        return_as_list: Literal[False] = False,
    ) -> MotorCursor[dict[str, Any]]: ...
    @overload
    @classmethod
    def aggregate(
        cls, pipeline: Sequence[Mapping[str, Any]], return_as_list: Literal[True]
    ) -> Coroutine[Any, Any, list[Self]]: ...
    @classmethod
    def aggregate(
        cls, pipeline: Sequence[Mapping[str, Any]], return_as_list: bool = False
    ) -> Any:
        """The rows of a pipeline: for ``async for``, or a list of instances."""
        home: Any = _home(cls)
        return home.aggregate(pipeline, return_as_list)


def _home_of(instance: Any, using: DataBase | None) -> Contract[Any]:
    """Where an instance belongs, or what was said; there it is stored as a whole."""
    own = database_of(instance)
    if using is not None and using is not (own or DEFAULT):
        set_raw(instance, None)
    return _home(type(instance), using or own)


def _home(cls: type[D], database: DataBase | None = None) -> Contract[D]:
    if database is not None:
        if not isinstance(database, DataBase):
            hint = "; DataBase.get() gives the default" if database is DataBase else ""
            raise QueryError(f"a DataBase is needed, not {database!r:.80}{hint}")
        if database is not DEFAULT:
            return _home_elsewhere(cls, database)
    home: Contract[D] | None = cls.__dict__.get("__mongolane_home__")
    if home is None:
        home = Contract(cls, DEFAULT)
        type.__setattr__(cls, "__mongolane_home__", home)
    return home


def _home_elsewhere(cls: type[D], database: DataBase) -> Contract[D]:
    """A class in another database; the same until the class has a new subclass."""
    own = _home(cls)
    known: tuple[Contract[D], Contract[D]] | None = database.homes.get(cls)
    if known is not None and known[0] is own:
        return known[1]
    home = Contract(cls, database)
    database.homes[cls] = own, home
    return home
