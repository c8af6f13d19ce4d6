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
from .masking import hides, shown
from .shape import FieldSpec

__all__ = [
    "ANY_OF",
    "ARRAYS",
    "LEAVES",
    "TOO_DEEP",
    "as_set",
    "int64",
    "is_own_pattern",
    "needs_list",
    "stored",
    "stored_each",
    "stored_forms",
    "stored_item",
    "takes",
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
_PATTERNS = (re.Pattern, Regex)
_INT64 = 2**63

ANY_OF = {"$eq": "$in", "$ne": "$nin"}
"""What an operator becomes for a value that may be stored in several forms."""


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
    if _as_it_is(spec, value):
        return value
    item = spec.item
    if item is not None and not isinstance(value, ARRAYS):
        return _encoded(item, value, where)
    return _encoded(spec, value, where)


def takes(spec: FieldSpec, value: Any) -> bool:
    """Whether a value is stored as it is, and can be read again: no more to ask."""
    kind = type(value)
    if kind is not spec.free:
        return False
    if kind is int:
        return bool(-_INT64 <= value < _INT64)
    # Other text may have no UTF-8 form.
    return kind is not str or bool(value.isascii())


def stored_forms(spec: FieldSpec, value: Any, where: object) -> list[Any]:
    """All forms in which a value that stands for a whole field may be stored."""
    forms = [stored(spec, value, where)]
    chosen = spec
    if spec.item is not None and not isinstance(value, ARRAYS):
        chosen = spec.item
    if chosen.other is not None and not _as_it_is(spec, value):
        other = chosen.other(value)
        forms += [] if other is None else [other]
    return forms


def stored_item(spec: FieldSpec, value: Any, where: object) -> Any:
    """The stored form of a value that stands for one element of an array field."""
    if _as_it_is(spec, value):
        return value
    return _encoded(spec.item or spec, value, where)


def _as_it_is(spec: FieldSpec, value: Any) -> bool:
    """Whether a value is asked for, or written, in no other form than its own."""
    is_pattern = isinstance(value, _PATTERNS) and not is_own_pattern(spec, value)
    return value is None or is_pattern


def is_own_pattern(spec: FieldSpec, value: Any) -> bool:
    """Whether a value is a regular expression that the field itself may hold."""
    return isinstance(value, _PATTERNS) and (spec.item or spec).patterns


def as_set(spec: FieldSpec, key: str, operand: Any) -> dict[str, Any] | None:
    """
    What asks for a set with these members, however they are ordered where it is stored.

    None: there is but one order, or the field is no set. Below an array, where a server
    takes members from several of its elements, the order counts.
    """
    if not spec.unordered or "." in key:
        return None
    if not isinstance(operand, list) or len(operand) < 2:
        return None
    return {"$all": operand, "$size": len(operand)}


def stored_each(spec: FieldSpec, values: Iterable[Any], where: object) -> list[Any]:
    """
    The stored forms of several values, any of which is compared with the field.

    Raises:
        QueryError: when ``values`` is a single value.
    """
    given = needs_list(spec, values, where)
    return [form for value in given for form in stored_forms(spec, value, where)]


def needs_list(spec: FieldSpec, values: Any, where: object) -> list[Any]:
    """
    Several values, in a list.

    Raises:
        QueryError: when ``values`` is a single value.
    """
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        text = f"a list of values is needed, not {shown(spec, values):.80}"
        raise QueryError(f"{where!r}: {text}")
    return list(values)


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
    except RecursionError:
        raise QueryError(f"{where!r}: the value {TOO_DEEP}") from None
    except (ValueError, TypeError, ArithmeticError, BSONError) as error:
        text = f"{shown(spec, value):.80} cannot be meant: {error}"
        raise QueryError(f"{where!r}: {text}") from (None if hides(spec) else error)


def int64(number: int) -> int:
    """``number`` as one that takes 64 bits in BSON, however small it is."""
    return Int64(number)
