"""Types for hypothesis to choose from, each with values that instances hold."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import ipaddress
import pathlib
import re
import typing
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from typing import Annotated, Any, Literal, NamedTuple

import pydantic
from bson import Decimal128, Int64, Regex
from hypothesis import reject
from hypothesis import strategies as st
from pydantic import Field
from pydantic_core import Url

from mongolane import Stored
from mongolane.fields.bson_types import told
from tests.codec import documents

__all__ = ["DIRECT", "LEAVES", "NEEDS_HASH", "Type", "built", "containers"]


class Type(NamedTuple):
    """
    A type and its values.

    ``direct``: pydantic takes what ``bson.decode`` gives, but for Decimal128.
    ``forms``: what values may be stored as; two types of one form cannot be told in a
    union, so there the first would be meant.
    """

    annotation: Any
    values: st.SearchStrategy[Any]
    direct: bool = True
    hashable: bool = True
    forms: frozenset[str] = frozenset({"array", "document"})


class Colour(Enum):
    """Text values."""

    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    """Number values."""

    LOW = 1
    HIGH = 2


class Odd(Enum):
    """Values BSON has no type for."""

    PAIR = (1, 2)
    DAY = dt.date(2024, 5, 1)
    PRICE = Decimal("1.5")


class Rights(Flag):
    """Values that no single member has."""

    READ = 1
    WRITE = 2


class Mixed(str, Enum):  # noqa: UP042 (the old way is a type of its own)
    """Members that are texts."""

    A = "a"


text = documents.text
ints = documents.ints
small = st.integers(-9, 9)
floats = st.floats()
moments = documents.moments
naive = st.datetimes().map(
    lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000)
)
decimals = documents.decimals
zones = st.sampled_from(
    [dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30)), dt.timezone.min]
)
emails = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.(org|net)", fullmatch=True)
patterns = st.builds(
    re.compile,
    st.sampled_from(["a+", "^é", "(b|c)$", ""]),
    st.sampled_from([0, re.I, re.M | re.S, re.X, re.A, re.A | re.I]),
)
hosts = st.from_regex(r"[a-z]{1,9}\.(org|net)", fullmatch=True)
urls = st.builds(
    lambda scheme, host, path: f"{scheme}://{host}{path}",
    st.sampled_from(["http", "https"]),
    hosts,
    st.sampled_from(["", "/", "/a/b?c=d#e", "/é"]),
)


def natural(value: Any) -> Any:
    """A value as it is read without a type: decimals Python's, long integers BSON's."""
    if type(value) is int and not -(2**31) <= value < 2**31:
        return Int64(value)
    return value.to_decimal() if isinstance(value, Decimal128) else value


LEAVES: dict[str, Type] = {
    "str": Type(str, text),
    "int": Type(int, ints),
    "float": Type(float, floats),
    "bool": Type(bool, st.booleans()),
    "bytes": Type(bytes, st.binary(max_size=9) | text.map(str.encode)),
    "datetime": Type(dt.datetime, moments),
    "decimal": Type(Decimal, decimals),
    "uuid": Type(uuid.UUID, st.uuids()),
    "colour": Type(Colour, st.sampled_from(Colour)),
    "level": Type(Level, st.sampled_from(Level)),
    "mixed": Type(Mixed, st.sampled_from(Mixed)),
    "literal": Type(Literal["a", 2, True, None], st.sampled_from(["a", 2, True, None])),
    "date": Type(dt.date, st.dates()),
    "any": Type(Any, documents.scalars.map(natural), hashable=False),
    "positive": Type(Annotated[int, Field(ge=0, lt=100)], st.integers(0, 99)),
    "ratio": Type(
        Annotated[float, Field(gt=-1, le=1.5)],
        st.floats(-1, 1.5, exclude_min=True),
    ),
    "even": Type(Annotated[int, Field(multiple_of=2)], small.map(lambda n: n * 2)),
    "short": Type(
        Annotated[str, Field(min_length=1, max_length=5)],
        st.text("aé\U0001f600", min_size=1, max_size=5),
    ),
    "matched": Type(
        Annotated[str, Field(pattern=r"^[a-c]+$")],
        st.text("abc", min_size=1, max_size=5),
    ),
    "blob": Type(Annotated[bytes, Field(max_length=4)], st.binary(max_size=4)),
    "price": Type(
        Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2)],
        st.decimals(0, 9999, places=2),
    ),
    "finite": Type(
        pydantic.FiniteFloat,
        st.floats(allow_nan=False).filter(lambda one: abs(one) != float("inf")),
    ),
    "time": Type(dt.time, st.times(), False),
    "zoned": Type(dt.time, st.times(timezones=zones), False),
    "timedelta": Type(dt.timedelta, st.timedeltas(), False),
    "naive": Type(pydantic.NaiveDatetime, naive, False),
    "odd": Type(Odd, st.sampled_from(Odd), False),
    "rights": Type(
        Rights, st.sampled_from([*Rights, Rights.READ | Rights.WRITE]), False
    ),
    "path": Type(
        pathlib.Path, text.filter(lambda t: "\0" not in t).map(pathlib.Path), False
    ),
    "url": Type(pydantic.HttpUrl, urls.map(pydantic.HttpUrl), False),
    "any_url": Type(pydantic.AnyUrl, urls.map(pydantic.AnyUrl), False),
    "core_url": Type(Url, urls.map(Url), False),
    "dsn": Type(
        pydantic.MongoDsn,
        st.sampled_from(["mongodb://a:1,b:2/c", "mongodb://u:p@h/d"]).map(
            pydantic.MongoDsn
        ),
        False,
    ),
    "ip4": Type(ipaddress.IPv4Address, st.ip_addresses(v=4), False),
    "ip6": Type(ipaddress.IPv6Address, st.ip_addresses(v=6), False),
    "any_ip": Type(pydantic.IPvAnyAddress, st.ip_addresses(), False),
    "net": Type(
        ipaddress.IPv4Network,
        st.ip_addresses(v=4).map(lambda one: ipaddress.IPv4Network(f"{one}/32")),
        False,
    ),
    "email": Type(pydantic.EmailStr, emails, False),
    "mailbox": Type(
        pydantic.NameEmail,
        st.builds(pydantic.NameEmail, st.text("abé.'\", ()", max_size=6), emails),
        False,
        False,
    ),
    "pattern": Type(re.Pattern[str], patterns, False),
    "secret": Type(
        Annotated[pydantic.SecretStr, Stored(secret="plain")],
        # Nothing that a setting for texts would change, when the text is read.
        st.text("0123456789-", min_size=1, max_size=9).map(pydantic.SecretStr),
        False,
    ),
    "complex": Type(complex, st.complex_numbers(), False),
    "int64": Type(told(Int64), ints.map(Int64), False),
    "decimal128": Type(told(Decimal128), decimals.map(Decimal128), False, False),
    "regex": Type(
        told(Regex), st.builds(Regex, st.sampled_from(["a", "b+"])), False, False
    ),
}
"""Types that hold no others. ``direct`` ones first."""

_FORMS = {
    "text": "str short matched mixed literal colour time zoned path url any_url any "
    # Pydantic takes any text for a pattern, and as surely as for a text.
    "core_url dsn ip4 ip6 any_ip net email mailbox secret pattern",
    # And any integer for any address.
    "number": "int float bool level positive ratio even rights finite timedelta any "
    "any_ip decimal price literal int64 decimal128 odd",
    "date": "datetime date naive odd any",
    "array": "complex odd any",
    "binary": "bytes blob uuid any",
    "regex": "pattern regex any",
    "null": "literal any",
    "choice": "colour level mixed literal",
}
for _name in LEAVES:
    _found = frozenset(form for form, names in _FORMS.items() if _name in names.split())
    LEAVES[_name] = LEAVES[_name]._replace(forms=_found)


def _shorts(one: Type, most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(one.values, max_size=most)


def _optional(one: Type) -> Type:
    values = st.none() | one.values
    annotation: Any = typing.Optional[one.annotation]  # noqa: UP045 (None, too)
    return one._replace(annotation=annotation, values=values)


def _list(one: Type) -> Type:
    return Type(list[one.annotation], _shorts(one), one.direct, False)  # type: ignore[name-defined]


def _few(one: Type) -> Type:
    annotation = Annotated[list[one.annotation], Field(max_length=2)]  # type: ignore[name-defined]
    return Type(annotation, _shorts(one, 2), one.direct, False)


def _set(one: Type) -> Type:
    return Type(set[one.annotation], _shorts(one).map(set), one.direct, False)  # type: ignore[name-defined]


def _frozenset(one: Type) -> Type:
    made = _shorts(one).map(frozenset)
    return Type(frozenset[one.annotation], made, one.direct)  # type: ignore[name-defined]


def _tuple(one: Type) -> Type:
    made = _shorts(one).map(tuple)
    return Type(tuple[one.annotation, ...], made, one.direct, one.hashable)


def _pair(one: Type) -> Type:
    made = st.tuples(one.values, small)
    return Type(tuple[one.annotation, int], made, one.direct, one.hashable)  # type: ignore[name-defined]


def _deque(one: Type) -> Type:
    made = _shorts(one).map(collections.deque)
    return Type(collections.deque[one.annotation], made, one.direct, False)  # type: ignore[name-defined]


def _dict(one: Type) -> Type:
    made = st.dictionaries(documents.keys, one.values, max_size=3)
    return Type(dict[str, one.annotation], made, one.direct, False)  # type: ignore[name-defined]


def _keyed(one: Type) -> Type:
    made = st.dictionaries(one.values, small, max_size=3)
    return Type(dict[one.annotation, int], made, False, False)  # type: ignore[name-defined]


def _numbered(one: Type) -> Type:
    made = st.dictionaries(ints, one.values, max_size=3)
    return Type(dict[int, one.annotation], made, False, False)  # type: ignore[name-defined]


def _sequence(one: Type) -> Type:
    return Type(Sequence[one.annotation], _shorts(one), one.direct, False)  # type: ignore[name-defined]


def _mapping(one: Type) -> Type:
    made = st.dictionaries(documents.keys, one.values, max_size=3)
    return Type(Mapping[str, one.annotation], made, one.direct, False)  # type: ignore[name-defined]


def _dataclass(one: Type) -> Type:
    fields = [("x", one.annotation), ("n", int, dataclasses.field(default=3))]
    made: Any = dataclasses.make_dataclass("Line", fields)
    return Type(made, st.builds(made, one.values, small), one.direct, False)


def _checked(one: Type) -> Type:
    fields = [("x", one.annotation), ("n", int, dataclasses.field(default=3))]
    plain = dataclasses.make_dataclass("Checked", fields, frozen=True)
    made: Any = pydantic.dataclasses.dataclass(plain, frozen=True)
    values = st.builds(lambda x, n: built(made, x, n), one.values, small)
    return Type(made, values, one.direct, False)


def built(cls: Any, x: Any, n: Any) -> Any:
    """An instance of a dataclass of pydantic's, which may check what it holds again."""
    try:
        return cls(x=x, n=n)
    except pydantic.ValidationError:
        # By aliases, which a constructor is given, and an instance does not have.
        reject()


def _typed_dict(one: Type) -> Type:
    from typing import NotRequired

    from typing_extensions import TypedDict

    made: Any = TypedDict("Movie", {"x": one.annotation, "n": NotRequired[int]})  # type: ignore[misc]
    values = st.fixed_dictionaries({"x": one.values}, optional={"n": small})
    return Type(made, values, one.direct, False)


def _named_tuple(one: Type) -> Type:
    made: Any = NamedTuple("Pair", [("x", one.annotation), ("n", int)])
    return Type(made, st.builds(made, one.values, small), one.direct, False)


def _root(one: Type) -> Type:
    made: Any = pydantic.RootModel[one.annotation]  # type: ignore[name-defined]
    values = one.values.map(made.model_construct)
    return Type(made, values, one.direct, False, one.forms)


containers: dict[str, Callable[[Type], Type]] = {
    "optional": _optional,
    "list": _list,
    "few": _few,
    "set": _set,
    "frozenset": _frozenset,
    "tuple": _tuple,
    "pair": _pair,
    "deque": _deque,
    "dict": _dict,
    "keyed": _keyed,
    "numbered": _numbered,
    "sequence": _sequence,
    "mapping": _mapping,
    "dataclass": _dataclass,
    "checked": _checked,
    "typed_dict": _typed_dict,
    "named_tuple": _named_tuple,
    "root": _root,
}
NEEDS_HASH = {"set", "frozenset", "keyed"}
DIRECT = {"keyed", "numbered"}
