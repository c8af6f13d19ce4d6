"""Every type has a stored form, and comes back as it was."""

from __future__ import annotations

import collections
import dataclasses
import ipaddress
import pathlib
import re
import typing
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import pydantic
import pytest
from bson import Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex
from bson import Timestamp as BSONTimestamp
from bson.binary import Binary
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr
from typing_extensions import TypedDict

from mongolane import Document, Stored, codec, errors
from mongolane.schema import describe


class Colour(Enum):
    """Text values."""

    RED = "red"


class Number(IntEnum):
    """Number values."""

    ONE = 1


class Odd(Enum):
    """A value BSON has no type for."""

    PAIR = (1, 2)


class Part(BaseModel):
    """An embedded model."""

    n: int
    sub: Part | None = None


class Cat(BaseModel):
    """Told by a key."""

    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    """Told by a key."""

    kind: Literal["dog"] = "dog"
    loud: bool = True


@dataclasses.dataclass
class Point:
    """A dataclass."""

    x: int
    y: int = 0


class Movie(TypedDict):
    """A typed dict."""

    title: str


class Pair(NamedTuple):
    """A named tuple."""

    a: int
    b: str


NOON = datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)
OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")
UID = uuid.UUID(int=5)

CASES: list[tuple[Any, Any, Any]] = [
    (str, "é\U0001f600", "é\U0001f600"),
    (int, 2**62, 2**62),
    (float, 1.5, 1.5),
    (bool, True, True),
    (bytes, b"\0\xff", b"\0\xff"),
    (datetime, NOON, NOON),
    (ObjectId, OID, OID),
    (Decimal, Decimal("1.10"), Decimal128("1.10")),
    (Decimal128, Decimal128("2"), Decimal128("2")),
    (uuid.UUID, UID, UID),
    (Colour, Colour.RED, "red"),
    (Number, Number.ONE, 1),
    (Odd, Odd.PAIR, [1, 2]),
    (Literal["a", 2, None], 2, 2),
    (date, date(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)),
    (time, time(1, 2, 3, 4), "01:02:03.000004"),
    (timedelta, timedelta(days=1, microseconds=1), 86400.000001),
    (timedelta, timedelta.max, Decimal128("86399999999999.999999")),
    (timedelta, timedelta.min, -86399999913600.0),
    (None, None, None),
    (pathlib.Path, pathlib.Path("/a/b"), "/a/b"),
    (pydantic.HttpUrl, pydantic.HttpUrl("https://x.y/z"), "https://x.y/z"),
    (pydantic.AnyUrl, pydantic.AnyUrl("foo://x/"), "foo://x/"),
    (ipaddress.IPv4Address, ipaddress.IPv4Address("1.2.3.4"), "1.2.3.4"),
    (ipaddress.IPv6Network, ipaddress.IPv6Network("::/64"), "::/64"),
    (re.Pattern[str], re.compile("a+", re.I), Regex("a+", re.I | re.U)),
    (set[int], {1}, [1]),
    (frozenset[str], frozenset("a"), ["a"]),
    (tuple[int, ...], (1, 2), [1, 2]),
    (tuple[int, str], (1, "a"), [1, "a"]),
    (collections.deque[int], collections.deque([1]), [1]),
    (list[list[Decimal]], [[Decimal("1")]], [[Decimal128("1")]]),
    (dict[str, list[date]], {"a": [date(2024, 5, 1)]},
     {"a": [datetime(2024, 5, 1, tzinfo=UTC)]}),
    (dict[int, str], {1: "a"}, {"1": "a"}),
    (dict[Colour, int], {Colour.RED: 1}, {"red": 1}),
    (dict[uuid.UUID, Part], {UID: Part(n=1)}, {str(UID): {"n": 1, "sub": None}}),
    (dict[date, int], {date(2024, 5, 1): 1}, {"2024-05-01": 1}),
    (dict[ObjectId, int], {OID: 1}, {str(OID): 1}),
    (dict[tuple[int, int], int], {(1, 2): 3}, [{"k": [1, 2], "v": 3}]),
    (Part, Part(n=1, sub=Part(n=2)), {"n": 1, "sub": {"n": 2, "sub": None}}),
    (Point, Point(1), {"x": 1, "y": 0}),
    (Movie, {"title": "t"}, {"title": "t"}),
    (Pair, Pair(1, "b"), [1, "b"]),
    (int | str, "a", "a"),
    (float | int, 3, 3),
    (float | int, 3.0, 3.0),
    (Part | str | None, Part(n=1), {"n": 1, "sub": None}),
    (Cat | Dog, Dog(), {"kind": "dog", "loud": True}),
    (Annotated[Cat | Dog, pydantic.Field(discriminator="kind")], Dog(),
     {"kind": "dog", "loud": True}),
    (Any, {"a": [OID, None]}, {"a": [OID, None]}),
    (Regex, Regex("a", "i"), Regex("a", "i")),
    (Regex[str], Regex("a", "i"), Regex("a", "i")),
    (Int64, Int64(5), Int64(5)),
    (Binary, Binary(b"a", 128), Binary(b"a", 128)),
    (Code, Code("f()"), Code("f()")),
    (BSONTimestamp, BSONTimestamp(1, 2), BSONTimestamp(1, 2)),
    (MinKey, MinKey(), MinKey()),
    (MaxKey, MaxKey(), MaxKey()),
    (DBRef, DBRef("c", OID), DBRef("c", OID)),
    (Annotated[Decimal, Stored(decimal="round")], Decimal("1") / 4, Decimal128("0.25")),
    (Annotated[SecretStr, Stored(secret="plain")], SecretStr("x"), "x"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("annotation", "value", "stored"), CASES, ids=[str(one[0])[:40] for one in CASES]
)
def test_round_trip_of_each_type(annotation: Any, value: Any, stored: Any) -> None:
    """A value is stored in its form, and read back equal and of the same type."""
    model: Any = type(
        "Model",
        (Document,),
        {"__annotations__": {"v": annotation}, "__module__": __name__},
    )
    made = model(v=value)
    schema = describe(model)
    data = schema.codec.encode(made)

    assert codec.decode(data)["v"] == stored
    read = schema.codec.decode(data)
    assert read.v == value
    assert type(read.v) is type(value)
    assert schema.load(codec.decode(data)).v == value
    assert codec.encode(schema.dump(made)) == data


@settings(deadline=None)
@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))])))
def test_aware_datetimes_in_any_zone(moment: datetime) -> None:
    """A moment of any zone comes back as the same moment, to the millisecond."""

    class When(Document):
        at: datetime

    schema = describe(When)
    try:
        read = schema.codec.decode(schema.codec.encode(When(at=moment)))
    except errors.EncodeError:
        return
    except (OverflowError, errors.DocumentDecodeError):
        return

    assert abs(read.at - moment) < timedelta(milliseconds=1)
    assert read.at.utcoffset() == timedelta(0)


class Everything(Document):
    """What hypothesis fills."""

    s: str
    i: int
    d: date
    t: time
    td: timedelta
    dec: Decimal
    m: dict[int, list[str]]
    p: Part | None = None
    u: uuid.UUID | int | str = 0


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Everything,
        s=st.text(st.characters(exclude_categories=["Cs"])),
        i=st.integers(-(2**63), 2**63 - 1),
        d=st.dates(),
        t=st.times(),
        td=st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
        dec=st.decimals(allow_nan=False, allow_infinity=False, places=5,
                        min_value=-(10**20), max_value=10**20),
        m=st.dictionaries(st.integers(), st.lists(st.text("abc"))),
        p=st.none() | st.builds(Part, n=st.integers(0, 5)),
        u=st.uuids() | st.integers(0, 5) | st.text("abc"),
    )
)  # fmt: skip
def test_plan_and_pydantic_agree(made: Everything) -> None:
    """Reading by plan and by pydantic gives equal instances, for any values."""
    schema = describe(Everything)
    data = schema.codec.encode(made)

    assert schema.codec.decode(data) == made
    assert schema.load(codec.decode(data)) == made


def test_secrets_are_refused() -> None:
    """A secret is not stored unless its field says how."""

    class Hidden(Document):
        token: SecretStr

    with pytest.raises(errors.EncodeError, match="Stored"):
        describe(Hidden).codec.encode(Hidden(token="x"))


def test_long_decimals_are_refused_or_rounded() -> None:
    """A Decimal of more than 34 digits is an error, unless its field rounds."""
    long = Decimal("1." + "1" * 40)

    class Strict(Document):
        v: Decimal

    class Rounding(Document):
        v: Annotated[Decimal, Stored(decimal="round")]

    with pytest.raises((errors.EncodeError, ValueError), match="v"):
        describe(Strict).codec.encode(Strict(v=long))
    schema = describe(Rounding)
    read = schema.codec.decode(schema.codec.encode(Rounding(v=long)))
    assert read.v == Decimal("1." + "1" * 33)


ONES = Decimal("1." + "1" * 40)
ROUNDED = Decimal("1." + "1" * 33)
ROUND = Stored(decimal="round")


@pytest.mark.parametrize(
    ("annotation", "value", "rounded"),
    [
        (Annotated[Decimal | None, ROUND], ONES, ROUNDED),
        (Annotated[list[Decimal], ROUND], [ONES], [ROUNDED]),
        (Annotated[dict[str, list[Decimal | None]], ROUND],
         {"a": [ONES, None]}, {"a": [ROUNDED, None]}),
        (Annotated[tuple[Decimal, int], ROUND], (ONES, 1), (ROUNDED, 1)),
        (Annotated[dict[int, Decimal], ROUND], {1: ONES}, {1: ROUNDED}),
        (Annotated[Decimal | str, ROUND], ONES, ROUNDED),
        (Annotated[Decimal, ROUND, pydantic.Field(ge=0)], ONES, ROUNDED),
        (list[Annotated[Decimal, ROUND]], [ONES], [ROUNDED]),
    ],
    ids=str,
)  # fmt: skip
def test_rounding_holds_for_what_is_inside(
    annotation: Any, value: Any, rounded: Any
) -> None:
    """A field that rounds does so wherever its decimals are, and reads them again."""
    body = {"__annotations__": {"v": annotation}, "__module__": __name__}
    model: Any = type("Model", (Document,), body)
    schema = describe(model)
    data = schema.codec.encode(model(v=value))

    assert schema.codec.decode(data).v == rounded
    assert schema.load(codec.decode(data)).v == rounded


@pytest.mark.parametrize("marks", [Stored(), ROUND], ids=["error", "round"])
def test_decimals_beyond_all_exponents_are_refused(marks: Stored) -> None:
    """Rounding makes no infinity of a number."""
    body = {"__annotations__": {"v": Annotated[Decimal, marks]}, "__module__": __name__}
    model: Any = type("Model", (Document,), body)

    with pytest.raises(errors.EncodeError, match=r"v: 1E.7000 is larger"):
        describe(model).codec.encode(model(v=Decimal("1E+7000")))


def test_a_time_without_an_offset_is_refused() -> None:
    """A zone whose offset hangs on the date would be lost without a word."""

    class Open(Document):
        at: time

    with pytest.raises(errors.EncodeError, match=r"at: .*Europe/Berlin"):
        describe(Open).codec.encode(Open(at=time(8, tzinfo=ZoneInfo("Europe/Berlin"))))


def test_large_ints_name_their_path() -> None:
    """An int beyond 64 bits is refused with its path."""

    class Big(Document):
        n: int = 0
        any_: Any = None

    with pytest.raises(ValueError, match="n"):
        describe(Big).codec.encode(Big(n=2**64))


def test_a_field_validator_sends_one_field() -> None:
    """A validator on one field sends that field alone through pydantic, and once."""
    seen: list[int] = []

    class Checked(Document):
        a: int
        b: int = 0

        @pydantic.field_validator("a")
        @classmethod
        def double(cls, value: int) -> int:
            seen.append(value)
            return value * 2

    schema = describe(Checked)
    assert schema.plan.whole is None
    data = codec.encode({"a": 3, "b": 1})
    assert schema.codec.decode(data).a == 6
    assert schema.load({"a": 3, "b": 1}).a == 6
    assert seen == [3, 3]


def test_a_model_validator_sends_the_document() -> None:
    """A model validator sees whole documents, by whichever way they come."""

    class Checked(Document):
        a: int

        @pydantic.model_validator(mode="after")
        def positive(self) -> typing.Self:
            if self.a < 0:
                raise ValueError("must be positive")
            return self

    schema = describe(Checked)
    with pytest.raises(errors.DocumentDecodeError, match="must be positive"):
        schema.codec.decode(codec.encode({"_id": OID, "a": -1}))


def test_constraints_hold_when_reading() -> None:
    """A stored value that breaks a constraint is refused, with id and path."""

    class Limited(Document):
        age: Annotated[int, pydantic.Field(ge=0)]
        name: Annotated[str, pydantic.Field(max_length=3, pattern="^a")] = "a"
        tags: Annotated[list[str], pydantic.Field(max_length=1)] = []  # noqa: RUF012 (pydantic copies it)

    schema = describe(Limited)
    for document in (
        {"age": -1},
        {"age": 1, "name": "b"},
        {"age": 1, "tags": ["a", "b"]},
    ):
        with pytest.raises(errors.DocumentDecodeError) as caught:
            schema.codec.decode(codec.encode({"_id": OID, **document}))
        assert caught.value.path in document
        assert caught.value.document_id == OID


def test_a_pattern_in_pythons_dialect_holds() -> None:
    """Where the class says so, what other engines do not know is known."""

    class Ahead(Document):
        model_config = pydantic.ConfigDict(regex_engine="python-re")
        v: Annotated[str, pydantic.Field(pattern="^(?=a)[a-z]+$")]

    schema = describe(Ahead)
    assert schema.codec.decode(codec.encode({"v": "ab"})).v == "ab"
    with pytest.raises(errors.DocumentDecodeError, match="v"):
        schema.codec.decode(codec.encode({"v": "ba"}))


def test_stored_names_are_not_aliases() -> None:
    """The stored key is ours; pydantic's alias stays what it was."""

    class Named(Document):
        name: Annotated[str, Stored("n")] = pydantic.Field(alias="Name")

    schema = describe(Named)
    made = Named(Name="x")
    assert codec.decode(schema.codec.encode(made))["n"] == "x"
    assert schema.codec.decode(codec.encode({"n": "y"})).name == "y"
    assert schema.load({"n": "y"}).name == "y"
    assert made.model_dump(by_alias=True)["Name"] == "x"


def test_extra_keys_are_kept_where_allowed() -> None:
    """``extra`` of model_config holds for stored documents, too."""

    class Open(Document):
        model_config = pydantic.ConfigDict(extra="allow")
        a: int = 0

    schema = describe(Open)
    read = schema.codec.decode(codec.encode({"a": 1, "b": [2]}))
    assert read.b == [2]
    assert codec.decode(schema.codec.encode(read)) == {"a": 1, "b": [2]}
