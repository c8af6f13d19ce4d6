"""
Keys of dicts that are not text, and which of them are stored as text.
"""

from __future__ import annotations

import decimal
import uuid
from collections.abc import Callable
from datetime import date
from enum import Enum, Flag
from typing import Any, Literal, get_args, get_origin

from bson import ObjectId

from .forms import key_text
from .metadata import unwrapped

__all__ = ["keys_back", "simple_key"]

_SIMPLE = (str, int, float, decimal.Decimal, uuid.UUID, ObjectId, date)


def simple_key(key: Any) -> bool:
    """Whether keys of a type are stored as text."""
    key, _ = unwrapped(key, ())
    if get_origin(key) is Literal:
        return all(type(one) is str for one in get_args(key))
    if not isinstance(key, type):
        return False
    if issubclass(key, Enum):
        # Under one text two members would be one key.
        return len({key_text(one) for one in key}) == len(key)
    return issubclass(key, _SIMPLE)


def keys_back(key: Any) -> Callable[[str], Any]:
    """What turns a stored key into what pydantic takes for a simple key."""
    key, _ = unwrapped(key, ())
    if not isinstance(key, type):
        return lambda text: text
    if issubclass(key, Flag):
        return lambda text: _flag(key, text)
    if issubclass(key, Enum):
        members = {key_text(one): one for one in key}
        return lambda text: members.get(text, text)
    if issubclass(key, ObjectId):
        return lambda text: ObjectId(text) if ObjectId.is_valid(text) else text
    return lambda text: text


def _flag(cls: type[Flag], text: str) -> Any:
    # Several flags in one are no member by themselves.
    try:
        return cls(int(text))
    except ValueError:
        return text
