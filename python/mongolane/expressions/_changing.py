"""The half of a path that makes update expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast, overload

from bson.decimal128 import Decimal128

from ..errors import QueryError
from .calls import call_text
from .changes import Change, StoredKey
from .elements import relative
from .filters import Filter, Given
from .held import Holding, HoldsItems, HoldsNumber
from .operands import (
    added,
    all_added,
    bits,
    element_sort,
    elements,
    needs,
    number,
    whole,
)
from .place import Place
from .values import stored_item

__all__ = ["Changing"]

T = TypeVar("T")
V = TypeVar("V")
Number = float | Decimal | Decimal128


def _own(path: object) -> Changing[Any]:
    """The path that a method was called on, which checkers take for what it holds."""
    return cast("Changing[Any]", path)


class Changing(Place, Holding[T]):
    """Update operators of a path; each gives a ``Change``."""

    __slots__ = ()

    def set(self, value: T | None) -> Change:
        """``$set``: store ``value``."""
        return self._change("$set", self._stored(value), "set", value)

    def set_on_insert(self, value: T | None) -> Change:
        """``$setOnInsert``: store ``value`` if the update makes a new document."""
        return self._change("$setOnInsert", self._stored(value), "set_on_insert", value)

    def unset(self) -> Change:
        """``$unset``: remove the key."""
        return self._change("$unset", "", "unset")

    def rename(self, to: object) -> Change:
        """``$rename``: move the value to another path, field or stored key."""
        name = StoredKey(to) if isinstance(to, Changing) else str(to)
        return self._change("$rename", name, "rename", to)

    def inc(self: HoldsNumber, by: Number = 1) -> Change:
        """``$inc``: add a number."""
        return _own(self)._counted("$inc", "inc", by)

    def mul(self: HoldsNumber, by: Number) -> Change:
        """``$mul``: multiply by a number."""
        return _own(self)._counted("$mul", "mul", by)

    def min(self, value: T) -> Change:
        """``$min``: store ``value`` if it is less than what is there."""
        return self._change("$min", self._stored(value), "min", value)

    def max(self, value: T) -> Change:
        """``$max``: store ``value`` if it is greater than what is there."""
        return self._change("$max", self._stored(value), "max", value)

    def current_date(self, type: Literal["date", "timestamp"] = "date") -> Change:
        """``$currentDate``: the server's time, as a ``date`` or a ``timestamp``."""
        if type not in ("date", "timestamp"):
            raise QueryError(f"{self!r}: the type is date or timestamp, not {type!r}")
        needs(self._spec, type, "$currentDate", self)
        operand: Any = True if type == "date" else {"$type": type}
        return self._change("$currentDate", operand, "current_date", type)

    def bit(self, **operation: int) -> Change:
        """``$bit``: one of ``and_=``, ``or_=``, ``xor=`` with a number."""
        names = {name.rstrip("_"): mask for name, mask in operation.items()}
        operand = bits(self._spec, names, self)
        return self._change("$bit", operand, "bit", **operation)

    @overload
    def push(
        self: HoldsItems[V],
        value: V | Mapping[str, Any] | None,
        *,
        slice: int | None = None,
        sort: Any = None,
        position: int | None = None,
    ) -> Change: ...
    @overload
    def push(
        self: HoldsItems[V],
        *,
        each: Iterable[V | Mapping[str, Any] | None],
        slice: int | None = None,
        sort: Any = None,
        position: int | None = None,
    ) -> Change: ...
    def push(
        self,
        value: Any = None,
        *,
        each: Iterable[Any] | None = None,
        slice: int | None = None,
        sort: Any = None,
        position: int | None = None,
    ) -> Change:
        """
        ``$push``: append to an array.

        Args:
            value: one element; left out when ``each`` is given.
            each: several elements.
            slice: keep so many of the first, or last if negative.
            sort: 1 or -1 for plain elements, or ``{name: direction}``, or orders.
            position: where to insert, from the end if negative.
        """
        needs(self._spec, "array", "$push", self)
        if each is not None and value is not None:
            raise QueryError(f"{self!r}.push() takes a value or each=, not both")
        order = element_sort(sort, self._key, self._spec)
        more = {"$slice": slice, "$sort": order, "$position": position}
        modifiers = {name: given for name, given in more.items() if given is not None}
        asked = {"each": each, "slice": slice, "sort": sort, "position": position}
        shown = {name: given for name, given in asked.items() if given is not None}
        if each is None and not modifiers:
            return self._change(
                "$push", _as_value(added(self._spec, value, self)), "push", value
            )
        items = [value] if each is None else each
        operand = {"$each": all_added(self._spec, items, self), **modifiers}
        return self._change(
            "$push", operand, "push", *(() if each is not None else (value,)), **shown
        )

    @overload
    def add_to_set(
        self: HoldsItems[V], value: V | Mapping[str, Any] | None
    ) -> Change: ...
    @overload
    def add_to_set(
        self: HoldsItems[V], *, each: Iterable[V | Mapping[str, Any] | None]
    ) -> Change: ...
    def add_to_set(
        self, value: Any = None, *, each: Iterable[Any] | None = None
    ) -> Change:
        """``$addToSet``: append what the array does not hold yet."""
        needs(self._spec, "array", "$addToSet", self)
        if each is None:
            operand = _as_value(added(self._spec, value, self))
            return self._change("$addToSet", operand, "add_to_set", value)
        items = all_added(self._spec, each, self)
        return self._change("$addToSet", {"$each": items}, "add_to_set", each=each)

    @overload
    def pull(self: HoldsItems[Any], value: Given) -> Change: ...
    @overload
    def pull(self: HoldsItems[V], value: V | None) -> Change: ...
    def pull(self, value: Any) -> Change:
        """
        ``$pull``: remove elements.

        Args:
            value: what they equal, or a filter on paths below this one, or on the
                elements themselves, as for ``elem_match``.
        """
        needs(self._spec, "array", "$pull", self)
        if isinstance(value, Filter):
            operand: Any = relative(value.to_filter(), self._key)
        elif isinstance(value, Mapping):
            # A mapping would be a filter to the server, so compare it as a value.
            operand = {"$eq": self._item(value)}
        else:
            operand = self._item(value)
        return self._change("$pull", operand, "pull", value)

    def pull_all(
        self: HoldsItems[V], values: Iterable[V | Mapping[str, Any] | None]
    ) -> Change:
        """``$pullAll``: remove elements that equal any of the values."""
        return _own(self)._emptied_of(values)

    def pop(self, end: int = 1) -> Change:
        """``$pop``: remove the last element, or with -1 the first."""
        needs(self._spec, "array", "$pop", self)
        if end not in (1, -1):
            raise QueryError(
                f"{self!r}.pop() takes 1 (last) or -1 (first), not {end!r}"
            )
        return self._change("$pop", end, "pop", end)

    def _stored(self, value: Any) -> Any:
        return whole(self._spec, value, self)

    def _item(self, value: Any) -> Any:
        return stored_item(self._spec, value, self)

    def _counted(self, operator: str, name: str, by: Any) -> Change:
        operand = number(self._spec, by, self, operator)
        return self._change(operator, operand, name, by)

    def _emptied_of(self, values: Any) -> Change:
        needs(self._spec, "array", "$pullAll", self)
        operand = elements(self._spec, values, self)
        return self._change("$pullAll", operand, "pull_all", values)

    def _change(
        self, operator: str, operand: Any, name: str, *args: Any, **kwargs: Any
    ) -> Change:
        return Change(
            self._key,
            operator,
            operand,
            lambda: call_text(self, self._spec, name, args, kwargs),
        )


def _as_value(item: Any) -> Any:
    """Keep a mapping from being taken for modifiers."""
    return {"$each": [item]} if isinstance(item, Mapping) else item
