"""Values without a plan: every type, the refused ones, and where they lie."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import re
import uuid
from types import ModuleType, SimpleNamespace
from typing import Any

import bson
import pytest
from bson import (
    SON,
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.raw_bson import RawBSONDocument

from mongolane.errors import BSONError, EncodeError
from tests.codec.documents import OPTIONS, to_bson


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Name(str):
    __slots__ = ()


ZONE = dt.timezone(dt.timedelta(hours=5, minutes=30))
AS_BSON = {
    "int32": 1,
    "edge": 2**31 - 1,
    "int64": 2**31,
    "least": -(2**63),
    "kept": Int64(3),
    "double": -0.0,
    "infinite": float("inf"),
    "true": True,
    "text": "naïve \U0001f600\0",
    "subclass": Name("n"),
    "null": None,
    "document": {"a": {"": [{}, []]}},
    "tuple": (1, (2,)),
    "id": ObjectId(),
    "aware": dt.datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=ZONE),
    "naive": dt.datetime(1969, 12, 31, 23, 59, 59, 999000),  # noqa: DTZ001
    "first": dt.datetime(1, 1, 1, tzinfo=dt.UTC),
    "far": DatetimeMS(10**17),
    "bytes": b"\0\xff",
    "binary": Binary(b"x", 128),
    "old": Binary(b"x", 2),
    "uuid": uuid.uuid4(),
    "decimal": Decimal128("-1.50E+10"),
    "regex": Regex("^a", "imsx"),
    "pattern": re.compile("b", re.IGNORECASE),
    "code": Code("f()"),
    "scoped": Code("g()", {"x": 1}),
    "timestamp": Timestamp(2**32 - 1, 1),
    "least key": MinKey(),
    "most key": MaxKey(),
    "reference": DBRef("c", ObjectId(), "d", more=1),
    "son": SON([("b", 1), ("a", 2)]),
    "raw": RawBSONDocument(bson.encode({"a": 1})),
    "chain": collections.ChainMap({"a": 1}),
}


@pytest.mark.parametrize("name", AS_BSON)
def test_values_encode_as_bson_does(codec: ModuleType, name: str) -> None:
    """The bytes are those of ``bson``, and decode to the same values and types."""
    document = {name: AS_BSON[name]}
    data = to_bson(document)
    expected = bson.decode(data, OPTIONS)[name]

    assert data == codec.encode(document)
    assert expected == codec.decode(data)[name]
    assert type(expected) is type(codec.decode(data)[name])


MORE: dict[str, tuple[Any, Any]] = {
    "decimal": (decimal.Decimal("1.10"), Decimal128("1.10")),
    "enum": (Colour.RED, "red"),
    "int enum": (Level.HIGH, 3),
    "date": (dt.date(2024, 2, 29), dt.datetime(2024, 2, 29, tzinfo=dt.UTC)),
    "set": ({1}, [1]),
    "frozenset": (frozenset({"a"}), ["a"]),
    "deque": (collections.deque([1, 2]), [1, 2]),
    "bytearray": (bytearray(b"x"), b"x"),
    "hook": (SimpleNamespace(__bson__=lambda: {"a": Colour.RED}), {"a": "red"}),
    "ready": (SimpleNamespace(__bson__=lambda: bson.encode({"a": 1})), {"a": 1}),
}


@pytest.mark.parametrize("name", MORE)
def test_more_values_encode(codec: ModuleType, name: str) -> None:
    """Types that ``bson`` refuses have a form here."""
    value, stored = MORE[name]

    assert {"x": [stored]} == codec.decode(codec.encode({"x": [value]}))


def cycle() -> list[Any]:
    """A list that contains itself."""
    items: list[Any] = []
    items.append(items)
    return items


REFUSED: dict[str, tuple[Any, str]] = {
    "date before the year 1 in UTC": (
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=5))),
        "years 1 to 9999",
    ),
    "date after the year 9999 in UTC": (
        dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-5))),
        "years 1 to 9999",
    ),
    "long integer": (2**63, "Decimal128 or text"),
    "long decimal": (decimal.Decimal("1." + "1" * 40), "round it first"),
    "surrogate": ("\ud800", "lone surrogate"),
    "cycle": (cycle(), "contains itself"),
    "timedelta": (dt.timedelta(1), "total_seconds"),
    "time": (dt.time(1), "isoformat"),
    "object": (object(), "no form in BSON"),
    "class": (Colour, "no form in BSON"),
    "number key": ({1: 2}, "convert it first"),
    "NUL key": ({"a\0": 1}, "NUL"),
    "surrogate key": ({"\udfff": 1}, "surrogate"),
    "NUL pattern": (Regex("a\0"), "NUL"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_path_and_way_out(codec: ModuleType, name: str) -> None:
    """What has no place in BSON is refused by its path, with a hint."""
    value, hint = REFUSED[name]
    with pytest.raises(EncodeError, match=re.escape(hint)) as caught:
        codec.encode({"a": {"b": [0, value]}})

    assert caught.value.path.startswith("a.b.1")


def test_numpy_scalars_are_refused(codec: ModuleType) -> None:
    """A type of NumPy's is refused with a hint, even one that is also a float."""
    numpy = type("float64", (float,), {"__module__": "numpy"})
    with pytest.raises(EncodeError, match=r"\.item\(\)"):
        codec.encode({"a": numpy(1.5)})


def test_only_mappings_are_documents(codec: ModuleType) -> None:
    """A list is no document."""
    with pytest.raises(EncodeError, match="must be a mapping"):
        codec.encode([1])


def test_commands_get_their_tail(codec: ModuleType) -> None:
    """Ready elements follow the body's own."""
    tail = bson.encode({"$db": "test", "lsid": {"id": 1}})[4:-1]
    data = codec.encode_command({"find": "c", "filter": {}}, tail)
    expected = {"find": "c", "filter": {}, "$db": "test", "lsid": {"id": 1}}

    assert expected == bson.decode(data)


def test_dates_can_be_naive(codec: ModuleType) -> None:
    """Without ``tz_aware`` dates are naive UTC."""
    data = to_bson({"at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC)})

    assert codec.decode(data, tz_aware=False)["at"].tzinfo is None


def test_errors_tell_offset_and_path(native: ModuleType) -> None:
    """Bad bytes deep inside are found where they are."""
    data = bytearray(bson.encode({"a": {"b": [1, "text"]}}))
    at = data.index(b"text")
    data[at] = 0xFF
    with pytest.raises(BSONError) as caught:
        native.decode(bytes(data))

    assert caught.value.path == "a.b.1"
    assert at <= caught.value.offset <= at + 5


def test_deep_nesting_is_refused(codec: ModuleType) -> None:
    """Two hundred levels decode, many more raise instead of overflowing."""
    for depth, fits in [(199, True), (250, False), (20_000, False)]:
        data = b"\x05\0\0\0\0"
        for _ in range(depth):
            size = (len(data) + 8).to_bytes(4, "little")
            data = size + b"\x03a\0" + data + b"\0"
        if fits:
            assert codec.encode(codec.decode(data)) == data
        else:
            with pytest.raises(BSONError):
                codec.decode(data)


def test_json_has_a_form_for_everything(codec: ModuleType) -> None:
    """Ids are hex, dates ISO 8601, decimals and UUIDs text, NaN is null."""
    document = {
        "id": ObjectId("0" * 24),
        "at": dt.datetime(2024, 1, 1, 0, 0, 0, 5000, tzinfo=dt.UTC),
        "price": Decimal128("1.50"),
        "key": uuid.UUID(int=5),
        "nan": float("nan"),
        "text": 'a"\\\n\x01é',
        "list": [1, 2.5, None, True],
    }
    expected = (
        '{"id":"000000000000000000000000","at":"2024-01-01T00:00:00.005000Z",'
        '"price":"1.50","key":"00000000-0000-0000-0000-000000000005","nan":null,'
        '"text":"a\\"\\\\\\n\\u0001é","list":[1,2.5,null,true]}'
    )

    assert expected == codec.to_json(to_bson(document)).decode()
