"""Filters as values: conditions, and how ``&``, ``|`` and ``~`` join them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from ..errors import QueryError
from .values import LEAVES

__all__ = [
    "And",
    "Condition",
    "Filter",
    "Given",
    "Nor",
    "Not",
    "Or",
    "Raw",
    "Resolve",
    "as_filter",
    "merged",
]

Show = Callable[[Mapping[Any, Any]], str]

Resolve = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Maps the names of a raw dict filter to stored keys; ``queries`` knows how."""


class Filter:
    """
    A condition on documents; join several with ``&``, ``|`` and ``~``.

    Immutable, equal by what it means to the server. Its repr can be pasted, but for
    secrets, which are not shown.
    """

    __slots__ = ()

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        """
        The filter document, with stored keys.

        Args:
            resolve: applied to each raw dict among the parts.
        """
        raise NotImplementedError

    def shown(self, show: Show) -> str:
        """The repr where a class is known; ``show`` writes a raw dict."""
        return repr(self)

    def __and__(self, other: Given) -> Filter:
        return And.of((self, other))

    def __rand__(self, other: Mapping[str, Any] | bool) -> Filter:
        return And.of((other, self))

    def __or__(self, other: Given) -> Filter:
        return Or.of((self, other))

    def __ror__(self, other: Mapping[str, Any] | bool) -> Filter:
        return Or.of((other, self))

    def __invert__(self) -> Filter:
        return Nor((self,))

    def __bool__(self) -> NoReturn:
        raise QueryError(
            f"{self!r} is a filter and neither true nor false; join filters with "
            "& | ~ (each side in parentheses), not with and, or, not; write "
            "(a < path) & (path < b) for a chain, and .in_() for in"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and self.to_filter() == other.to_filter()

    def __hash__(self) -> int:
        # Only the top keys: equal filters have them, and values may not be hashable.
        return hash(tuple(sorted(self.to_filter())))


Given = Filter | Mapping[str, Any] | bool
"""
What stands where a filter is wanted: an expression or a dict.

Bool, since that is what comparing a plain annotation's field is to a type checker; a
real one is refused.
"""


class Raw(Filter):
    """A dict filter among expressions; its names are mapped when the query runs."""

    __slots__ = ("_document",)

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        return dict(self._document) if resolve is None else resolve(self._document)

    def __repr__(self) -> str:
        return f"Raw({self._document!r})"

    def shown(self, show: Show) -> str:
        return f"Raw({show(self._document)})"


_LEAVES = frozenset(LEAVES)


class Condition(Filter):
    """
    One operator on one field.

    Args:
        key: the stored path.
        operator: its operator; ``$eq`` may be left out by ``to_filter``.
        operand: in stored form.
        shown: gives the expression as it was written.
        more: operators that belong to this one (``$options``).
    """

    __slots__ = ("_key", "_more", "_operand", "_operator", "_shown")

    def __init__(
        self,
        key: str,
        operator: str,
        operand: Any,
        shown: Callable[[], str],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self._key = key
        self._operator = operator
        self._operand = operand
        self._shown = shown
        self._more = more

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        operand = self._operand
        if isinstance(operand, Filter):
            operand = operand.to_filter(resolve)
        if self._operator == "$eq" and isinstance(operand, LEAVES):
            return {self._key: operand}
        return {self._key: {self._operator: operand, **(self._more or {})}}

    def plain(self) -> dict[str, Any] | None:
        """The filter, if it is an equality with a value that holds nothing else."""
        if self._operator == "$eq" and type(self._operand) in _LEAVES:
            return {self._key: self._operand}
        return None

    def is_on(self, key: str, operator: str) -> bool:
        """Whether it is this operator on this path."""
        return self._key == key and self._operator == operator

    def __invert__(self) -> Filter:
        opposite = _OPPOSITES.get(self._operator)
        if opposite is None:
            return Not(self)
        return Condition(
            self._key, opposite, self._operand, lambda: f"~({self._shown()})"
        )

    def __repr__(self) -> str:
        return self._shown()


# $lt is not the opposite of $gte: neither matches a missing field.
_OPPOSITES = {"$eq": "$ne", "$ne": "$eq", "$in": "$nin", "$nin": "$in"}


class Not(Filter):
    """``$not``: a condition on a field does not hold, or the field is missing."""

    __slots__ = ("_condition",)

    def __init__(self, condition: Condition) -> None:
        self._condition = condition

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        [(key, value)] = self._condition.to_filter(resolve).items()
        return {key: {"$not": value}}

    def __invert__(self) -> Filter:
        return self._condition

    def __repr__(self) -> str:
        return f"~({self._condition!r})"


class _Joined(Filter):
    __slots__ = ("_parts",)
    _symbol = ""

    def __init__(self, parts: tuple[Filter, ...]) -> None:
        self._parts = parts

    @classmethod
    def of(cls, parts: Iterable[Any]) -> Filter:
        """The parts joined; parts of the same kind are taken apart first."""
        flat: list[Filter] = []
        for part in map(as_filter, parts):
            flat.extend(part._parts if type(part) is cls else (part,))
        return flat[0] if len(flat) == 1 else cls(tuple(flat))

    def __repr__(self) -> str:
        return self._symbol.join(f"({part!r})" for part in self._parts)

    def shown(self, show: Show) -> str:
        return self._symbol.join(f"({part.shown(show)})" for part in self._parts)


class And(_Joined):
    """All of the parts; of none, any document."""

    __slots__ = ()
    _symbol = " & "

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        return merged(part.to_filter(resolve) for part in self._parts)

    def __repr__(self) -> str:
        return super().__repr__() or "And(())"


class Or(_Joined):
    """Any of the parts."""

    __slots__ = ()
    _symbol = " | "

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        return {"$or": [part.to_filter(resolve) for part in self._parts]}

    def __invert__(self) -> Filter:
        return Nor(self._parts)


class Nor(Filter):
    """None of the parts."""

    __slots__ = ("_parts",)

    def __init__(self, parts: tuple[Filter, ...]) -> None:
        self._parts = parts

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        return {"$nor": [part.to_filter(resolve) for part in self._parts]}

    def __invert__(self) -> Filter:
        return Or.of(self._parts)

    def __repr__(self) -> str:
        if len(self._parts) == 1:
            return f"~({self._parts[0]!r})"
        return "~(" + " | ".join(f"({part!r})" for part in self._parts) + ")"

    def shown(self, show: Show) -> str:
        return "~(" + " | ".join(f"({part.shown(show)})" for part in self._parts) + ")"


class NotAFilterError(QueryError, TypeError):
    """Neither an expression nor a mapping; motormongo raised a TypeError."""


def as_filter(value: Any) -> Filter:
    """
    A filter from what a user gave.

    Raises:
        QueryError: for anything but an expression or a mapping; a TypeError as well.
    """
    if isinstance(value, Filter):
        return value
    if isinstance(value, Mapping):
        return Raw(value)
    if isinstance(value, bool):
        raise QueryError(
            f"{value!r} is no filter; was a class's field compared, or an instance's?"
        )
    # Never the value: it may hold what is kept hashed.
    name = type(value).__name__
    raise NotAFilterError(f"a filter is an expression or a dict, not a {name}")


def merged(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """
    One filter document that asks for all of ``documents``.

    Conditions on the same field become one where that means the same to the server,
    and parts of ``$and`` otherwise.
    """
    result: dict[str, Any] = {}
    rest: list[Any] = []
    for document in documents:
        if document.keys() == {"$and"}:
            rest.extend(document["$and"])
        elif not _merge_into(result, document):
            rest.append(dict(document))
    if rest:
        result["$and"] = [*result.get("$and", ()), *rest]
    return result


def _merge_into(result: dict[str, Any], document: Mapping[str, Any]) -> bool:
    common = result.keys() & document.keys()
    # Of operators at the top (two $expr), both are meant.
    if any(key[:1] == "$" for key in common) or not all(
        _disjoint(result[key], document[key]) for key in common
    ):
        return False
    for key, value in document.items():
        result[key] = {**result[key], **value} if key in common else value
    return True


def _disjoint(one: Any, other: Any) -> bool:
    return _is_operators(one) and _is_operators(other) and not one.keys() & other.keys()


def _is_operators(value: Any) -> bool:
    """Whether a mapping holds operators only, and those stand for themselves."""
    return (
        type(value) is dict
        and bool(value)
        and all(key[:1] == "$" and key not in _NEVER_MERGED for key in value)
    )


# $options belongs to its $regex, the distances to their $near.
_NEVER_MERGED = frozenset(
    {"$options", "$near", "$nearSphere", "$maxDistance", "$minDistance", "$ref", "$id"}
)
