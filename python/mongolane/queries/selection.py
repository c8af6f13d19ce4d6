"""What finds have in common: a source, filters, options, and how rows are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from sys import _getframe
from typing import Any, Final, Generic, Self, TypeVar

from .. import commands
from ..abc import ModelCodec
from ..commands import Command
from ..commands.options import pick
from ..errors import DocumentDecodeError, QueryError, UnknownFieldError
from ..expressions.array_filters import to_array_filters
from ..expressions.filters import Given
from ..expressions.identity import equalities, fixed_id
from ..expressions.masking import shown_filter
from ..expressions.resolve import fits_match, simple_filter, to_filter
from ..expressions.shape import Shape
from ..expressions.updates import simple_update, to_update
from ._query import OWN
from ._tuned import Tuned
from .options import (
    concerns,
    index_bounds,
    non_negative,
    to_sort,
)
from .projections import of_fields, of_target
from .reading import DICTS, OnInvalid, checked_policy, lenient
from .source import Source

__all__ = ["Selection", "View"]

T = TypeVar("T", covariant=True)

# Of a document that is made, these make nothing.
_TAKE_AWAY = {"$unset", "$rename", "$pull", "$pullAll", "$pop"}


@dataclass(frozen=True, slots=True)
class View:
    """
    What few queries ask for.

    Attributes:
        codec: reads rows instead of the source's.
        policy: what to do with documents that do not fit.
        collect: called with the error of each.
        read_preference: instead of the source's.
        allow_javascript: instead of the source's.
    """

    codec: ModelCodec[Any] | None = None
    policy: OnInvalid = "raise"
    collect: Callable[[DocumentDecodeError], object] | None = None
    read_preference: Any = None
    allow_javascript: bool = False


_PLAIN_VIEW: Final = View()


class Selection(Tuned, Generic[T]):
    """
    Documents of a source that match filters.

    Immutable: each method gives a new query and leaves this one as it is. A method
    that may refuse what it is given counts this query as used at once, so that its
    error is not followed by a warning.
    """

    __slots__ = ("_filters", "_options", "_source", "_view")

    def __init__(
        self,
        source: Source[Any],
        filters: tuple[Any, ...] = (),
        options: Mapping[str, Any] | None = None,
        view: View | None = None,
    ) -> None:
        self._used = False
        self._source = source
        self._filters = filters
        self._options = options
        self._view = view
        # As ``_begin`` does, without a call.
        frame: Any = _getframe(1)
        code = frame.f_code
        while OWN[code.co_filename] and frame.f_back is not None:
            frame = frame.f_back
            code = frame.f_code
        self._code = code
        self._offset = frame.f_lasti

    # What to find.

    def where(self, *filters: Given) -> Self:
        """Documents that match these filters, too."""
        return self._derived(filters=self._filters + filters)

    def sort(self, *orders: object) -> Self:
        """
        In this order; replaces an earlier one.

        Args:
            orders: ``desc(User.age)``, ``-User.age``, ``User.age``, ``"-age"``, or a
                sort document.
        """
        self._used = True
        return self._with(sort=to_sort(orders, self._source.shape) or None)

    def skip(self, count: int) -> Self:
        """Without the first ``count``."""
        self._used = True
        return self._with(skip=non_negative("skip", count) or None)

    # How to find.

    def with_options(
        self,
        *,
        read_preference: Any = None,
        read_concern: Any = None,
        write_concern: Any = None,
        allow_javascript: bool | None = None,
        allow_disk_use: bool | None = None,
        allow_partial_results: bool | None = None,
        no_cursor_timeout: bool | None = None,
        return_key: bool | None = None,
        show_record_id: bool | None = None,
        min: Any = None,
        max: Any = None,
    ) -> Self:
        """
        Options of this query alone.

        Args:
            read_preference: a ``pymongo.read_preferences`` mode.
            read_concern: ``"majority"``, a dict, or PyMongo's class.
            write_concern: ``1``, ``"majority"``, a dict, or PyMongo's class.
            allow_javascript: let ``$where`` and its kin pass in dict filters.
            allow_disk_use: let the server sort on disk.
            allow_partial_results: go on without shards that do not answer.
            no_cursor_timeout: let the server keep the cursor however long it idles.
            return_key: give only the index's keys; for ``raw()``.
            show_record_id: give ``$recordId`` as well; for ``raw()``.
            min: where to begin in the index of ``hint()``: ``{"age": 18}``.
            max: where to end in it, this value left out.
        """
        self._used = True
        shape = self._source.shape
        given = {
            "allowDiskUse": allow_disk_use,
            "allowPartialResults": allow_partial_results,
            "noCursorTimeout": no_cursor_timeout,
            "returnKey": return_key,
            "showRecordId": show_record_id,
            "min": index_bounds("min", min, shape),
            "max": index_bounds("max", max, shape),
        }
        changed = concerns(read_concern, write_concern)
        changed |= {name: one for name, one in given.items() if one is not None}
        view = self._view or _PLAIN_VIEW
        if read_preference is not None:
            view = replace(view, read_preference=read_preference)
        if allow_javascript is not None:
            view = replace(view, allow_javascript=allow_javascript)
        derived: Self = self._with(**changed)._derived(view=view)
        return derived

    # For the queries made of this one.

    def _derived(self, **changed: Any) -> Self:
        derived: Self = self._as(type(self), **changed)
        return derived

    def _as(self, cls: Any, **changed: Any) -> Any:
        """A query of another class with what this one holds."""
        new = object.__new__(cls)
        new._source = self._source
        new._filters = changed.get("filters", self._filters)
        new._options = changed.get("options", self._options)
        new._view = changed.get("view", self._view)
        new._come_from(self)
        return new

    def _with(self, **options: Any) -> Self:
        return self._derived(options={**(self._options or {}), **options})

    def _viewed(self, codec: ModelCodec[Any]) -> dict[str, Any]:
        """What changes for other rows: arguments of ``_as``."""
        return {"view": replace(self._view or _PLAIN_VIEW, codec=codec)}

    def _fetched(self, codec: ModelCodec[Any], projection: Any) -> dict[str, Any]:
        """The same, and for other fields."""
        options = {**(self._options or {}), "projection": projection}
        return {**self._viewed(codec), "options": options}

    def _projected(
        self, model: type[Any], parts: tuple[Any, ...], computed: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What changes for instances of another model: arguments of ``_as``."""
        self._used = True
        source = self._source
        view = source.view or source.target
        if view is None:
            raise QueryError(f"{source.owner} cannot be projected into {model!r}")
        target = view(model)
        projection = of_target(target, parts, computed, source.shape)
        return self._fetched(target.codec, projection)

    def _some(
        self, fields: tuple[Any, ...], computed: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What changes for dicts of some fields: arguments of ``_as``."""
        self._used = True
        return self._fetched(DICTS, of_fields(fields, computed, self._source.shape))

    def _filter(self, upsert: bool = False) -> dict[str, Any]:
        """The filter document, bound by the source's scope."""
        source, view, filters = self._source, self._view, self._filters
        if len(filters) == 1 and not upsert and not source.scope:
            # As short as most filters are.
            plain = simple_filter(filters[0], source.shape)
            if plain is not None:
                return plain
        allowed = source.allow_javascript
        if view is not None and view.allow_javascript:
            allowed = True
        if not self._filters:
            return dict(source.scope) if source.scope else {}
        # What an upsert's filter says is stored.
        shape = source.shape.strict if upsert else source.shape
        found = to_filter(self._filters, shape, allowed)
        if upsert:
            refuse_made_arrays(found, shape)
        return scoped(found, source.scope) if source.scope else found

    def _merged_options(self) -> dict[str, Any]:
        """The source's options and this query's own; some may be None."""
        if not self._options and not self._source.options:
            return {}
        return {**(self._source.options or {}), **(self._options or {})}

    def _find_options(self) -> Mapping[str, Any] | None:
        if not self._source.options and not self._options:
            return None
        return pick(self._merged_options(), commands.find_options)

    def _read_preference(self) -> Any:
        view = self._view
        if view is not None and view.read_preference is not None:
            return view.read_preference
        return self._source.read_preference

    def _codec(self) -> ModelCodec[Any]:
        view = self._view or _PLAIN_VIEW
        codec = view.codec or self._source.codec
        return lenient(codec, view.policy, view.collect, self._source.owner)

    def _count_command(self) -> Command:
        source, filter = self._source, self._filter()
        count = commands.count if fits_match(filter) else commands.plain_count
        return count(
            source.database.name,
            source.collection,
            filter,
            self._merged_options(),
            self._read_preference(),
        )

    def _lenient(
        self,
        policy: OnInvalid,
        collect: Callable[[DocumentDecodeError], object] | None,
    ) -> View:
        """The view with another policy for documents that do not fit."""
        view = self._view or _PLAIN_VIEW
        return replace(view, policy=checked_policy(policy), collect=collect)

    def _document_id(self) -> Any:
        """The ``_id`` that the filter asks for, if it asks for one."""
        return fixed_id(self._filter())

    def _change(self, changes: tuple[Any, ...], upsert: bool) -> Any:
        """The update, with what every write sets."""
        source = self._source
        change = to_update(
            changes, source.shape, source.allow_javascript, self._document_id
        )
        return source.touched(change, upsert, self._document_id)

    def _filter_and_change(
        self, changes: tuple[Any, ...], upsert: bool
    ) -> tuple[dict[str, Any], Any]:
        """What is changed, and how; an upsert must make what can be read."""
        found, change = self._filter(upsert), self._change(changes, upsert)
        if upsert:
            refuse_incomplete(found, change, self._source.shape)
        return found, change

    def _simple_change(self, changes: tuple[Any, ...]) -> Any:
        """The update, if it is one of whole fields and no more belongs to it; None."""
        source = self._source
        more = self._options or source.options or source.touch is not None
        if more or len(changes) != 1:
            return None
        return simple_update(changes[0], source.shape)

    def _update_options(self, array_filters: Any, change: Any) -> dict[str, Any]:
        """Options that an update has beyond those of its query."""
        options = self._merged_options()
        if filters := to_array_filters(array_filters, change, self._source.shape):
            options["arrayFilters"] = filters
        return options

    def _refuse(self, what: str, *names: str) -> None:
        """Raise for a window that a write would not keep."""
        if not self._options:
            return
        given = [name for name in names if self._options.get(name)]
        if given:
            raise QueryError(
                f"{what} cannot keep {' and '.join(given)}; find the documents first, "
                "and write them by their ids"
            )

    def __repr__(self) -> str:
        shape = self._source.shape
        shown = ", ".join(shown_filter(one, shape) for one in self._filters)
        return f"<{type(self).__name__} of {self._source.owner}: {shown}>"


def refuse_made_arrays(found: Mapping[str, Any], shape: Shape) -> None:
    """
    Refuse an upsert whose filter would make a document where the class has an array.

    A server stores what a filter compares for equality: of ``items.k`` equal to 1, it
    makes ``{"items": {"k": 1}}``, which no list is.
    """
    for key in equalities(found):
        steps = key.split(".")
        for at in range(1, len(steps)):
            above = ".".join(steps[:at])
            try:
                spec = shape.locate(above)[1]
            except UnknownFieldError:
                break
            if spec.item is not None:
                raise QueryError(
                    f"an upsert by {key!r} would store no array under {above!r} of "
                    f"{shape.owner}; ask with elem_match()"
                )


def refuse_incomplete(found: Mapping[str, Any], change: Any, shape: Shape) -> None:
    """Refuse an upsert that would make a document without what the class must have."""
    if not isinstance(change, Mapping):
        return
    making = (keys for operator, keys in change.items() if operator not in _TAKE_AWAY)
    made = [*equalities(found), *(key for keys in making for key in keys)]
    given = {key.partition(".")[0] for key in made}
    required = [one.name for one in shape.specs() if one.required]
    lacking = [name for name in required if shape.locate(name)[0] not in given]
    if lacking:
        raise QueryError(
            f"a {shape.owner} that this upsert makes could not be read without "
            f"{', '.join(map(repr, lacking))}; upsert(..., insert={shape.owner}(...)) "
            "gives the rest"
        )


def scoped(found: dict[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    """``found`` bound by ``scope``."""
    if found.keys().isdisjoint(scope):
        return {**found, **scope}
    return {"$and": [found, dict(scope)]}
