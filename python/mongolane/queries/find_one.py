"""
Finds of one document: the hottest path of all.

From the user's ``await`` to the lane there are two generators, ``_found`` and the
lane's own (``ask``): nothing else wakes with a reply. While it waits it holds its
command's bytes and no more, neither the query nor a dict: where thousands wait, what
the cyclic collector has to walk costs more than it took to make it.
``tests/queries/test_hot_path.py`` holds the number of Python calls and such objects.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from .. import codec, commands
from ..abc import Reply
from ..commands import Command
from ..commands.command import Read
from ..errors import DocumentDecodeError, NotFoundError, QueryError
from ..expressions.changes import GivenChange
from ..expressions.filters import Given
from ..expressions.identity import UNKNOWN, equalities, id_change, same_id
from .ask import Ask
from .delete import Delete
from .find_and_modify import FindAndModify, read_upserted, read_value
from .reading import DICTS, OnInvalid
from .selection import Selection, refuse_incomplete
from .update import NO_OPTIONS, Update

__all__ = ["FindOne", "First", "One"]

# Covariant, so that a ``FindOne[Self]`` is one of the class; ``replace`` takes what the
# class says.
T = TypeVar("T", covariant=True)
M = TypeVar("M")


# The elements of a find behind its filter: limit 1, singleBatch.
_ONLY = b"\x10limit\0\x01\0\0\0\x08singleBatch\0\x01"


@lru_cache(1024)
def _head(collection: str) -> bytes:
    """The elements of a find in front of its filter, and the filter's key."""
    return codec.encode({"find": collection})[4:-1] + b"\x03filter\0"


class First(Read):
    """A find of one document, as bytes."""

    __slots__ = ("elements",)

    def __init__(self, database: str, elements: bytes, read_preference: Any) -> None:
        self.database = database
        self.elements: bytes | None = elements
        self.read_preference = read_preference

    @property
    def name(self) -> str:
        return "find"

    @property
    def body(self) -> dict[str, Any]:  # type: ignore[override]
        """As a dict, for who wants to look at it."""
        return codec.decode(codec.encode_command(self.elements or b"", b""))


class FindOne(Selection[T]):
    """The first document that matches; awaited, it or None."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, T | None]:
        self._used = True
        return self._found()

    def _found(self) -> Generator[Any, None, T | None]:
        source = self._source
        codec = source.codec if self._view is None else self._codec()
        asked = source.database.lane.ask(self._sent())
        del self
        found: list[T] = codec.decode_reply((yield from asked))
        return found[0] if found else None

    def or_raise(self) -> One[T]:
        """This document; NotFoundError if there is none."""
        found: One[T] = self._as(One)
        return found

    # What comes back.

    def project(self, model: type[M], *parts: object, **computed: Any) -> FindOne[M]:
        """As an instance of another model; the arguments are those of a find."""
        changed = self._projected(model, parts, computed)
        found: FindOne[M] = self._as(type(self), **changed)
        return found

    def only(self, *fields: object, **computed: Any) -> FindOne[dict[str, Any]]:
        """A dict with these fields alone; the arguments are those of a find."""
        changed = self._some(fields, computed)
        found: FindOne[dict[str, Any]] = self._as(type(self), **changed)
        return found

    def raw(self) -> FindOne[dict[str, Any]]:
        """A dict as it is stored."""
        found: FindOne[dict[str, Any]] = self._as(type(self), **self._viewed(DICTS))
        return found

    @overload
    def on_invalid(
        self,
        policy: Literal["raise", "skip"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> FindOne[T]: ...
    @overload
    def on_invalid(
        self,
        policy: Literal["raw"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> FindOne[T | dict[str, Any]]: ...
    def on_invalid(
        self,
        policy: OnInvalid,
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> FindOne[Any]:
        """
        What to do when the stored document does not fit the model.

        Args:
            policy: ``raise`` a DocumentDecodeError, ``skip`` it (None), or give it
                ``raw``, as a dict.
            collect: called with the error.
        """
        self._used = True
        return self._derived(view=self._lenient(policy, collect))

    def json(self) -> Ask[bytes | None]:
        """The bytes of a JSON object, or None."""
        write = self._codec().json_reply

        def read(reply: Reply) -> bytes | None:
            return write(reply) or None

        return Ask(self, self._source.database, self._command, read)

    # Writes: done, and reported.

    def update(
        self,
        *changes: GivenChange,
        array_filters: Given | Iterable[Given] | None = None,
        upsert: bool = False,
    ) -> Update:
        """
        Change this document.

        Args:
            changes: ``User.age.inc(1)``, dicts, or one pipeline.
            array_filters: for ``User.items.filtered("x")``.
            upsert: make a document when none matches.
        """
        self._used = True
        if array_filters is None and not upsert:
            change = self._simple_change(changes)
            if change is not None:
                return Update(self, self._source, self._filter(), change, NO_OPTIONS)
        self._refuse("an update", "skip")
        found, change = self._filter_and_change(changes, upsert)
        return Update(
            self,
            self._source,
            found,
            change,
            self._update_options(array_filters, change),
            upsert=upsert,
        )

    def replace(self, document: T, *, upsert: bool = False) -> Update:  # type: ignore[misc]
        """Put another document in its place; the ``_id`` stays."""
        self._used = True
        self._refuse("a replacement", "skip")
        return Update(
            self,
            self._source,
            self._filter(upsert),
            self._replacement(document),
            self._merged_options(),
            upsert=upsert,
        )

    def delete(self) -> Delete:
        """Remove this document; one by its order with ``and_delete``."""
        self._used = True
        self._refuse("a delete", "skip", "sort")
        return Delete(self, self._source, self._filter(), self._merged_options())

    # Writes that give the document.

    def and_update(
        self,
        *changes: GivenChange,
        new: bool = True,
        upsert: bool = False,
        array_filters: Given | Iterable[Given] | None = None,
    ) -> FindAndModify[T | None]:
        """
        Change this document and give it.

        Args:
            changes: ``User.age.inc(1)``, dicts, or one pipeline.
            new: as it is afterwards; otherwise as it was.
            upsert: make one when none matches.
            array_filters: for ``User.items.filtered("x")``.
        """
        self._used = True
        found, change = self._filter_and_change(changes, upsert)
        options = self._update_options(array_filters, change)
        return self._modify(found, change, options, new, upsert)

    def and_replace(
        self,
        document: T,  # type: ignore[misc]
        *,
        new: bool = True,
        upsert: bool = False,
    ) -> FindAndModify[T | None]:
        """Put another document in its place and give it, or what was there."""
        self._used = True
        found, change = self._filter(upsert), self._replacement(document)
        return self._modify(found, change, self._merged_options(), new, upsert)

    def and_delete(self) -> FindAndModify[T | None]:
        """Remove this document and give it."""
        self._used = True
        options = self._merged_options()
        return self._modify(self._filter(), None, options, False, False)

    def upsert(
        self,
        *changes: GivenChange,
        insert: T | None = None,
        array_filters: Given | Iterable[Given] | None = None,
    ) -> FindAndModify[tuple[T, bool]]:
        """
        Change this document, or make it, in one atomic command.

        Args:
            changes: what to change in either case.
            insert: an instance, for the fields of a new document that neither the
                filter nor ``changes`` set.
            array_filters: for ``User.items.filtered("x")``.

        Returns:
            The document, and whether it was made.
        """
        self._used = True
        self._refuse("an upsert", "skip")
        found = self._filter(True)
        given: list[Any] = list(changes)
        if insert is not None:
            given.append({"$setOnInsert": self._for_insert(insert, found, changes)})
        change = self._change(tuple(given), True)
        if insert is None:
            refuse_incomplete(found, change, self._source.shape)
        return FindAndModify(
            self,
            self._source,
            found,
            change,
            self._update_options(array_filters, change),
            self._codec(),
            read_upserted,
            new=True,
            upsert=True,
        )

    def _for_insert(self, instance: Any, found: Any, changes: Any) -> dict[str, Any]:
        """The fields of ``instance`` that nothing else sets."""
        source = self._source
        if source.prepare is not None:
            source.prepare(instance)
        fields = codec.decode(source.encoded(instance))
        taken = {key.partition(".")[0] for key in equalities(found)}
        if changes:
            update = self._change(changes, False)
            if isinstance(update, list):
                raise QueryError(
                    "insert= cannot be joined with a pipeline, which says itself what "
                    "a new document holds"
                )
            for operator in update.values():
                taken.update(key.partition(".")[0] for key in operator)
        return {key: value for key, value in fields.items() if key not in taken}

    def _replacement(self, document: Any) -> Any:
        source = self._source
        if source.exchange is not None and isinstance(document, Mapping):
            raise QueryError(f"a {source.owner} is needed to replace one, not a dict")
        fields = codec.decode(source.encoded(document))
        new = fields.pop("_id", UNKNOWN)
        # One that was only made by a default is not meant.
        if "id" in getattr(document, "model_fields_set", ()) and new is not UNKNOWN:
            old = self._document_id()
            if old is not UNKNOWN and not same_id(old, new):
                raise id_change(source.owner, "the replacement", old, new)
            fields = {"_id": new, **fields}
        return fields if source.exchange is None else source.exchange(fields)

    def _modify(
        self, found: Any, change: Any, options: Any, new: bool, upsert: bool
    ) -> FindAndModify[T | None]:
        self._refuse("a find-and-modify", "skip")
        return FindAndModify(
            self,
            self._source,
            found,
            change,
            options,
            self._codec(),
            read_value,
            new=new,
            upsert=upsert,
        )

    def _sent(self) -> Command:
        """The command, encoded where it is a usual one."""
        source = self._source
        if self._options is not None or self._view is not None or source.options:
            return self._command()
        head, filters = _head(source.collection), self._filters
        elements = None
        if len(filters) == 1 and type(filters[0]) is dict and not source.scope:
            natural = source.shape.natural
            elements = codec.encode_natural(head, filters[0], natural, _ONLY)
        if elements is None:
            elements = head + codec.encode(self._filter()) + _ONLY
        return First(source.database.name, elements, source.read_preference)

    def _command(self) -> Command:
        source = self._source
        return commands.find_first(
            source.database.name,
            source.collection,
            self._filter(),
            self._find_options() if self._options or source.options else None,
            source.read_preference if self._view is None else self._read_preference(),
        )


class One(FindOne[T]):
    """The first document that matches; awaited, it, or NotFoundError."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, T]:
        self._used = True
        return self._certain()

    def _certain(self) -> Generator[Any, None, T]:
        owner = self._source.owner
        found = yield from self._found()
        if found is None:
            raise NotFoundError(f"no {owner} matches")
        return found

    if TYPE_CHECKING:
        # Whatever it gives, there is one.

        def project(
            self, model: type[M], *parts: object, **computed: Any
        ) -> One[M]: ...
        def only(self, *fields: object, **computed: Any) -> One[dict[str, Any]]: ...
        def raw(self) -> One[dict[str, Any]]: ...
