"""
Ids of embedded documents, which need not declare one.

Motormongo keeps an ``_id`` that a part was given, and stores it. A class of field
objects does the same here; it is read from what is stored when somebody asks for it.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from .. import codec
from ..errors import FieldError
from .raw import raw_of

__all__ = ["InvalidIdError", "keep_part_id", "part_id"]

_KEY = "_id"


class InvalidIdError(FieldError, InvalidId, TypeError):
    """What was given as an id can be none; motormongo let bson's own errors through."""


def part_id(instance: Any) -> Any:
    """The id of a part whose class declares none, or None."""
    held = instance.__dict__.get(_KEY)
    if held is None and (raw := raw_of(instance)) is not None and b"_id\0" in raw:
        held = codec.decode(raw).get(_KEY)
    return held


def keep_part_id(instance: Any, value: Any) -> None:
    """
    Give a part an id, or with None, none.

    Raises:
        InvalidIdError: for what can be none.
    """
    if value is None:
        instance.__dict__.pop(_KEY, None)
        return
    try:
        instance.__dict__[_KEY] = ObjectId(value)
    except (InvalidId, TypeError) as error:
        raise InvalidIdError(str(error), type(instance).__name__, _KEY, value) from None
