"""Values without a plan: whatever ``bson`` knows, and a few more."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import math
import re
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import bson
from bson import json_util
from bson.binary import Binary, UuidRepresentation
from bson.code import Code
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128, create_decimal128_context
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.raw_bson import RawBSONDocument
from bson.regex import Regex

from ...errors import BSONError, EncodeError

MAX_DEPTH = 200
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep, or a value that contains itself"

Data = bytes | bytearray | memoryview


def _options(tz_aware: bool) -> CodecOptions[dict[str, Any]]:
    return CodecOptions(
        tz_aware=tz_aware,
        tzinfo=dt.UTC if tz_aware else None,
        uuid_representation=UuidRepresentation.STANDARD,
        datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    )


AWARE, NAIVE = _options(True), _options(False)


def decode(data: Data, *, tz_aware: bool = True) -> dict[str, Any]:
    """
    One document as a dict, with the same values as ``bson.decode``.

    UUIDs are binary subtype 4; dates that Python's calendar lacks are ``DatetimeMS``.
    """
    options = AWARE if tz_aware else NAIVE
    try:
        try:
            made = bson.decode(bytes(data), options)
        except bson.errors.InvalidBSON:
            made = _with_odd_uuids(bytes(data), options)
    except (bson.errors.InvalidBSON, RecursionError) as error:
        raise BSONError(str(error)) from None
    _check_depth(made, 0)
    return made


def _with_odd_uuids(data: bytes, options: CodecOptions[dict[str, Any]]) -> Any:
    """``bson`` refuses a UUID that has not 16 bytes; here it stays binary."""
    as_binary = options.with_options(uuid_representation=UuidRepresentation.UNSPECIFIED)
    return _as_uuids(bson.decode(data, as_binary))


def _as_uuids(value: Any) -> Any:
    if isinstance(value, Binary) and value.subtype == 4 and len(value) == 16:
        return value.as_uuid(UuidRepresentation.STANDARD)
    if isinstance(value, dict):
        return {key: _as_uuids(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_uuids(item) for item in value]
    if isinstance(value, DBRef):
        held = _as_uuids(dict(value.as_doc()))
        place = held.pop("$ref"), held.pop("$id"), held.pop("$db", None)
        return DBRef(*place, held)
    if isinstance(value, Code) and value.scope is not None:
        return Code(str(value), _as_uuids(value.scope))
    return value


def _check_depth(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BSONError("nested too deeply")
    if isinstance(value, Code):
        value = value.scope
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return
    for item in value:
        _check_depth(item, depth + 1)


def encode(document: Mapping[str, Any] | Any) -> bytes:
    """A mapping (or what offers ``__bson__``) as a BSON document."""
    made = plain(document, (), 0)
    if not isinstance(made, Mapping):
        raise EncodeError(
            f"a document must be a mapping, not {type(document).__name__}"
        )
    return bson.encode(made, codec_options=AWARE)


def encode_command(body: Mapping[str, Any] | bytes, tail: bytes) -> bytes:
    """A mapping, or ready elements, as BSON; ``tail`` (ready elements) behind."""
    elements = (body if isinstance(body, bytes) else encode(body)[4:-1]) + tail
    return (len(elements) + 5).to_bytes(4, "little") + elements + b"\0"


def encode_natural(
    head: bytes,
    filter: dict[Any, Any],
    natural: Mapping[str, tuple[str, type[Any]]],
    tail: bytes,
) -> bytes | None:
    """
    ``head``, a filter, and ``tail``, as elements.

    None if a name is not in ``natural``, which gives its stored key and the type that
    is stored as it is, if a value is of another type, or if a key stands twice.
    """
    stored: dict[str, Any] = {}
    for name, value in filter.items():
        found = natural.get(name) if type(name) is str else None
        if found is None or type(value) is not found[1]:
            return None
        stored[found[0]] = value
    return head + encode(stored) + tail if len(stored) == len(filter) else None


Path = tuple[str, ...]
Form = Callable[[Any, Path, int], Any]


def plain(value: Any, path: Path, depth: int) -> Any:
    """The same value in types that ``bson`` encodes."""
    for types, make in _FORMS:
        if isinstance(value, types):
            return make(value, path, depth)
    if hasattr(value, "__bson__"):
        offered = value.__bson__()
        if isinstance(offered, bytes):
            return RawBSONDocument(offered, CodecOptions(RawBSONDocument))
        return plain(offered, path, depth + 1)
    raise _refusal(value, path)


def _refuse(message: str, path: Path) -> EncodeError:
    shown = ".".join(path[:12]) + ("..." if len(path) > 12 else "")
    return EncodeError(message, shown)


def _as_is(value: Any, path: Path, depth: int) -> Any:
    return value


def _text(value: str, path: Path, depth: int) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refuse(
            "the text has a lone surrogate and no UTF-8 form; decode its source with "
            f"errors='replace': {value!r}",
            path,
        ) from None
    return value


def _int(value: int, path: Path, depth: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise _refuse(
            f"the integer {value} needs more than 64 bits; "
            "store it as Decimal128 or text",
            path,
        )
    return value


def _foreign(value: Any) -> bool:
    return type(value).__module__ == "numpy"


def _native_only(
    make: Callable[[Any, Path, int], Any],
) -> Callable[[Any, Path, int], Any]:
    """Some NumPy scalars are also Python's; they are refused like the others."""

    def checked(value: Any, path: Path, depth: int) -> Any:
        if _foreign(value):
            raise _refusal(value, path)
        return make(value, path, depth)

    return checked


def _decimal(value: decimal.Decimal, path: Path, depth: int) -> Decimal128:
    try:
        with decimal.localcontext(create_decimal128_context()) as context:
            context.traps[decimal.Inexact] = True
            return Decimal128(value)
    except decimal.DecimalException:
        raise _refuse(
            f"the decimal {value} has no exact place in Decimal128 (34 digits); "
            "round it first",
            path,
        ) from None


def _mapping(value: Mapping[Any, Any], path: Path, depth: int) -> Mapping[str, Any]:
    if isinstance(value, RawBSONDocument):
        return value
    _deeper(path, depth)
    return {
        _key(key, path): plain(item, (*path, str(key)), depth + 1)
        for key, item in value.items()
    }


def _key(key: Any, path: Path) -> str:
    if not isinstance(key, str):
        raise _refuse(
            f"the key {key!r} is {type(key).__name__}, not str; convert it first", path
        )
    if "\0" in key:
        raise _refuse(f"the key {key!r} has a NUL in it", path)
    return _text(key, path, 0)


def _array(value: Any, path: Path, depth: int) -> list[Any]:
    _deeper(path, depth)
    return [plain(item, (*path, str(at)), depth + 1) for at, item in enumerate(value)]


def _deeper(path: Path, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _refuse(
            TOO_DEEP,
            path,
        )


def _date(value: dt.date, path: Path, depth: int) -> dt.datetime:
    return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)


def _datetime(value: dt.datetime, path: Path, depth: int) -> dt.datetime:
    try:
        value.astimezone(dt.UTC) if value.utcoffset() else value
    except OverflowError:
        outside = f"the date {value} lies outside the years 1 to 9999 in UTC"
        raise _refuse(outside, path) from None
    return value


def _code(value: Code, path: Path, depth: int) -> Code:
    if value.scope is None:
        return value
    return Code(str(value), dict(plain(value.scope, path, depth + 1)))


def _regex(value: Any, path: Path, depth: int) -> Any:
    pattern = value.pattern
    if ("\0" if isinstance(pattern, str) else b"\0") in pattern:
        raise _refuse(f"the pattern {pattern!r} has a NUL in it", path)
    return value


def _enum(value: Enum, path: Path, depth: int) -> Any:
    return plain(value.value, path, depth)


def _dbref(value: DBRef, path: Path, depth: int) -> Any:
    return _mapping(value.as_doc(), path, depth)


_FORMS: tuple[tuple[Any, Form], ...] = (
    (Enum, _enum),
    (Code, _code),
    (str, _native_only(_text)),
    (bool, _as_is),
    (Int64, _int),
    (int, _int),
    (type(None), _as_is),
    (float, _native_only(_as_is)),
    (ObjectId, _as_is),
    (DatetimeMS, _as_is),
    (dt.datetime, _datetime),
    (dt.date, _date),
    (bytes, _native_only(_as_is)),
    (bytearray, lambda value, path, depth: bytes(value)),
    (uuid.UUID, _as_is),
    (decimal.Decimal, _decimal),
    (Decimal128, _as_is),
    ((Regex, re.Pattern), _regex),
    (DBRef, _dbref),
    ((bson.Timestamp, bson.MinKey, bson.MaxKey), _as_is),
    (Mapping, _mapping),
    ((list, tuple, set, frozenset, deque), _array),
)


def _refusal(value: Any, path: Path) -> EncodeError:
    cls = type(value)
    name = f"{cls.__module__}.{cls.__qualname__}".removeprefix("builtins.")
    if _foreign(value):
        hint = "; convert it with .item() or .tolist()"
    elif isinstance(value, dt.timedelta):
        hint = "; store its total_seconds()"
    elif isinstance(value, dt.time):
        hint = "; store its isoformat()"
    elif hasattr(value, "__fspath__"):
        hint = "; store it as str"
    else:
        hint = ""
    shown = repr(value)
    shown = shown if len(shown) <= 80 else shown[:80] + "..."
    return _refuse(f"{shown} of type {name} has no form in BSON{hint}", path)


def to_json(data: Data) -> bytes:
    """One document as JSON bytes, for a response."""
    return dump_json(json_value(decode(data)))


def dump_json(value: Any) -> bytes:
    """A tree of JSON's own types as bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_value(value: Any) -> Any:
    """A decoded value in JSON's own types."""
    if isinstance(value, DBRef):
        value = dict(value.as_doc())
    if isinstance(value, dict):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Code):
        return str(value) if value.scope is None else _relaxed(value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return int(value) if isinstance(value, Int64) else value
    if isinstance(value, (ObjectId, Decimal128, uuid.UUID)):
        return str(value)
    if isinstance(value, dt.datetime):
        return json_date(value)
    if isinstance(value, (bytes, Binary)):
        return base64.b64encode(value).decode()
    return _relaxed(value)


def _relaxed(value: Any) -> Any:
    return json.loads(json_util.dumps(value, json_options=_RELAXED))


def json_date(value: dt.datetime) -> str:
    """ISO 8601 as pydantic writes it: ``Z`` for UTC, six digits or none."""
    return value.isoformat().replace("+00:00", "Z")


_RELAXED = json_util.JSONOptions(
    json_mode=json_util.JSONMode.RELAXED,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    tz_aware=True,
)
_CANONICAL = json_util.JSONOptions(
    json_mode=json_util.JSONMode.CANONICAL,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    tz_aware=True,
)


def to_extended_json(data: Data, *, canonical: bool = False) -> str:
    """One document as extended JSON, version 2."""
    options = _CANONICAL if canonical else _RELAXED
    plain_uuids = AWARE.with_options(uuid_representation=UuidRepresentation.UNSPECIFIED)
    try:
        made = bson.decode(bytes(data), plain_uuids)
        _check_depth(made, 0)
        return json_util.dumps(made, json_options=options, ensure_ascii=False)
    except (bson.errors.InvalidBSON, RecursionError) as error:
        raise BSONError(str(error)) from None


def from_json(text: str) -> bytes:
    """Extended JSON text (canonical or relaxed) as a BSON document."""
    try:
        made = json_util.loads(text, json_options=_CANONICAL)
        _check_depth(made, 0)
        return bson.encode(made, codec_options=AWARE)
    except RecursionError:
        raise BSONError("no extended JSON: nested too deeply") from None
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise BSONError(f"no extended JSON: {error}") from None
