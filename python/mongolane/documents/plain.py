"""
Values of ``to_dict`` and ``to_json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from enum import Enum
from typing import Any

from bson import ObjectId
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from ..fields import Hashed, jsonable

__all__ = ["json_default", "to_plain"]


def to_plain(value: Any, id_as_string: bool = True) -> Any:
    """A value as ``to_dict`` shows it, at any depth."""
    if isinstance(value, ObjectId):
        return str(value) if id_as_string else value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        own: Any = getattr(value, "to_dict", None)
        if own is not None:
            return own(id_as_string)
        return {name: to_plain(one, id_as_string) for name, one in value}
    if isinstance(value, Mapping):
        return {key: to_plain(one, id_as_string) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(one, id_as_string) for one in value]
    return value


def json_default(value: Any) -> Any:
    """What ``json.dumps`` gets for values that JSON does not know."""
    if isinstance(value, Hashed):
        return "**********"
    if isinstance(value, (date, time)):
        return value.isoformat()
    known = jsonable(value)
    if known is not value:
        return known
    return to_jsonable_python(value, bytes_mode="base64", fallback=str)
