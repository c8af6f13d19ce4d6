"""What ``$elemMatch`` holds: conditions on one element of an array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import QueryError
from .filters import Filter, merged

__all__ = ["AllOf", "Element", "relative"]

_JOINERS = ("$and", "$or", "$nor")


class Element(Filter):
    """
    Conditions made relative to the elements of an array.

    Args:
        key: the array's stored path.
        parts: filters on paths below it, or on the elements themselves
            (``key.$[]``); dicts are relative and have stored keys already.
    """

    __slots__ = ("_key", "_parts")

    def __init__(self, key: str, parts: Iterable[Filter | Mapping[str, Any]]) -> None:
        self._key = key
        self._parts = list(parts)

    def to_filter(self, resolve: Any = None) -> dict[str, Any]:
        return _joined(
            relative(part.to_filter(resolve), self._key)
            if isinstance(part, Filter)
            else part
            for part in self._parts
        )

    def __repr__(self) -> str:
        return ", ".join(map(repr, self._parts))


class AllOf(Filter):
    """
    ``$all`` of conditions on elements: each of them is met by some element.

    Args:
        path: the array's.
        parts: what ``elem_match`` of the same path gave.
    """

    __slots__ = ("_parts", "_path")

    def __init__(self, path: Any, parts: list[Filter]) -> None:
        self._path = path
        self._parts = parts

    def to_filter(self, resolve: Any = None) -> dict[str, Any]:
        key = str(self._path)
        return {key: {"$all": [one.to_filter(resolve)[key] for one in self._parts]}}

    def __repr__(self) -> str:
        return f"{self._path!r}.all({self._parts!r})"


def relative(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    """
    ``document`` with ``key.`` taken off its paths; ``key.$[]`` is the element itself.

    Raises:
        QueryError: for what no server can be told of one element.
    """
    return _joined(_part(path, value, key) for path, value in document.items())


def _part(path: str, value: Any, key: str) -> dict[str, Any]:
    if path in _JOINERS:
        return _of_joiner(path, [relative(part, key) for part in value])
    if path in (key, f"{key}.$[]"):
        return value if _is_operators(value) else {"$eq": value}
    return {path.removeprefix(f"{key}.$[].").removeprefix(f"{key}."): value}


def _of_joiner(joiner: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Joined conditions; on elements themselves, a server knows ``$not`` alone."""
    if not any(map(_of_itself, parts)):
        return {joiner: parts}
    if joiner == "$and":
        return _joined(parts)
    if joiner == "$nor" and len(parts) == 1:
        return {"$not": parts[0]}
    if joiner == "$nor":
        return _joined([{"$not": part} for part in parts])
    raise QueryError(
        "a server does not join conditions on an element itself with |; use in_(), or "
        "join two elem_match() with |"
    )


def _joined(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    result = merged(documents)
    if "$and" in result and any(map(_of_itself, result["$and"])):
        several = next(key for part in result["$and"] for key in part)
        raise QueryError(
            f"there is {several!r} twice for an element itself, and a server takes "
            "each operator once there"
        )
    if _of_itself(result) and not all(_is_operator(key) for key in result):
        raise QueryError(
            "conditions are on an element itself or on what is in it, not on both: "
            + ", ".join(map(repr, result))
        )
    return result


def _is_operators(value: Any) -> bool:
    return isinstance(value, dict) and str(next(iter(value), ""))[:1] == "$"


def _is_operator(key: str) -> bool:
    return key[:1] == "$" and key not in _JOINERS


def _of_itself(document: Mapping[str, Any]) -> bool:
    """Whether there are operators on an element itself among the conditions."""
    return any(map(_is_operator, document))
