"""Filters that are on no single field: joined ones, ``$expr``, ``$text``, a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import QueryError
from .computed import to_expression
from .filters import And, Filter, Given, Nor, Or, Raw, Resolve, as_filter

__all__ = [
    "Whole",
    "and_",
    "comment",
    "expr",
    "json_schema",
    "nor",
    "or_",
    "sample_rate",
    "text",
    "where",
]


class Whole(Filter):
    """
    One top-level operator.

    Args:
        operator: ``$expr``, ``$text``, ``$jsonSchema``...
        operand: what it is given.
        shown: the call that made it.
    """

    __slots__ = ("_operand", "_operator", "_shown")

    def __init__(self, operator: str, operand: Any, shown: str) -> None:
        self._operator = operator
        self._operand = operand
        self._shown = shown

    def to_filter(self, resolve: Resolve | None = None) -> dict[str, Any]:
        return {self._operator: self._operand}

    def __repr__(self) -> str:
        return self._shown


def and_(*filters: Given) -> Filter:
    """All of the filters: ``&`` for any number of them."""
    return And.of(filters)


def or_(*filters: Given) -> Filter:
    """
    Any of the filters: ``|`` for any number of them.

    Raises:
        QueryError: when there are none, which would match nothing.
    """
    if not filters:
        raise QueryError("or_() needs at least one filter")
    return Or.of(filters)


def nor(*filters: Given) -> Filter:
    """``$nor``: none of the filters."""
    if not filters:
        raise QueryError("nor() needs at least one filter")
    return Nor(tuple(as_filter(one) for one in filters))


def expr(expression: Any) -> Filter:
    """
    ``$expr``: an aggregation expression is true.

    Args:
        expression: its fields are paths of the class, or text with stored keys:
            ``{"$gt": [User.spent, {"$multiply": ["$budget", 2]}]}``.

    Raises:
        QueryError: for a filter, which is no aggregation expression.
    """
    return Whole("$expr", to_expression(expression), f"expr({expression!r})")


def json_schema(schema: Mapping[str, Any]) -> Filter:
    """``$jsonSchema``: the document is as a schema says, in the server's dialect."""
    return Whole("$jsonSchema", dict(schema), f"json_schema({dict(schema)!r})")


def where(code: Any) -> Filter:
    """
    ``$where``: JavaScript, run for each document; slow, and refused unless allowed.

    Args:
        code: a function or an expression, as text or as ``bson.Code``.
    """
    return Raw({"$where": code})


def sample_rate(rate: float) -> Filter:
    """``$sampleRate``: each document with this probability, from 0 to 1."""
    if isinstance(rate, bool) or not 0 <= rate <= 1:
        raise QueryError(f"a rate is from 0 to 1, not {rate!r}")
    return Whole("$sampleRate", float(rate), f"sample_rate({rate!r})")


def comment(remark: Any) -> Filter:
    """``$comment``: matches all, and shows up in the server's profiler."""
    return Whole("$comment", remark, f"comment({remark!r})")


def text(
    search: str,
    *,
    language: str | None = None,
    case_sensitive: bool | None = None,
    diacritic_sensitive: bool | None = None,
) -> Filter:
    """
    ``$text``: words in the fields of the collection's text index.

    Args:
        search: words; ``-word`` excludes, ``"a phrase"`` must be there.
        language: whose stems and stop words count.
        case_sensitive: tell capitals apart.
        diacritic_sensitive: tell accents apart.
    """
    options = {
        "language": language,
        "case_sensitive": case_sensitive,
        "diacritic_sensitive": diacritic_sensitive,
    }
    given = {name: value for name, value in options.items() if value is not None}
    operand = {"$search": search, **{_NAMES[name]: given[name] for name in given}}
    shown = "".join(f", {name}={value!r}" for name, value in given.items())
    return Whole("$text", operand, f"text({search!r}{shown})")


_NAMES = {
    "language": "$language",
    "case_sensitive": "$caseSensitive",
    "diacritic_sensitive": "$diacriticSensitive",
}
