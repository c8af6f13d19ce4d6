"""
Whether an attribute still has the type that was declared, before it is stored.
"""

from __future__ import annotations

import decimal
import uuid
from datetime import date, datetime
from enum import Enum
from typing import Any

from bson import Decimal128, ObjectId
from bson.binary import Binary
from pydantic import BaseModel

from ..codec.plan import (
    DateTime,
    DictOf,
    EnumOf,
    Kind,
    ListOf,
    Literal,
    Model,
    Nullable,
    OneOf,
    Scalar,
)

__all__ = ["NUMPY", "NUMPY_HINT", "is_numpy", "misfit"]

NUMPY = "numpy"
"""The package, which need not be there."""

NUMPY_HINT = ".item() or .tolist() gives Python's own"
"""What to do about a value that is refused for being one of NumPy's."""

_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str, Enum),
    "int": (int, Enum),
    "float": (float, int),
    "bool": (bool,),
    "object_id": (ObjectId,),
    "decimal": (decimal.Decimal, int, Decimal128),
    "decimal128": (Decimal128,),
    "bytes": (bytes, bytearray),
    "uuid": (uuid.UUID, Binary),
}


def is_numpy(value: Any) -> bool:
    """Whether a value is a scalar or an array of NumPy's, which need not be there."""
    return type(value).__module__.partition(".")[0] == NUMPY


def misfit(kind: Kind, value: Any) -> str | None:
    """Why a value must not be stored in a field of this kind, or None."""
    if isinstance(kind, Nullable):
        return None if value is None else misfit(kind.inner, value)
    alternatives = kind.alternatives if isinstance(kind, OneOf) else (kind,)
    named: list[str] = []
    for one in alternatives:
        if isinstance(one, (Nullable, OneOf)):
            if misfit(one, value) is None:
                return None
            continue
        expected = _expected(one)
        if expected is None or isinstance(value, expected):
            return None
        named.append(
            one.plan.cls.__name__ if isinstance(one, Model) else expected[0].__name__
        )
    if not named:
        return None
    names = " or ".join(dict.fromkeys(named))
    article = "an" if names[:1] in "aeiouAEIOU" else "a"
    hint = f" ({NUMPY_HINT})" if is_numpy(value) else ""
    given = "None" if value is None else f"{type(value).__name__} {value!r:.80}{hint}"
    return f"{given} where {article} {names} is declared"


def _expected(kind: Kind) -> tuple[type, ...] | None:
    if isinstance(kind, Scalar):
        return _TYPES.get(kind.tag)
    if isinstance(kind, DateTime):
        return (datetime, date)
    if isinstance(kind, EnumOf):
        values = tuple({type(one.value) for one in kind.cls})
        return (kind.cls, *values)
    if isinstance(kind, ListOf):
        return (kind.container, list, tuple, set, frozenset)
    if isinstance(kind, DictOf):
        return (dict,)
    if isinstance(kind, Literal):
        return tuple({type(one) for one in kind.values})
    return (BaseModel, dict) if isinstance(kind, Model) else None
