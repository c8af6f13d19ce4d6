"""
Rows of a pipeline as instances: with what it computed, and without what it left out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from ..errors import FieldError
from ..schema import describe
from .family import TAG
from .raw import set_raw

__all__ = ["named", "one_by_one", "with_extra"]


async def one_by_one(queries: Sequence[Any]) -> AsyncIterator[Any]:
    """The rows of several pipelines, one pipeline after another."""
    for query in queries:
        async for row in query:
            yield row


def with_extra(instance: Any, row: dict[str, Any]) -> Any:
    """An instance of a row, with attributes for what no field declares."""
    known = {one.key for one in describe(type(instance)).fields.values()}
    for key, value in row.items():
        told = key == TAG and value == type(instance).__name__
        if key not in known and not told:
            instance.__dict__[key] = value
    set_raw(instance, None)
    return instance


def named(schema: Any, row: dict[str, Any]) -> dict[str, Any]:
    """By names, each value as its field reads it; as it is where it does not fit."""
    fields = {one.key: one for one in schema.fields.values()}
    found: dict[str, Any] = {}
    for key, value in row.items():
        one = fields.get(key)
        found[key if one is None else one.name] = value
        if one is not None and one.field is not None and value is not None:
            with suppress(FieldError):
                found[one.name] = one.field.load(value)
    return found
