"""
The stored form of Python types that BSON has no type for.

Each form is a pair of functions; what is stored is told in ``docs/types.md``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import decimal
import ipaddress
import pathlib
import re
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import partial, singledispatch
from typing import Any, NamedTuple

from bson import Decimal128, ObjectId, Regex
from bson.binary import Binary
from bson.decimal128 import create_decimal128_context
from pydantic import (
    AnyUrl,
    BaseModel,
    FutureDate,
    NameEmail,
    PastDate,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    validate_email,
)
from pydantic_core import MultiHostUrl, Url

from ..errors import EncodeError
from .fitting import NUMPY_HINT, is_numpy
from .located import under

__all__ = [
    "SECRETS",
    "Form",
    "decimal_rounded",
    "document_of",
    "dump_pattern",
    "form_of",
    "has_form",
    "key_text",
    "load_bytes_pattern",
    "plain",
]


class Form(NamedTuple):
    """How values of one type lie in BSON: both ways, and what it is for people."""

    load: Callable[[Any], Any]
    dump: Callable[[Any], Any]
    why: str


def _load_date(value: Any) -> Any:
    if isinstance(value, datetime):
        # One with a time is no date: pydantic says so, nothing is cut off unseen.
        return value.date() if value.time() == _MIDNIGHT else value
    return date.fromisoformat(value) if isinstance(value, str) else value


_MIDNIGHT = time()


def _dump_date(value: date) -> datetime:
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _load_time(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.time()
    return time.fromisoformat(value) if isinstance(value, str) else value


def _dump_time(value: time) -> str:
    if value.tzinfo is not None and value.utcoffset() is None:
        raise EncodeError(
            f"a time in {value.tzinfo} has no offset from UTC without a date; "
            "datetime.timezone has zones with a fixed one"
        )
    return value.isoformat()


def _load_timedelta(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return timedelta(microseconds=int(value.to_decimal() * 10**6))
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return timedelta(seconds=value) if number else value


def _dump_timedelta(value: timedelta) -> float | Decimal128:
    seconds = value.total_seconds()
    # Nothing longer than the longest can be made to compare with it.
    with contextlib.suppress(OverflowError):
        if timedelta(seconds=seconds) == value:
            return seconds
    # A double has 16 digits, which is microseconds for 285 years.
    exact = decimal.Decimal(value // timedelta(microseconds=1)).scaleb(-6)
    return Decimal128(exact)


# BSON's flags lack Python's ASCII; in front of a pattern, Python reads it, too.
_ASCII = "(?a)"


def dump_pattern(value: re.Pattern[Any]) -> Regex[Any]:
    """A pattern as BSON's, which has no letter for ``re.ASCII``."""
    if isinstance(value.pattern, str) and value.flags & re.ASCII:
        return Regex(_ASCII + value.pattern, value.flags & ~re.ASCII)
    return Regex.from_native(value)


def load_bytes_pattern(value: Any) -> Any:
    """A stored regex as a pattern of bytes, which has no flag for Unicode."""
    if not isinstance(value, Regex):
        return value
    text = value.pattern
    return re.compile(
        text.encode() if isinstance(text, str) else text, value.flags & ~re.UNICODE
    )


def _load_pattern(value: Any) -> Any:
    if isinstance(value, Regex):
        pattern, flags = value.pattern, value.flags
        if isinstance(pattern, str) and pattern.startswith(_ASCII):
            pattern, flags = pattern.removeprefix(_ASCII), flags | re.ASCII
        return re.compile(pattern, flags)
    # Of the very type: bson's Code is a text that nothing can be looked up by.
    return re.compile(str(value)) if isinstance(value, str) else value


def _compiled(value: Any) -> Any:
    try:
        return _load_pattern(value)
    except re.error:
        return value


def _url(cls: type[Any]) -> Form:
    made = cls if isinstance(cls, type) else AnyUrl
    return Form(lambda value: _of(made, value), str, "stored as text")


def _of(cls: type[Any], value: Any) -> Any:
    return cls(value) if isinstance(value, str) else value


def _text(cls: type[Any]) -> Form:
    return Form(lambda value: _of(cls, value), str, "stored as text")


def _load_name_email(value: Any) -> Any:
    # Not by pydantic: it reads only names that need no quotes.
    if not isinstance(value, str) or not value.endswith(">"):
        return value
    name, _, email = value[:-1].rpartition(" <")
    return NameEmail(name, validate_email(email)[1])


def _dump_name_email(value: NameEmail) -> str:
    return f"{value.name} <{value.email}>"


_DATE = Form(_load_date, _dump_date, "stored as a date at midnight UTC")

_FORMS: dict[type[Any], Form] = {
    date: _DATE,
    PastDate: _DATE,
    FutureDate: _DATE,
    time: Form(_load_time, _dump_time, "stored as ISO 8601 text"),
    timedelta: Form(_load_timedelta, _dump_timedelta, "stored as seconds"),
    re.Pattern: Form(_compiled, dump_pattern, "stored as a BSON regex"),
    NameEmail: Form(_load_name_email, _dump_name_email, "stored as text"),
    complex: Form(
        lambda value: complex(*value) if isinstance(value, list) else value,
        lambda value: [value.real, value.imag],
        "stored as [real, imaginary]",
    ),
}
_TEXT = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)


def form_of(cls: Any) -> Form | None:
    """The form for a type, or None when it has none of its own."""
    if not isinstance(cls, type):
        return None
    if (found := _FORMS.get(cls)) is not None:
        return found
    if issubclass(cls, (*_TEXT, pathlib.PurePath)):
        return _text(cls)
    if issubclass(cls, (Url, MultiHostUrl)) or hasattr(cls, "_constraints"):
        return _url(cls)
    return None


SECRETS = (SecretStr, SecretBytes, Secret)
"""What is stored only where its field says how."""


def _dump_secret(value: Any) -> Any:
    raise EncodeError(
        f"a {type(value).__name__} is not stored unless its field says how: "
        'Annotated[SecretStr, Stored(secret="plain")]'
    )


# It rounds without a word; what becomes infinite by that is no rounding.
_ROUNDING = create_decimal128_context()
_ROUNDING.traps[decimal.Overflow] = True


def _dump_decimal(value: decimal.Decimal) -> Decimal128:
    try:
        return Decimal128(value)
    except decimal.Overflow:
        raise _too_large(value) from None
    except decimal.DecimalException:
        raise EncodeError(
            f"{value} has more digits than Decimal128 holds (34); "
            'Stored(decimal="round") rounds it'
        ) from None


def decimal_rounded(value: Any) -> Any:
    """A Decimal rounded, half to even, to what Decimal128 holds."""
    if not isinstance(value, decimal.Decimal):
        return value
    try:
        return Decimal128(_ROUNDING.copy().create_decimal(value))
    except decimal.Overflow:
        raise _too_large(value) from None


def _too_large(value: decimal.Decimal) -> EncodeError:
    return EncodeError(f"{value} is larger than what Decimal128 holds")


_AS_IS = (str, bool, float, type(None), datetime, ObjectId, Decimal128, Binary)


def plain(value: Any) -> Any:
    """
    Any value in its stored form, told by the value alone.

    For fields of type ``Any``, for filters, and for types without a form.

    Raises:
        EncodeError: for what must not, or cannot, be stored.
    """
    if type(value) in _AS_IS or isinstance(value, (bytes, Regex)):
        return value
    if is_numpy(value):
        # Some are subclasses of Python's own types, others are not.
        raise EncodeError(f"a NumPy {type(value).__name__} is not stored; {NUMPY_HINT}")
    for cls, dump in _DUMPS:
        if isinstance(value, cls):
            return dump(value)
    if (form := form_of(type(value))) is not None:
        return form.dump(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = (
            (one.name, getattr(value, one.name)) for one in dataclasses.fields(value)
        )
        return {name: plain(item) for name, item in pairs}
    return value


def _int(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise EncodeError(f"{value} does not fit into 64 bits; a Decimal or text would")
    return value


def _dump_array(value: Any) -> list[Any]:
    return [under(number, partial(plain, one)) for number, one in enumerate(value)]


def _dump_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        key_text(key): under(key_text(key), partial(plain, item))
        for key, item in value.items()
    }


def key_text(key: Any) -> str:
    """A key of a dict as text."""
    if type(key) is int:
        return str(key)
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return key
    if isinstance(key, (int, float, decimal.Decimal, uuid.UUID, ObjectId)):
        return str(key)
    return key.isoformat() if isinstance(key, (date, datetime)) else str(plain(key))


def _dump_model(value: BaseModel) -> Any:
    return plain(value.root) if isinstance(value, RootModel) else document_of(value)


@singledispatch
def document_of(model: Any) -> Any:
    """The document of a model; ``reading`` says how, as it reads classes."""
    raise TypeError(f"{type(model).__name__} is no model")


def _dump_enum(value: Enum) -> Any:
    return plain(value.value)


_DUMPS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, _dump_enum),
    (int, _int),
    (BaseModel, _dump_model),
    (Mapping, _dump_mapping),
    (SECRETS, _dump_secret),
    (decimal.Decimal, _dump_decimal),
    (uuid.UUID, Binary.from_uuid),
    ((str, float), lambda value: value),
    ((list, tuple, set, frozenset, deque), _dump_array),
    (datetime, lambda value: value),
)


def has_form(cls: type[Any]) -> bool:
    """Whether a class alone tells the stored form of its values."""
    known = issubclass(cls, _KNOWN) or dataclasses.is_dataclass(cls)
    return known or form_of(cls) is not None


def _each(classes: type[Any] | tuple[type[Any], ...]) -> tuple[type[Any], ...]:
    return classes if isinstance(classes, tuple) else (classes,)


_DUMPED = tuple(one for classes, _ in _DUMPS for one in _each(classes))

_KNOWN: tuple[type[Any], ...] = (*_AS_IS, bytes, bytearray, Regex, *_DUMPED)
