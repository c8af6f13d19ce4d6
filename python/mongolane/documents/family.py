"""
Classes that inherit from each other: whose collection is whose.

A subclass has a collection of its own unless it inherits ``Meta.collection``. Then
both share one, each document carries its class's name under ``_type``, and whoever
asks the base gets each document once, as what it is.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any

from pydantic import BaseModel

from ..abc import ModelCodec, Reply
from ..fields import Stored
from ..queries.json import json_rows
from ..schema import describe
from .undeclared import WithUndeclared

__all__ = [
    "TAG",
    "Family",
    "collections_of",
    "family_of",
    "scope_of",
    "shared_base",
    "subclasses",
]

TAG = "_type"
_ELEMENT = b"\x02" + TAG.encode() + b"\0"


def subclasses(cls: Any) -> list[Any]:
    """All subclasses that can have documents, at any depth, each once."""
    found: dict[Any, None] = {}
    waiting = list(cls.__subclasses__())
    while waiting:
        one = waiting.pop(0)
        if one not in found and _is_document(one):
            found[one] = None
        waiting.extend(one.__subclasses__())
    return list(found)


def _is_document(cls: Any) -> bool:
    return not cls.__pydantic_generic_metadata__["parameters"]


def collections_of(cls: Any) -> list[Any]:
    """One class for each collection that ``cls`` and its subclasses have."""
    found: dict[str, Any] = {}
    for one in [cls, *subclasses(cls)]:
        found.setdefault(describe(one).collection, one)
    return list(found.values())


def scope_of(cls: Any) -> dict[str, Any] | None:
    """The filter that keeps ``cls`` to its own in a collection shared with a base."""
    if shared_base(cls) is None:
        return None
    same = describe(cls).collection
    names = [
        one.__name__ for one in subclasses(cls) if describe(one).collection == same
    ]
    return {TAG: {"$in": [cls.__name__, *names]}}


def shared_base(cls: Any) -> Any:
    """The topmost of the bases that ``cls`` shares a collection with, or None."""
    name = cls.__mongolane_settings__.collection
    if name is None:
        return None
    sharing = [
        base
        for base in cls.__mro__[1:]
        if base.__dict__.get("__mongolane_settings__") is not None
        and base.__mongolane_settings__.collection == name
    ]
    return sharing[-1] if sharing else None


def family_of(cls: Any) -> ModelCodec[Any]:
    """The codec for a class's collection; a ``Family`` where classes share it."""
    inner = _declared_codec(cls)
    return WithUndeclared(inner) if cls.__mongolane_open__ else inner


def _declared_codec(cls: Any) -> ModelCodec[Any]:
    same = describe(cls).collection
    members = [one for one in subclasses(cls) if describe(one).collection == same]
    if not members and shared_base(cls) is None:
        return describe(cls).codec
    return Family(cls, {one.__name__: one for one in [cls, *members]})


class Family:
    """
    Reads and writes documents of several classes that share a collection.

    Args:
        cls: the class of documents without a name.
        members: classes by name.
    """

    def __init__(self, cls: Any, members: Mapping[str, Any]) -> None:
        self._cls, self._members = cls, members

    def decode(self, data: bytes) -> Any:
        cls = self._members.get(_tag(data) or "", self._cls)
        return describe(cls).codec.decode(data)

    def decode_reply(self, reply: Reply) -> list[Any]:
        return [self.decode(data) for data in reply.raw()]

    def encode(self, instance: Any) -> bytes:
        data: list[bytes] = []
        self.encode_all([instance], data)
        return data[0]

    def encode_all(self, instances: list[Any], into: list[bytes]) -> None:
        for cls, several in groupby(instances, type):
            name = cls.__name__.encode() + b"\0"
            element = _ELEMENT + struct.pack("<i", len(name)) + name
            describe(cls).compiled.encode_all(list(several), into, element)

    def json(self, data: bytes) -> bytes:
        # As the class that was asked, whose fields alone a response model would let
        # through: those of a subclass may be none of the reader's business.
        schema = describe(self._cls)
        if self._members.get(_tag(data) or "", self._cls) is self._cls:
            return schema.codec.json(data)
        assert schema.plan.json_dump is not None
        again = schema.plan.again
        made = self.decode(data)
        return schema.plan.json_dump(made if again is None else again(made))

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        return json_rows((self.json(data) for data in reply.raw()), whole)


class _Tagged(BaseModel):
    """What is read of a document before its class is known."""

    tag: Annotated[Any, Stored(TAG)] = None


def _tag(data: bytes) -> str | None:
    """The class's name in a document, which is not looked into if it has none."""
    # The bytes alone prove nothing: a text or a binary value may hold them, too.
    if _ELEMENT not in data:
        return None
    found = describe(_Tagged).codec.decode(data).tag
    return found if isinstance(found, str) else None
