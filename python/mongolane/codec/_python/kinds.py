"""
One value by its kind: ``load`` from BSON, ``dump`` to BSON, ``json`` to JSON.

Each takes the kind and the value, and raises :class:`Mismatch` when the value is not
what the kind says. ``load`` takes and ``dump`` gives what ``bson`` decodes and encodes.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import singledispatch
from typing import Any

from bson.binary import Binary
from bson.code import Code
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId

from ...errors import EncodeError
from .. import plan
from . import values

__all__ = ["Mismatch", "dump", "held", "json", "load", "within"]


class Mismatch(Exception):
    """The value is not what the kind says."""


def held(value: Any) -> Any:
    """A value without a declared type: decimals are Python's own."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if type(value) is dict:
        return {key: held(one) for key, one in value.items()}
    return [held(one) for one in value] if type(value) is list else value


def must(holds: bool) -> None:
    """Refuse a value of another type, or one that a constraint forbids."""
    if not holds:
        raise Mismatch


def within(step: object, kind: plan.Kind, value: Any) -> Any:
    """``dump`` of what ``step`` leads to; it comes first in the path of an error."""
    try:
        return dump(kind, value)
    except EncodeError as error:
        path = f"{step}.{error.path}" if error.path else str(step)
        raise EncodeError(error.reason, path) from None


def _int(value: Any) -> int:
    must(isinstance(value, int) and not isinstance(value, bool))
    return int(value)


def _float(value: Any) -> float:
    return value if isinstance(value, float) else float(_int(value))


def _exactly(*types: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        must(type(value) in types)
        return value

    return check


def _decimal(value: Any) -> decimal.Decimal:
    must(isinstance(value, Decimal128))
    made: decimal.Decimal = value.to_decimal()
    must(made.is_finite())
    return made


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "any": held,
    "str": _exactly(str),
    "int": _int,
    "float": _float,
    "bool": _exactly(bool),
    "object_id": _exactly(ObjectId),
    "decimal": _decimal,
    "decimal128": _exactly(Decimal128),
    "bytes": _exactly(bytes),
    "uuid": _exactly(uuid.UUID),
}


def _constrained(kind: plan.Scalar | plan.ListOf, value: Any) -> Any:
    must(kind.min_length is None or len(value) >= kind.min_length)
    must(kind.max_length is None or len(value) <= kind.max_length)
    if isinstance(kind, plan.Scalar):
        must(kind.ge is None or value >= kind.ge)
        must(kind.gt is None or value > kind.gt)
        must(kind.le is None or value <= kind.le)
        must(kind.lt is None or value < kind.lt)
        # A pattern is of the dialect that pydantic has, which is not Python's.
        must(kind.pattern is None)
        must(not kind.strip or value == value.strip())
        must(kind.case is None or (value.isascii() and value == _cased(kind, value)))
    return value


def _cased(kind: plan.Scalar, value: str) -> str:
    return value.lower() if kind.case == "lower" else value.upper()


@singledispatch
def load(kind: plan.Kind, value: Any) -> Any:
    """The attribute's value for a decoded one."""
    raise TypeError(f"a plan with the unknown kind {type(kind).__name__}")


@singledispatch
def dump(kind: plan.Kind, value: Any) -> Any:
    """What to store for an attribute's value."""
    raise TypeError(f"a plan with the unknown kind {type(kind).__name__}")


@singledispatch
def json(kind: plan.Kind, value: Any) -> Any:
    """The attribute's value in JSON's own types."""
    raise TypeError(f"a plan with the unknown kind {type(kind).__name__}")


@load.register
def _(kind: plan.Scalar, value: Any) -> Any:
    return _constrained(kind, _SCALARS[kind.tag](value))


@dump.register
def _(kind: plan.Scalar, value: Any) -> Any:
    if kind.tag == "any":
        return value
    if kind.tag == "decimal":
        must(type(value) is decimal.Decimal)
        return value
    if kind.tag == "float":
        must(type(value) is float)
    must(kind.tag != "int" or type(value) is int)
    return _SCALARS[kind.tag](value)


@json.register
def _(kind: plan.Scalar, value: Any) -> Any:
    return _json_any(value)


def _json_any(value: Any) -> Any:
    if isinstance(value, DBRef):
        value = dict(value.as_doc())
    if isinstance(value, dict):
        return {key: _json_any(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_any(item) for item in value]
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise Mismatch from None
    return values.json_value(value)


@load.register
def _(kind: plan.DateTime, value: Any) -> Any:
    must(isinstance(value, dt.datetime))
    return value if kind.aware else value.replace(tzinfo=None)


@dump.register
def _(kind: plan.DateTime, value: Any) -> Any:
    must(type(value) is dt.datetime)
    return value


@json.register
def _(kind: plan.DateTime, value: Any) -> Any:
    return values.json_date(value)


@load.register
def _(kind: plan.Day, value: Any) -> Any:
    must(isinstance(value, dt.datetime) and value.time() == dt.time())
    return value.date()


@dump.register
def _(kind: plan.Day, value: Any) -> Any:
    must(type(value) is dt.date)
    return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)


@json.register
def _(kind: plan.Day, value: Any) -> Any:
    return value.isoformat()


@load.register
def _(kind: plan.Clock, value: Any) -> Any:
    must(isinstance(value, str))
    try:
        made = dt.time.fromisoformat(value)
    except ValueError:
        raise Mismatch from None
    must(made.isoformat() == value and made.tzinfo is None)
    return made


@dump.register
def _(kind: plan.Clock, value: Any) -> Any:
    must(type(value) is dt.time and value.tzinfo is None)
    return value.isoformat()


@json.register
def _(kind: plan.Clock, value: Any) -> Any:
    # One with a zone was read by the field's own way, and pydantic writes it.
    must(value.tzinfo is None)
    return value.isoformat()


@load.register
def _(kind: plan.Span, value: Any) -> Any:
    must(isinstance(value, (int, float)) and not isinstance(value, bool))
    try:
        return dt.timedelta(seconds=value)
    except (OverflowError, ValueError):
        raise Mismatch from None


@dump.register
def _(kind: plan.Span, value: Any) -> Any:
    must(type(value) is dt.timedelta)
    seconds = value.total_seconds()
    must(abs(seconds) < _TOLD)
    return seconds


# Of so many seconds, some 35 years, a float still tells each microsecond.
_TOLD = 2**50 / 10**6


@json.register
def _(kind: plan.Span, value: Any) -> Any:
    raise Mismatch


@load.register
def _(kind: plan.Exactly, value: Any) -> Any:
    if kind.cls is Binary and type(value) in (bytes, uuid.UUID):
        return Binary(value) if type(value) is bytes else Binary.from_uuid(value)
    if kind.cls is Int64 and type(value) is int:
        return Int64(value)
    must(type(value) is kind.cls)
    return value


@dump.register
def _(kind: plan.Exactly, value: Any) -> Any:
    must(type(value) is kind.cls)
    return value


@json.register
def _(kind: plan.Exactly, value: Any) -> Any:
    if isinstance(value, Binary) and value.subtype == 4 and len(value) == 16:
        value = value.as_uuid()
    return _json_any(value)


@load.register
def _(kind: plan.EnumOf, value: Any) -> Any:
    for member in kind.cls:
        if _same(member.value, value):
            return member
    raise Mismatch


def _same(known: Any, value: Any) -> bool:
    if isinstance(known, bool) or isinstance(value, bool):
        return known is value
    if isinstance(value, Int64):
        value = int(value)
    return type(known) is type(value) and bool(known == value)


@dump.register
def _(kind: plan.EnumOf, value: Any) -> Any:
    must(isinstance(value, kind.cls))
    return value.value


@json.register
def _(kind: plan.EnumOf, value: Any) -> Any:
    return _json_any(value.value)


@load.register
def _(kind: plan.Literal, value: Any) -> Any:
    for known in kind.values:
        if _same(known, value):
            return known
    raise Mismatch


@dump.register
def _(kind: plan.Literal, value: Any) -> Any:
    return value


@json.register
def _(kind: plan.Literal, value: Any) -> Any:
    return _json_any(value)


@load.register
def _(kind: plan.Nullable, value: Any) -> Any:
    return None if value is None else load(kind.inner, value)


@dump.register
def _(kind: plan.Nullable, value: Any) -> Any:
    return None if value is None else dump(kind.inner, value)


@json.register
def _(kind: plan.Nullable, value: Any) -> Any:
    return None if value is None else json(kind.inner, value)


@load.register
def _(kind: plan.ListOf, value: Any) -> Any:
    must(isinstance(value, list))
    items = [load(kind.item, item) for item in value]
    try:
        made = kind.container(items)
    except TypeError:
        raise Mismatch from None
    return _constrained(kind, made)


@dump.register
def _(kind: plan.ListOf, value: Any) -> Any:
    must(type(value) is kind.container)
    return [within(at, kind.item, item) for at, item in enumerate(value)]


@json.register
def _(kind: plan.ListOf, value: Any) -> Any:
    return [json(kind.item, item) for item in value]


@load.register
def _(kind: plan.Fixed, value: Any) -> Any:
    must(isinstance(value, list) and len(value) == len(kind.items))
    pairs = zip(kind.items, value, strict=True)
    return tuple(load(one, item) for one, item in pairs)


@dump.register
def _(kind: plan.Fixed, value: Any) -> Any:
    must(type(value) is tuple and len(value) == len(kind.items))
    pairs = enumerate(zip(kind.items, value, strict=True))
    return [within(at, one, item) for at, (one, item) in pairs]


@json.register
def _(kind: plan.Fixed, value: Any) -> Any:
    return [json(one, item) for one, item in zip(kind.items, value, strict=True)]


@load.register
def _(kind: plan.DictOf, value: Any) -> Any:
    return {key: load(kind.value, item) for key, item in members(value).items()}


def members(value: Any) -> dict[str, Any]:
    """What a document holds; ``bson`` makes another type of one with ``$ref``."""
    if isinstance(value, DBRef):
        return dict(value.as_doc())
    must(isinstance(value, dict))
    found: dict[str, Any] = value
    return found


@dump.register
def _(kind: plan.DictOf, value: Any) -> Any:
    must(type(value) is dict)
    return {key: within(key, kind.value, item) for key, item in value.items()}


@json.register
def _(kind: plan.DictOf, value: Any) -> Any:
    return {key: json(kind.value, item) for key, item in value.items()}


@load.register
def _(kind: plan.Through, value: Any) -> Any:
    if kind.besides is not None and (kind.exact or kind.checked is not None):
        try:
            made = load(kind.besides, value)
        except Mismatch:
            pass
        else:
            return made if kind.checked is None else _checked(kind.checked, made)
    for model in kind.models:
        with suppress(Mismatch, EncodeError):
            made = load(model, value)
            if values.encode({"": dump(model, made)}) == values.encode({"": value}):
                return made
    try:
        return kind.load(value)
    except ValueError:
        raise Mismatch from None


def _checked(check: Callable[[Any], Any], value: Any) -> Any:
    try:
        return check(value)
    except Exception:
        raise Mismatch from None


@dump.register
def _(kind: plan.Through, value: Any) -> Any:
    models = (one for one in kind.models if type(value) is one.plan.cls)
    for inner in (kind.besides, *models):
        if inner is not None:
            with suppress(Mismatch, EncodeError):
                return dump(inner, value)
    return kind.dump(value)


@json.register
def _(kind: plan.Through, value: Any) -> Any:
    if kind.besides is not None and kind.exact:
        with suppress(Mismatch):
            return json(kind.besides, value)
    if kind.json is None:
        raise Mismatch
    return Ready(kind.json(value))


class Ready(str):
    """JSON that is ready; a marker stands in its place until the end."""

    __slots__ = ()

    def __new__(cls, text: bytes | str) -> Ready:
        text = text.decode() if isinstance(text, bytes) else text
        return super().__new__(cls, text)
