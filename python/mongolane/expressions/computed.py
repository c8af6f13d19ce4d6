"""What the server computes: aggregation expressions, and facts of the query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Literal

from ..errors import QueryError
from .filters import Filter
from .place import Place
from .values import LEAVES

__all__ = ["meta", "rand", "to_expression"]


def to_expression(value: Any) -> Any:
    """
    An aggregation expression as it is sent: paths are ``$key``, members their values.

    Raises:
        QueryError: for a filter, which is none.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, LEAVES):
        return value
    if isinstance(value, Place):
        return f"${value}"
    if isinstance(value, Filter):
        raise QueryError(
            f"{value!r} is a filter, which stands alone; an aggregation expression is "
            'a dict: {"$gt": [path, value]}'
        )
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, Mapping):
        return {str(key): to_expression(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_expression(one) for one in value]
    return value


def meta(
    fact: Literal[
        "textScore", "indexKey", "searchScore", "searchHighlights", "vectorSearchScore"
    ],
) -> dict[str, Any]:
    """
    ``$meta``: what the server knows of a match; for projections and sorts.

    Args:
        fact: ``textScore``: how well it fits ``text()``; ``indexKey``: the index's
            key, for debugging; the others for Atlas Search.
    """
    return {"$meta": fact}


def rand() -> dict[str, Any]:
    """``$rand``: a number from 0 to 1, another one for each document; for ``expr``."""
    return {"$rand": {}}
