"""
Rows of a pipeline as instances: with what it computed, and without what it left out.

A row may be a part of its document. A save sends what was changed in it, and neither
what the pipeline computed nor defaults in the place of what it left out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

from .. import codec
from ..abc import ModelCodec, Reply
from ..errors import EncodeError, FieldError
from ..schema import describe
from .family import TAG
from .raw import raw_of, set_raw

__all__ = ["OfRows", "named", "one_by_one", "read_as", "with_extra"]


class OfRows:
    """
    A codec whose instances are read from rows of a pipeline.

    Args:
        inner: the codec of a document class.
    """

    def __init__(self, inner: ModelCodec[Any]) -> None:
        self._inner = inner
        self.encode: Callable[[Any], bytes] = inner.encode
        self.encode_all: Callable[[list[Any], list[bytes]], None] = inner.encode_all
        self.json: Callable[[bytes], bytes] = inner.json

    def decode(self, data: bytes) -> Any:
        return read_as(self._inner.decode(data), self._inner)

    def decode_reply(self, reply: Reply) -> list[Any]:
        return [read_as(one, self._inner) for one in self._inner.decode_reply(reply)]

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        return self._inner.json_reply(reply, whole=whole)


def read_as(instance: Any, model: ModelCodec[Any]) -> Any:
    """An instance of a row, in which nothing counts as changed yet."""
    if (read := raw_of(instance)) is None:
        return instance
    try:
        held = model.encode(instance)
    except EncodeError:
        # It holds what does not fit, and cannot be saved.
        return instance
    if held != read:
        schema = describe(type(instance))
        version = schema.fields[schema.version].key if schema.version else None
        whole = _filled(codec.decode(read), codec.decode(held), version)
        set_raw(instance, codec.encode(whole))
    return instance


def _filled(old: Any, new: Any, not_this: str | None = None) -> Any:
    """A row with the defaults that its instance has besides, in the same order."""
    if isinstance(old, dict) and isinstance(new, dict):
        known = {
            key: _filled(old[key], one) if key in old else one
            for key, one in new.items()
            if key in old or key != not_this
        }
        return known | {key: one for key, one in old.items() if key not in new}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_filled(one, other) for one, other in zip(old, new, strict=True)]
    return old


async def one_by_one(queries: Sequence[Any]) -> AsyncIterator[Any]:
    """The rows of several pipelines, one pipeline after another."""
    for query in queries:
        async for row in query:
            yield row


def with_extra(instance: Any, row: dict[str, Any]) -> Any:
    """The same with attributes for what no field declares."""
    known = {one.key for one in describe(type(instance)).fields.values()}
    for key, value in row.items():
        told = key == TAG and value == type(instance).__name__
        if key not in known and not told:
            instance.__dict__[key] = value
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
