"""Values of filters and updates in their stored form, by the field's own converter."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bson.decimal128 import Decimal128
from bson.errors import BSONError
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.regex import Regex

from ..errors import FieldError, QueryError
from .shape import FieldSpec

__all__ = [
    "ANY_OF",
    "ARRAYS",
    "LEAVES",
    "MASK",
    "TOO_DEEP",
    "in_words",
    "int64",
    "stored",
    "stored_each",
    "stored_forms",
    "stored_item",
]

LEAVES = (
    str,
    int,
    float,
    bool,
    bytes,
    type(None),
    ObjectId,
    datetime,
    UUID,
    Decimal,
    Decimal128,
)
"""Types that hold nothing else, and that a server can take for nothing but a value."""

ARRAYS = (list, tuple, set, frozenset, deque)
"""Types that are stored as arrays."""
_AS_THEY_ARE = (type(None), re.Pattern, Regex)

ANY_OF = {"$eq": "$in", "$ne": "$nin"}
"""What an operator becomes for a value that may be stored in several forms."""

MASK = "**********"

TOO_DEEP = "is nested too deep, or has a value that contains itself"


def stored(spec: FieldSpec, value: Any, where: object) -> Any:
    """
    The stored form of a value that stands for a whole field.

    For an array field, a value that is no array stands for one of its elements, as it
    does in MongoDB.

    Args:
        spec: the field.
        value: what the user gave.
        where: the field's path, for the message; shown only when there is one.
    """
    if isinstance(value, _AS_THEY_ARE):
        return value
    item = spec.item
    if item is not None and not isinstance(value, ARRAYS):
        return _encoded(item, value, where)
    return _encoded(spec, value, where)


def stored_forms(spec: FieldSpec, value: Any, where: object) -> list[Any]:
    """All forms in which a value that stands for a whole field may be stored."""
    forms = [stored(spec, value, where)]
    chosen = spec
    if spec.item is not None and not isinstance(value, ARRAYS):
        chosen = spec.item
    if chosen.other is not None and not isinstance(value, _AS_THEY_ARE):
        other = chosen.other(value)
        forms += [] if other is None else [other]
    return forms


def stored_item(spec: FieldSpec, value: Any, where: object) -> Any:
    """The stored form of a value that stands for one element of an array field."""
    if isinstance(value, _AS_THEY_ARE):
        return value
    return _encoded(spec.item or spec, value, where)


def stored_each(spec: FieldSpec, values: Iterable[Any], where: object) -> list[Any]:
    """
    The stored forms of several values, any of which is compared with the field.

    Raises:
        QueryError: when ``values`` is a single value.
    """
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        said = in_words(spec, values)
        raise QueryError(f"{where!r}: a list of values is needed, not {said}")
    return [form for value in values for form in stored_forms(spec, value, where)]


def _encoded(spec: FieldSpec, value: Any, where: object) -> Any:
    if spec.encode is None:
        return list(value) if isinstance(value, ARRAYS) else value
    try:
        return spec.encode(value)
    except QueryError:
        raise
    except FieldError as error:
        # It names the field, and knows whether its value may be shown.
        raise QueryError(str(error)) from error
    except (ValueError, TypeError, ArithmeticError, BSONError) as error:
        said = in_words(spec, value)
        raise QueryError(f"{where!r}: {said} cannot be meant: {error}") from error


def in_words(spec: FieldSpec, value: Any) -> str:
    """A value in a message; not that of a field which is kept hashed."""
    secret = spec.secret or (spec.item is not None and spec.item.secret)
    return MASK if secret else repr(value)


def int64(number: int) -> int:
    """``number`` as one that takes 64 bits in BSON, however small it is."""
    return Int64(number)
