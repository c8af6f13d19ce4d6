"""
Values of ``to_dict`` and ``to_json``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from bson import ObjectId
from pydantic import BaseModel
from pydantic_core import MISSING, to_jsonable_python

from ..errors import EncodeError, FieldError
from ..fields import Bytes, Hashed, jsonable
from ..schema import TOO_DEEP
from .part_ids import part_id
from .secrets import hash_secrets

__all__ = ["finite", "json_default", "plain_document", "to_plain"]


def plain_document(document: Any, id_as_string: bool) -> dict[str, Any]:
    """
    A document as a dict, ``_id`` first.

    Raises:
        EncodeError: it contains itself.
    """
    result: dict[str, Any] = {}
    held, cls = document.__dict__, type(document)
    objects = cls.__mongolane_fields__
    if cls.__mongolane_hashed__:
        with suppress(FieldError):
            hash_secrets(document)
    try:
        own, place = held.get("id"), "id"
        if cls.__mongolane_part_id__:
            own, place = part_id(document), "_id"
        if own is not None:
            result["_id"] = to_plain(own, id_as_string)
        for name, value in held.items():
            if name == place or (value is None and name in objects):
                continue
            if value is MISSING:
                continue
            simple = type(value) in _SIMPLE
            result[name] = value if simple else to_plain(value, id_as_string)
        for name, value in (document.__pydantic_extra__ or {}).items():
            result[name] = to_plain(value, id_as_string)
        for name, field in cls.__mongolane_decoded__.items():
            if type(value := result.get(name)) is str:
                result[name] = Bytes(field.dump(value))
    except RecursionError:
        raise EncodeError(f"{cls.__name__} is {TOO_DEEP}") from None
    return result


_SIMPLE = frozenset(
    {str, int, float, bool, type(None), datetime, date, bytes, Decimal, UUID}
)
"""What is shown as it is."""


def to_plain(value: Any, id_as_string: bool = True) -> Any:
    """A value as ``to_dict`` shows it, at any depth."""
    cls = type(value)
    if cls is list:
        if _SIMPLE.issuperset(map(type, value)):
            return value.copy()
        return [to_plain(one, id_as_string) for one in value]
    if cls in _SIMPLE:
        return value
    if cls is ObjectId and id_as_string:
        return value.binary.hex()
    if cls is dict:
        return {key: to_plain(one, id_as_string) for key, one in value.items()}
    if isinstance(value, BaseModel):
        return _model(value, id_as_string)
    return _to_plain(value, id_as_string)


_own: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
"""Whether models of a class have a ``to_dict`` of their own."""


def _model(value: BaseModel, id_as_string: bool) -> Any:
    cls: Any = type(value)
    own = _own.get(cls)
    if own is None:
        # Pydantic takes its time to say that there is no such attribute.
        own = _own[cls] = hasattr(cls, "to_dict")
    if own:
        return cls.to_dict(value, id_as_string)
    # What is there by itself is quicker than by ``__iter__``, which gives the same.
    if cls.__iter__ is not BaseModel.__iter__ or value.__pydantic_extra__:
        return {
            name: to_plain(one, id_as_string)
            for name, one in value
            if one is not MISSING
        }
    return {
        name: one if type(one) in _SIMPLE else to_plain(one, id_as_string)
        for name, one in value.__dict__.items()
        if name[:1] != "_" and one is not MISSING
    }


def _to_plain(value: Any, id_as_string: bool) -> Any:
    """The same for what is met less often."""
    if isinstance(value, ObjectId):
        return str(value) if id_as_string else value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: to_plain(one, id_as_string) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(one, id_as_string) for one in value]
    return value


def finite(value: Any) -> Any:
    """A value of ``to_dict`` with None where no JSON number is."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {finite(key): finite(one) for key, one in value.items()}
    return [finite(one) for one in value] if isinstance(value, list) else value


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
