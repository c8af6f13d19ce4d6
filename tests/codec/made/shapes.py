"""What a value is, so that equal shapes mean equal values of equal types."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import functools
import math
import re
from collections import deque
from typing import Any

from pydantic import BaseModel

__all__ = ["held", "shape", "unordered"]


class Held(tuple[Any, ...]):
    """The shape of a model."""


def held(value: Any) -> Any:
    """The shape of a value without which fields were given, which is not stored."""
    return _without_given(shape(value))


def _without_given(one: Any) -> Any:
    if isinstance(one, Held):
        return one[0], *map(_without_given, one[2:])
    if isinstance(one, dict):
        return {key: _without_given(item) for key, item in one.items()}
    if isinstance(one, (list, tuple)):
        return [_without_given(item) for item in one]
    return one


def unordered(one: Any) -> Any:
    """A shape without the order of arrays."""
    if isinstance(one, dict):
        return {key: unordered(item) for key, item in one.items()}
    if isinstance(one, (list, tuple)):
        return sorted(map(unordered, one), key=repr)
    return one


def shape(value: Any) -> Any:
    """A value with its types at any depth; NaN equals itself, 1 is not 1.0."""
    if isinstance(value, BaseModel):
        cached = functools.cached_property
        held = {
            key: shape(item)
            for key, item in value.__dict__.items()
            if not isinstance(getattr(type(value), key, None), cached)
        }
        extra, private = value.__pydantic_extra__, value.__pydantic_private__
        private = {k: v for k, v in (private or {}).items() if "mongolane" not in k}
        given = frozenset(value.model_fields_set)
        return Held((type(value), given, held, shape(extra), shape(private)))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value), shape(vars(value))
    if isinstance(value, dict):
        pairs = [(repr(shape(key)), shape(one)) for key, one in value.items()]
        return type(value), sorted(pairs, key=lambda pair: pair[0])
    if isinstance(value, (list, tuple, deque)):
        return type(value), [shape(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(repr(shape(one)) for one in value)
    if isinstance(value, float):
        return "float", math.isnan(value) or (math.copysign(1, value), value)
    if isinstance(value, (dt.datetime, dt.time)):
        return type(value), value.replace(fold=0, tzinfo=None), value.utcoffset()
    if isinstance(value, complex):
        return "complex", shape(value.real), shape(value.imag)
    if isinstance(value, decimal.Decimal):
        return "Decimal", value.as_tuple()
    if isinstance(value, re.Pattern):
        return "Pattern", value.pattern, value.flags
    return type(value), value
