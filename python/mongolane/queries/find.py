"""Finds of many documents."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, Self, TypeVar, overload

from .. import commands
from ..abc import Reply
from ..commands import Command
from ..errors import DocumentDecodeError
from ..expressions.changes import GivenChange
from ..expressions.filters import Given
from ..expressions.path import Path, S
from ..expressions.shape import FieldSpec
from .aggregate import Aggregate
from .ask import Ask
from .cursor import Rows, collect
from .delete import Delete
from .find_and_modify import FindAndModify
from .find_one import FindOne, One
from .json import Json
from .options import non_negative, to_key
from .reading import BYTES, DICTS, OnInvalid
from .selection import Selection
from .update import Update

__all__ = ["Find"]

T = TypeVar("T", covariant=True)
M = TypeVar("M")

# A limit up to this is asked for in one reply; the server still ends it at 16 MB.
_AT_ONCE = 10_000


class Find(Selection[T]):
    """
    All documents that match; awaited, a list of them.

    ``async for`` reads them batch by batch and keeps none.
    """

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, list[T]]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> list[T]:
        lane = self._source.database.lane
        return await collect(lane, self._command(), self._codec().decode_reply)

    def __aiter__(self) -> Rows[T]:
        return self.cursor()

    async def to_list(self) -> list[T]:
        """All documents: the same as awaiting the query."""
        return await self

    def cursor(self) -> Rows[T]:
        """The documents one by one; ``async with`` frees what is left on the server."""
        self._used = True
        lane = self._source.database.lane
        return Rows(lane, self._command(), self._codec().decode_reply)

    # How many, and how.

    def limit(self, count: int) -> Self:
        """At most ``count``; 0 means all."""
        self._used = True
        return self._with(limit=non_negative("limit", count) or None)

    def batch_size(self, count: int) -> Self:
        """So many in each reply."""
        self._used = True
        return self._with(batchSize=non_negative("batch_size", count) or None)

    # What comes back.

    def project(self, model: type[M], *parts: object, **computed: Any) -> Find[M]:
        """
        As instances of another model, and no more than it needs.

        Its fields are filled from this class's fields of the same names.

        Args:
            model: a pydantic model; this class itself, for ``parts`` of its arrays.
            parts: ``User.items.slice(3)``, ``User.items.elem_match(...)``, or
                ``User.items.matched``, the element that the filter has found.
            computed: what the server fills a field with: an aggregation expression, or
                ``meta("textScore")``.
        """
        changed = self._projected(model, parts, computed)
        found: Find[M] = self._as(Find, **changed)
        return found

    def only(self, *fields: object, **computed: Any) -> Find[dict[str, Any]]:
        """
        Dicts with these fields alone, under their stored keys.

        Args:
            fields: paths and names; of arrays, parts as for ``project``.
            computed: aggregation expressions, and ``meta("textScore")``, by their keys.
        """
        found: Find[dict[str, Any]] = self._as(Find, **self._some(fields, computed))
        return found

    def raw(self) -> Find[dict[str, Any]]:
        """Dicts as they are stored."""
        found: Find[dict[str, Any]] = self._as(Find, **self._viewed(DICTS))
        return found

    def bson(self) -> Find[bytes]:
        """The documents' BSON."""
        found: Find[bytes] = self._as(Find, **self._viewed(BYTES))
        return found

    @overload
    def on_invalid(
        self,
        policy: Literal["raise", "skip"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> Find[T]: ...
    @overload
    def on_invalid(
        self,
        policy: Literal["raw"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> Find[T | dict[str, Any]]: ...
    def on_invalid(
        self,
        policy: OnInvalid,
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> Find[Any]:
        """
        What to do with stored documents that do not fit the model.

        Args:
            policy: ``raise`` a DocumentDecodeError, ``skip`` them, or give them
                ``raw``, as dicts.
            collect: called with the error of each: ``errors.append``.
        """
        self._used = True
        return self._derived(view=self._lenient(policy, collect))

    # Other questions.

    def first(self) -> FindOne[T]:
        """The first document, or None."""
        found: FindOne[T] = object.__new__(FindOne)
        found._source = self._source
        found._filters = self._filters
        found._options = self._options
        found._view = self._view
        # As ``_come_from`` does, without a call.
        self._used = True
        found._used = False
        found._code, found._offset = self._code, self._offset
        return found

    def one_or_raise(self) -> One[T]:
        """The first document; NotFoundError if there is none."""
        found: One[T] = self._as(One)
        return found

    def count(self) -> Ask[int]:
        """How many match; skip and limit count, too."""
        return Ask(self, self._source.database, self._count_command, _count_of)

    def exists(self) -> Ask[bool]:
        """Whether any document matches."""
        return Ask(self, self._source.database, self._exists_command, _any_in)

    @overload
    def distinct(  # type: ignore[overload-overlap]
        self, field: Path[S] | Path[list[S]]
    ) -> Ask[list[S]]: ...
    @overload
    def distinct(
        self, field: Path[S | None] | Path[list[S] | None]
    ) -> Ask[list[S | None]]: ...
    @overload
    def distinct(self, field: object) -> Ask[list[Any]]: ...
    def distinct(self, field: Any) -> Ask[Any]:
        """
        The different values of a field, or of an array's elements, as instances have
        them.

        What does not fit its class is given as it is stored. Typed where no overload
        has to choose: not of a Decimal or an Enum.
        """
        self._used = True
        source = self._source
        key = to_key(field, source.shape)
        spec = field._spec if isinstance(field, Path) else source.shape.locate(key)[1]

        def make() -> Command:
            return commands.distinct(
                source.database.name,
                source.collection,
                key,
                self._filter(),
                self._merged_options(),
                self._read_preference(),
            )

        return Ask(self, source.database, make, partial(_values_of, spec.item or spec))

    def json(self) -> Json:
        """Bytes of a JSON array of all documents, for a response."""
        return Json(self, self._source, self._command, self._codec().json_reply)

    def aggregate(
        self, pipeline: Sequence[Mapping[str, Any]]
    ) -> Aggregate[dict[str, Any]]:
        """A pipeline over what matches, in this order, skipped and limited."""
        return Aggregate(
            self._source,
            pipeline,
            before=self._stages(),
            options=self._options,
            read_preference=self._read_preference(),
            allow_javascript=self._view is not None and self._view.allow_javascript,
        )._from(self)

    # Writes.

    def update(
        self,
        *changes: GivenChange,
        array_filters: Given | Iterable[Given] | None = None,
        upsert: bool = False,
    ) -> Update:
        """
        Change all that match.

        Args:
            changes: ``User.age.inc(1)``, dicts, or one pipeline.
            array_filters: for ``User.items.filtered("x")``.
            upsert: make a document when none matches.
        """
        self._used = True
        self._refuse("an update of all that match", "skip", "limit")
        found, change = self._filter_and_change(changes, upsert)
        return Update(
            self,
            self._source,
            found,
            change,
            {**self._update_options(array_filters, change), "sort": None},
            multi=True,
            upsert=upsert,
        )

    def delete(self) -> Delete:
        """Remove all that match."""
        self._used = True
        self._refuse("a delete of all that match", "skip", "limit")
        return Delete(
            self, self._source, self._filter(), self._merged_options(), multi=True
        )

    def upsert(
        self,
        *changes: GivenChange,
        insert: T | None = None,
        array_filters: Given | Iterable[Given] | None = None,
    ) -> FindAndModify[tuple[T, bool]]:
        """
        Change the document that matches, or make it: ``(document, created)``.

        Args:
            changes: what to change in either case.
            insert: an instance, for the fields of a new document that neither the
                filter nor ``changes`` set.
            array_filters: for ``User.items.filtered("x")``.
        """
        found = self.first()
        return found.upsert(*changes, insert=insert, array_filters=array_filters)

    def _command(self) -> Command:
        source = self._source
        options = self._find_options()
        if options and 0 < options.get("limit", 0) <= _AT_ONCE:
            options = _at_once(options)
        return commands.find(
            source.database.name,
            source.collection,
            self._filter(),
            options,
            self._read_preference(),
        )

    def _exists_command(self) -> Command:
        options = {**(self._find_options() or {}), "projection": {"_id": 1}}
        options.pop("sort", None)
        source = self._source
        return commands.find_first(
            source.database.name,
            source.collection,
            self._filter(),
            options,
            self._read_preference(),
        )

    def _stages(self) -> list[dict[str, Any]]:
        options = self._options or {}
        stages: list[dict[str, Any]] = []
        if filter := self._filter():
            stages.append({"$match": filter})
        for name in ("sort", "skip", "limit"):
            if options.get(name):
                stages.append({f"${name}": options[name]})
        return stages


def _at_once(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Options with which all that a limit lets through comes in the first reply.

    Without a batch size that has 101 documents. One more than the limit, so that the
    server closes the cursor (CRUD specification, "Combining limit and batch size").
    """
    size = options.get("batchSize") or options["limit"]
    if size < options["limit"]:
        return options
    return {**options, "batchSize": options["limit"] + 1}


def _count_of(reply: Reply) -> int:
    if reply.namespace is None:
        # By the command of that name: no cursor.
        return int(reply.document()["n"])
    rows = reply.documents()
    return int(rows[0]["n"]) if rows else 0


def _any_in(reply: Reply) -> bool:
    return len(reply) > 0


def _values_of(spec: FieldSpec, reply: Reply) -> list[Any]:
    values = list(reply.document()["values"])
    return values if spec.decode is None else [*map(spec.decode, values)]
