"""The half of a path that makes filters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar, overload

from bson import Int64, ObjectId

from ..errors import QueryError
from .calls import call_text
from .comparisons import SYMBOLS, SameFields
from .elements import AllOf, Element
from .filters import Condition, Filter, Given, as_filter
from .geo import FlatPoint, to_area, to_geojson
from .held import HoldsItems, HoldsText
from .masking import shown
from .place import Place
from .resolve import element
from .values import (
    ANY_OF,
    as_set,
    needs_list,
    stored,
    stored_each,
    stored_forms,
    stored_item,
)

__all__ = ["Matching"]

T = TypeVar("T", contravariant=True)
V = TypeVar("V")

_TYPES = [
    "double",
    "string",
    "object",
    "array",
    "binData",
    "undefined",
    "objectId",
    "bool",
    "date",
    "null",
    "regex",
    "dbPointer",
    "javascript",
    "symbol",
    "javascriptWithScope",
    "int",
    "timestamp",
    "long",
    "decimal",
    "minKey",
    "maxKey",
    "number",
]


_DISTANCES = {"max_distance": "$maxDistance", "min_distance": "$minDistance"}


class Matching(Place, Generic[T]):
    """
    Query operators of a path; each gives a ``Filter``.

    To a type checker a value is of the field's type, or of its elements' where the
    field is an array, as for the server; an id may be text.
    """

    __slots__ = ()

    def _compare(self, operator: str, value: Any) -> Filter:
        spec = self._spec
        if type(value) is spec.natural and spec.other is None:
            # Stored as it is, and no other form of it either.
            return Condition(
                self._key,
                operator,
                value,
                lambda: f"{self!r} {SYMBOLS[operator]} {shown(spec, value)}",
            )
        if isinstance(value, Matching):
            return SameFields(self, value, operator)
        if isinstance(value, re.Pattern) and spec.natural is str:
            raise QueryError(
                f"{self!r} holds text, which never equals a pattern; write "
                f"{self!r}.regex({value!r})"
            )
        sent, operand = operator, None
        if operator in ANY_OF and (spec.other is not None or spec.item is not None):
            forms = stored_forms(spec, value, self)
            several = len(forms) > 1
            sent, operand = (ANY_OF[operator], forms) if several else (sent, forms[0])
        elif value is not None:
            operand = stored(spec, value, self)
        if (
            operator in ANY_OF
            and (asked := as_set(spec, self._key, operand)) is not None
        ):
            members = Condition(
                self._key,
                "$all",
                operand,
                lambda: f"{self!r} == {shown(spec, value)}",
                {"$size": asked["$size"]},
            )
            return members if operator == "$eq" else ~members
        return Condition(
            self._key,
            sent,
            operand,
            lambda: f"{self!r} {SYMBOLS[operator]} {shown(spec, value)}",
        )

    @overload
    def __gt__(self: Matching[list[V]], value: V) -> Filter: ...
    @overload
    def __gt__(self: Matching[tuple[V, ...]], value: V) -> Filter: ...
    @overload
    def __gt__(self: Matching[set[V]], value: V) -> Filter: ...
    @overload
    def __gt__(self: Matching[frozenset[V]], value: V) -> Filter: ...
    @overload
    def __gt__(self: Matching[Decimal], value: float) -> Filter: ...
    @overload
    def __gt__(self: Matching[Int64], value: int) -> Filter: ...
    @overload
    def __gt__(self, value: T | Matching[Any]) -> Filter: ...
    def __gt__(self, value: Any) -> Filter:
        return self._compare("$gt", value)

    @overload
    def __ge__(self: Matching[list[V]], value: V) -> Filter: ...
    @overload
    def __ge__(self: Matching[tuple[V, ...]], value: V) -> Filter: ...
    @overload
    def __ge__(self: Matching[set[V]], value: V) -> Filter: ...
    @overload
    def __ge__(self: Matching[frozenset[V]], value: V) -> Filter: ...
    @overload
    def __ge__(self: Matching[Decimal], value: float) -> Filter: ...
    @overload
    def __ge__(self: Matching[Int64], value: int) -> Filter: ...
    @overload
    def __ge__(self, value: T | Matching[Any]) -> Filter: ...
    def __ge__(self, value: Any) -> Filter:
        return self._compare("$gte", value)

    @overload
    def __lt__(self: Matching[list[V]], value: V) -> Filter: ...
    @overload
    def __lt__(self: Matching[tuple[V, ...]], value: V) -> Filter: ...
    @overload
    def __lt__(self: Matching[set[V]], value: V) -> Filter: ...
    @overload
    def __lt__(self: Matching[frozenset[V]], value: V) -> Filter: ...
    @overload
    def __lt__(self: Matching[Decimal], value: float) -> Filter: ...
    @overload
    def __lt__(self: Matching[Int64], value: int) -> Filter: ...
    @overload
    def __lt__(self, value: T | Matching[Any]) -> Filter: ...
    def __lt__(self, value: Any) -> Filter:
        return self._compare("$lt", value)

    @overload
    def __le__(self: Matching[list[V]], value: V) -> Filter: ...
    @overload
    def __le__(self: Matching[tuple[V, ...]], value: V) -> Filter: ...
    @overload
    def __le__(self: Matching[set[V]], value: V) -> Filter: ...
    @overload
    def __le__(self: Matching[frozenset[V]], value: V) -> Filter: ...
    @overload
    def __le__(self: Matching[Decimal], value: float) -> Filter: ...
    @overload
    def __le__(self: Matching[Int64], value: int) -> Filter: ...
    @overload
    def __le__(self, value: T | Matching[Any]) -> Filter: ...
    def __le__(self, value: Any) -> Filter:
        return self._compare("$lte", value)

    @overload
    def in_(
        self: Matching[list[V]], values: Iterable[V | list[V] | None]
    ) -> Filter: ...
    @overload
    def in_(self: Matching[set[V]], values: Iterable[V | set[V] | None]) -> Filter: ...
    @overload
    def in_(
        self: Matching[frozenset[V]], values: Iterable[V | frozenset[V] | None]
    ) -> Filter: ...
    @overload
    def in_(
        self: Matching[tuple[V, ...]], values: Iterable[V | tuple[V, ...] | None]
    ) -> Filter: ...
    @overload
    def in_(
        self: Matching[ObjectId], values: Iterable[ObjectId | str | None]
    ) -> Filter: ...
    @overload
    def in_(
        self: Matching[Decimal], values: Iterable[Decimal | float | None]
    ) -> Filter: ...
    @overload
    def in_(self: Matching[Int64], values: Iterable[int | None]) -> Filter: ...
    @overload
    def in_(self, values: Iterable[T | None]) -> Filter: ...
    def in_(self, values: Iterable[Any]) -> Filter:
        """``$in``: equal to any of the values."""
        return self._call("$in", self._each(values), "in_", values)

    @overload
    def not_in(
        self: Matching[list[V]], values: Iterable[V | list[V] | None]
    ) -> Filter: ...
    @overload
    def not_in(
        self: Matching[set[V]], values: Iterable[V | set[V] | None]
    ) -> Filter: ...
    @overload
    def not_in(
        self: Matching[frozenset[V]], values: Iterable[V | frozenset[V] | None]
    ) -> Filter: ...
    @overload
    def not_in(
        self: Matching[tuple[V, ...]], values: Iterable[V | tuple[V, ...] | None]
    ) -> Filter: ...
    @overload
    def not_in(
        self: Matching[ObjectId], values: Iterable[ObjectId | str | None]
    ) -> Filter: ...
    @overload
    def not_in(
        self: Matching[Decimal], values: Iterable[Decimal | float | None]
    ) -> Filter: ...
    @overload
    def not_in(self: Matching[Int64], values: Iterable[int | None]) -> Filter: ...
    @overload
    def not_in(self, values: Iterable[T | None]) -> Filter: ...
    def not_in(self, values: Iterable[Any]) -> Filter:
        """``$nin``: equal to none of the values, or not there."""
        return self._call("$nin", self._each(values), "not_in", values)

    def exists(self, present: bool = True) -> Filter:
        """``$exists``: the key is there, even if it holds null."""
        return self._call("$exists", present, "exists", present)

    def type(self, *types: str | int | Sequence[str | int]) -> Filter:
        """``$type``: of one of the BSON types, by name or number."""
        if len(types) == 1 and isinstance(types[0], (list, tuple)):
            types = tuple(types[0])
        for one in types:
            if one not in _TYPES and type(one) is not int:
                raise QueryError(
                    f"{self!r}.type(): {one!r} is no BSON type; they are "
                    + ", ".join(_TYPES)
                )
        if not types:
            raise QueryError(f"{self!r}.type() needs at least one type")
        operand = types[0] if len(types) == 1 else list(types)
        return self._call("$type", operand, "type", *types)

    def mod(self, divisor: int, remainder: int = 0) -> Filter:
        """``$mod``: the remainder of a division."""
        return self._call("$mod", [divisor, remainder], "mod", divisor, remainder)

    def regex(self, pattern: str | re.Pattern[str], options: str = "") -> Filter:
        """
        ``$regex``: the text matches a pattern.

        Args:
            pattern: in the server's syntax (PCRE), or a compiled Python pattern,
                whose flags are kept.
            options: letters of ``imsxu``.
        """
        if isinstance(pattern, re.Pattern):
            options = options or _letters(pattern.flags)
            text = pattern.pattern
        else:
            text = pattern
        if not isinstance(text, str):
            raise QueryError(f"{self!r}: a pattern is text, not {pattern!r}")
        more = {"$options": options} if options else None
        args = (pattern, options) if options else (pattern,)
        return self._call("$regex", text, "regex", *args, _more=more)

    def match(self, pattern: str | re.Pattern[str], options: str = "") -> Filter:
        """The same as ``regex``."""
        return self.regex(pattern, options)

    def starts_with(self, text: str) -> Filter:
        """The text begins with ``text``, which is no pattern; an index serves it."""
        return self._call("$regex", "^" + _escaped(text), "starts_with", text)

    @overload
    def contains(self: HoldsText, value: str) -> Filter: ...
    @overload
    def contains(self: HoldsItems[V], value: V | Mapping[str, Any]) -> Filter: ...
    def contains(self, value: Any) -> Filter:
        """An array field holds ``value``; a text field has it as a part, as written."""
        spec = self._spec
        if spec.item is None and spec.encode is not None and not spec.open:
            if not isinstance(value, str):
                raise QueryError(f"{self!r} is no array; contains() needs text")
            return self._call("$regex", _escaped(value), "contains", value)
        return self._call("$eq", self._item(value), "contains", value)

    def all(self, values: Iterable[Any]) -> Filter:
        """
        ``$all``: an array that holds each of the values.

        Args:
            values: values, or conditions on elements, all of them by ``elem_match`` of
                this path.
        """
        values = needs_list(self._spec, values, self)
        if values and all(isinstance(value, Filter) for value in values):
            return AllOf(self, [self._own_element(one) for one in values])
        operand = [self._item(value) for value in values]
        for value in operand:
            # The one place where the server takes a value in a list for an operator.
            if isinstance(value, Mapping) and "$elemMatch" in value:
                raise QueryError(f"{self!r}.all() takes values, not {value!r}")
        return self._call("$all", operand, "all", values)

    def size(self, length: int) -> Filter:
        """``$size``: an array of so many elements."""
        return self._call("$size", length, "size", length)

    def elem_match(self, *conditions: Given) -> Filter:
        """
        ``$elemMatch``: one element meets all of the conditions.

        Args:
            conditions: on paths below this one (``User.items.price > 3``), on the
                elements themselves (``User.tags.each > 3``), or a dict.
        """
        parts = [
            element(self._spec, one, self)
            if isinstance(one, Mapping)
            else as_filter(one)
            for one in conditions
        ]
        operand = Element(self._key, parts)
        return self._call("$elemMatch", operand, "elem_match", *conditions)

    def _own_element(self, condition: Any) -> Filter:
        own = isinstance(condition, Condition) and condition.is_on(
            self._key, "$elemMatch"
        )
        if not own:
            raise QueryError(
                f"{self!r}.all() takes values, or conditions by {self!r}.elem_match(), "
                f"not {condition!r}"
            )
        return condition  # type: ignore[no-any-return]

    def bits_all_set(self, mask: int | bytes | list[int]) -> Filter:
        """``$bitsAllSet``: by number, bytes, or positions."""
        return self._call("$bitsAllSet", mask, "bits_all_set", mask)

    def bits_any_set(self, mask: int | bytes | list[int]) -> Filter:
        """``$bitsAnySet``: by number, bytes, or positions."""
        return self._call("$bitsAnySet", mask, "bits_any_set", mask)

    def bits_all_clear(self, mask: int | bytes | list[int]) -> Filter:
        """``$bitsAllClear``: by number, bytes, or positions."""
        return self._call("$bitsAllClear", mask, "bits_all_clear", mask)

    def bits_any_clear(self, mask: int | bytes | list[int]) -> Filter:
        """``$bitsAnyClear``: by number, bytes, or positions."""
        return self._call("$bitsAnyClear", mask, "bits_any_clear", mask)

    def near(
        self,
        point: Any,
        *,
        max_distance: float | None = None,
        min_distance: float | None = None,
    ) -> Filter:
        """
        ``$near``: nearest first.

        Args:
            point: a GeoJSON point, which needs a 2dsphere index, with distances in
                metres; or a ``FlatPoint``, which needs a 2d index, with distances in
                the coordinates' own unit.
            max_distance: not farther than this.
            min_distance: not nearer than this.
        """
        return self._near("$near", "near", point, max_distance, min_distance)

    def near_sphere(
        self,
        point: Any,
        *,
        max_distance: float | None = None,
        min_distance: float | None = None,
    ) -> Filter:
        """``$nearSphere``: as ``near``; from a ``FlatPoint``, distances in radians."""
        return self._near(
            "$nearSphere", "near_sphere", point, max_distance, min_distance
        )

    def geo_within(self, shape: Any) -> Filter:
        """``$geoWithin``: inside a geometry, or a flat ``Box``, ``Center``..."""
        return self._call("$geoWithin", to_area(shape), "geo_within", shape)

    def geo_intersects(self, geometry: Any) -> Filter:
        """``$geoIntersects``: has a point in common with a geometry."""
        operand = {"$geometry": to_geojson(geometry)}
        return self._call("$geoIntersects", operand, "geo_intersects", geometry)

    def _near(
        self, operator: str, name: str, point: Any, most: Any, least: Any
    ) -> Filter:
        given = {"max_distance": most, "min_distance": least}
        given = {key: value for key, value in given.items() if value is not None}
        distances = {_DISTANCES[key]: value for key, value in given.items()}
        more = distances if isinstance(point, FlatPoint) else None
        operand: Any
        if isinstance(point, FlatPoint):
            operand = point.to_position()
        else:
            operand = {"$geometry": to_geojson(point), **distances}
        return self._call(operator, operand, name, point, _more=more, **given)

    def _each(self, values: Iterable[Any]) -> list[Any]:
        return stored_each(self._spec, values, self)

    def _item(self, value: Any) -> Any:
        return stored_item(self._spec, value, self)

    def _call(
        self,
        operator: str,
        operand: Any,
        name: str,
        *args: Any,
        _more: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Filter:
        return Condition(
            self._key,
            operator,
            operand,
            lambda: call_text(self, self._spec, name, args, kwargs),
            _more,
        )


def _letters(flags: int) -> str:
    letters = {re.I: "i", re.M: "m", re.S: "s", re.X: "x"}
    return "".join(letter for flag, letter in letters.items() if flags & flag)


def _escaped(text: Any) -> str:
    if not isinstance(text, str):
        raise QueryError(f"text is needed, not {text!r}")
    return re.escape(text)
