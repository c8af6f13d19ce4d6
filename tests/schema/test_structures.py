"""What has parts keeps the stored form of each part, however deep it lies."""

from __future__ import annotations

import collections
import dataclasses
import enum
import ipaddress
import re
import typing
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar

import pydantic
import pytest
from bson import Binary
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel, SecretStr
from typing_extensions import TypedDict

from mongolane import Document, Stored, codec, errors
from mongolane.codec import _python
from mongolane.fields.bson_types import told
from mongolane.schema import describe

ONE = Decimal(1)
DAY = date(2020, 1, 2)
UID = uuid.UUID(int=7)


class Part(BaseModel):
    """An embedded model."""

    n: int
    price: Decimal = ONE


class Named(BaseModel):
    """With another name in JSON."""

    n: int = pydantic.Field(alias="Number")


@dataclasses.dataclass
class Line:
    """A dataclass that holds itself."""

    x: int
    price: Decimal = ONE
    day: date = DAY
    more: list[Line] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Key:
    """A dataclass that can be a key."""

    x: int
    price: Decimal = ONE


@pydantic.dataclasses.dataclass
class Checked:
    """A dataclass of pydantic's."""

    day: date
    prices: dict[str, Decimal]


class Movie(TypedDict):
    """A typed dict that holds itself."""

    title: str
    day: NotRequired[date]
    price: NotRequired[Decimal]
    more: NotRequired[list[Movie]]


class Pair(NamedTuple):
    """A named tuple."""

    a: int
    price: Decimal
    day: date = DAY


class Prices(RootModel[list[Decimal]]):
    """A model that is a list."""


class Days(RootModel[dict[str, date]]):
    """A model that is a dict."""


class Colour(enum.Enum):
    """Text values."""

    RED = "red"


class Wide(enum.Enum):
    """Values with a form of their own."""

    DAY = DAY
    PRICE = ONE


class Rights(enum.Flag):
    """Values that no single member has."""

    READ = 1
    WRITE = 2


class Exact(NamedTuple):
    """A named tuple of strict parts."""

    rights: Annotated[Rights, pydantic.Strict()]
    some: Annotated[set[int] | None, pydantic.Strict()]


@dataclasses.dataclass
class Demanding:
    """A dataclass with a strict part."""

    rights: Annotated[Rights, pydantic.Strict()]


@dataclasses.dataclass
class Told:
    """A dataclass with keys that are no text."""

    keys: dict[tuple[int, int], date]


OneOfTwo = TypeVar("OneOfTwo", int, str)
Bound = TypeVar("Bound", bound=date)


class Either(BaseModel, Generic[OneOfTwo]):
    """Of one type or another, where it is not said."""

    item: OneOfTwo
    more: list[OneOfTwo] = []


class Below(BaseModel, Generic[Bound]):
    """Of a type or one below it."""

    item: Bound


class Circle(BaseModel):
    """Told by two keys."""

    kind: Literal["flat"] = "flat"
    shape: Literal["circle"] = "circle"


class Square(BaseModel):
    """Told by two keys."""

    kind: Literal["flat"] = "flat"
    shape: Literal["square"] = "square"
    day: date = DAY


class Solid(BaseModel):
    """Told by one key."""

    kind: Literal["solid"] = "solid"
    price: Decimal = ONE


Flat = Annotated[Circle | Square, pydantic.Field(discriminator="shape")]
Body = Annotated[Flat | Solid, pydantic.Field(discriminator="kind")]


class Film(TypedDict):
    """A typed dict, told by a key."""

    kind: Literal["film"]
    day: date


class Song(TypedDict):
    """A typed dict, told by a key."""

    kind: Literal["song"]
    price: Decimal


FILM: Film = {"kind": "film", "day": DAY}


@dataclasses.dataclass
class Disc:
    """A dataclass, told by a key."""

    price: Decimal
    kind: Literal["disc"] = "disc"


@dataclasses.dataclass
class Tape:
    """A dataclass, told by a key."""

    day: date
    kind: Literal["tape"] = "tape"


Plain = Stored(secret="plain")

CASES: list[tuple[Any, Any]] = [
    (Line, Line(1, Decimal("2.50"), DAY, [Line(2)])),
    (Line | None, Line(1)),
    (list[Line], [Line(1)]),
    (dict[str, Line], {"a": Line(1)}),
    (Checked, Checked(DAY, {"a": ONE})),
    (Movie, {"title": "t", "day": DAY, "price": ONE, "more": [{"title": "u"}]}),
    (list[Movie], [{"title": "t", "price": ONE}]),
    (Pair, Pair(1, ONE)),
    (list[Pair], [Pair(1, ONE)]),
    (tuple[int, Decimal], (1, ONE)),
    (tuple[Part, date], (Part(n=1), DAY)),
    (tuple[()], ()),
    (frozenset[tuple[int, Decimal]], frozenset({(1, ONE)})),
    (Prices, Prices([ONE])),
    (Prices | None, Prices([ONE])),
    (list[Prices], [Prices([ONE])]),
    (Days, Days({"a": DAY})),
    (Mapping[str, Decimal], {"a": ONE}),
    (Mapping[int, Decimal], {1: ONE}),
    (Sequence[Decimal], [ONE]),
    (collections.OrderedDict[str, Decimal], collections.OrderedDict(a=ONE)),
    (collections.Counter[str], collections.Counter("aab")),
    (dict[Key, int], {Key(1): 1}),
    (dict[tuple[date, Decimal], Part], {(DAY, ONE): Part(n=1)}),
    (dict[frozenset[int], int], {frozenset({1}): 1}),
    (dict[None, int], {None: 1}),
    (Decimal | float, ONE),
    (Decimal | float, 1.5),
    (Decimal | str, ONE),
    (Decimal | str, "1"),
    (Decimal | int, ONE),
    (Decimal | int, 1),
    (time | int, time(1, 2)),
    (timedelta | int, timedelta(1)),
    (uuid.UUID | bytes, UID),
    (uuid.UUID | bytes, b"a"),
    (list[Decimal] | int, [ONE]),
    (list[Decimal] | list[str], [ONE]),
    (list[Decimal] | list[str], ["1"]),
    (dict[str, Decimal] | Part, {"a": ONE}),
    (dict[str, Decimal] | Part, Part(n=1)),
    (Line | Part, Line(1)),
    (Line | Part, Part(n=1)),
    (Line | Named, Named(Number=1)),
    (Movie | int, {"title": "t", "price": ONE}),
    (list[date | Decimal], [DAY, ONE]),
    (dict[str, date | Decimal | None], {"a": DAY, "b": ONE, "c": None}),
    (Literal[Colour.RED], Colour.RED),
    (Wide, Wide.PRICE),
    (re.Pattern[bytes], re.compile(b"a", re.M)),
    (pydantic.NaiveDatetime, datetime(2020, 1, 1)),  # noqa: DTZ001
    (pydantic.AwareDatetime, datetime(2020, 1, 1, tzinfo=UTC)),
    (pydantic.Json[list[int]], "[1, 2]"),
    (pydantic.Base64Bytes, b"YWJj"),
    (Annotated[tuple[int, Decimal], pydantic.AfterValidator(lambda v: v)], (1, ONE)),
    (Annotated[list[SecretStr], Plain], [SecretStr("x")]),
    (Annotated[dict[str, SecretStr], Plain], {"a": SecretStr("x")}),
    (Annotated[SecretStr | None, Plain], SecretStr("x")),
    (SecretStr | None, None),
    (Annotated[pydantic.Secret[date], Plain], pydantic.Secret(DAY)),
    (Annotated[pydantic.Secret[Decimal] | None, Plain], pydantic.Secret(ONE)),
    (Annotated[list[pydantic.Secret[int]], Plain], [pydantic.Secret(1)]),
    (None, None),
    (pydantic.Json, "[1, 2]"),
    (pydantic.Base64Bytes | int, b"YWJj"),
    (dict[str, Annotated[pydantic.Base64Bytes, pydantic.Strict()]], {"a": b"YWJj"}),
    (Annotated[SecretStr, Plain] | int, SecretStr("x")),
    (Exact, Exact(Rights.READ | Rights.WRITE, {1})),
    (list[Exact] | None, [Exact(Rights.READ, set())]),
    (Demanding, Demanding(Rights.READ)),
    (
        Annotated[
            pydantic.Base64Bytes | str, pydantic.Field(union_mode="left_to_right")
        ],
        b"YWJj",
    ),
    (told(Binary), Binary(bytes(16), 4)),
    (told(list[Binary]), [Binary(bytes(16), 4), Binary(b"a", 3), Binary(b"b")]),
    (dict[Rights, int], {Rights.READ | Rights.WRITE: 1, Rights.READ: 2}),
    (dict[Literal["a", 2], int] | str, {"a": 1, 2: 3}),
    (dict[tuple[int, int], Decimal] | int, {(1, 2): ONE}),
    (list[dict[Literal[1, "1"], int]] | list[int], [{1: 2, "1": 3}]),
    (Told | str, Told({(1, 2): DAY})),
    (Either, Either(item=2**40, more=["a"])),
    (Below, Below(item=DAY)),
    (Body, Solid(price=ONE)),
    (list[Body], [Circle(), Square(day=DAY), Solid()]),
    (Annotated[Film | Song, pydantic.Field(discriminator="kind")], FILM),
    (list[Annotated[Disc | Tape, pydantic.Field(discriminator="kind")]], [Disc(ONE)]),
]


@pytest.mark.parametrize(
    ("annotation", "value"), CASES, ids=[str(one[0])[:60] for one in CASES]
)
def test_parts_come_back(annotation: Any, value: Any) -> None:
    """What has parts is read back equal, by plan and by pydantic."""
    model: Any = type(
        "Model",
        (Document,),
        {"__annotations__": {"v": annotation}, "__module__": __name__},
    )
    made = model(v=value)
    schema = describe(model)
    data = schema.codec.encode(made)

    for read in (schema.codec.decode(data), schema.load(codec.decode(data))):
        assert read.v == made.v
        assert type(read.v) is type(made.v)
    assert codec.encode(schema.dump(made)) == data


@pytest.mark.parametrize("member", [Colour.RED, Wide.DAY, Wide.PRICE])
def test_values_of_strict_enumerations_come_back(member: enum.Enum) -> None:
    """A strict class that keeps values, not members, takes its own values again."""
    body = {
        "__annotations__": {"v": type(member)},
        "__module__": __name__,
        "model_config": {"use_enum_values": True, "strict": True},
    }
    model: Any = type("Model", (Document,), body)
    made = model(v=member)
    compiled = describe(model).codec

    assert made.v == member.value
    assert compiled.decode(compiled.encode(made)) == made


def test_a_root_model_is_stored_as_its_root() -> None:
    """A root model is stored as what it holds, without a key of its own."""

    class Held(Document):
        prices: Prices

    data = describe(Held).codec.encode(Held(prices=[1]))

    assert isinstance(codec.decode(data)["prices"], list)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"kind": "flat"},
        {"shape": "circle"},
        {"kind": "solid", "shape": 5},
        {"kind": "flat", "shape": "square", "day": datetime(2020, 1, 2, tzinfo=UTC)},
    ],
)
def test_nested_discriminators_are_pydantics(stored: dict[str, Any]) -> None:
    """A document without its keys is refused where pydantic refuses it."""

    class Held(Document):
        v: Body

    def by_pydantic() -> Any:
        shown = {"kind": "flat", "shape": "square", "day": DAY}
        return Held.model_validate({"v": shown if "day" in stored else stored}).v

    compiled = describe(Held).codec
    data = codec.encode({"v": stored})
    try:
        expected = by_pydantic()
    except pydantic.ValidationError:
        with pytest.raises(errors.DocumentDecodeError):
            compiled.decode(data)
        with pytest.raises(errors.DocumentDecodeError):
            compiled.json(data)
    else:
        assert compiled.decode(data).v == expected


def test_old_rows_of_a_union() -> None:
    """A stored member that lacks a later field with a default is still told apart."""

    class Held(Document):
        v: Line | Part

    read = describe(Held).load({"v": {"x": 1}})

    assert read.v == Line(1)


def test_secrets_inside_of_parts_are_refused() -> None:
    """A list of secrets is refused like a secret, and the text is not shown."""

    class Hidden(Document):
        tokens: list[SecretStr] = []  # noqa: RUF012 (pydantic copies it)

    with pytest.raises(errors.EncodeError, match="Stored") as caught:
        describe(Hidden).codec.encode(Hidden(tokens=["hush"]))
    assert "hush" not in str(caught.value)

    class Other(Document):
        pin: pydantic.Secret[int]

    with pytest.raises(errors.EncodeError, match="Stored"):
        describe(Other).codec.encode(Other(pin=1234))


class Deep(Document):
    """What hypothesis fills."""

    line: Line
    pair: Pair
    movie: Movie
    either: Decimal | list[date] | tuple[int, Decimal] | str
    keyed: dict[tuple[int, date], typing.Optional[Prices]]  # noqa: UP045


_PRICES = st.decimals(allow_nan=False, allow_infinity=False, places=3).filter(
    lambda one: abs(one) < 10**20
)
_LINES = st.builds(Line, st.integers(-9, 9), _PRICES, st.dates(), st.just([]))


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        Deep,
        line=_LINES,
        pair=st.builds(Pair, st.integers(0, 9), _PRICES, st.dates()),
        movie=st.fixed_dictionaries(
            {"title": st.text("abc")}, optional={"day": st.dates(), "price": _PRICES}
        ),
        either=_PRICES
        | st.lists(st.dates(), min_size=1)
        | st.tuples(st.integers(0, 9), _PRICES)
        | st.text("abc"),
        keyed=st.dictionaries(
            st.tuples(st.integers(0, 9), st.dates()),
            st.none() | st.lists(_PRICES).map(Prices),
        ),
    )
)
def test_any_depth(made: Deep) -> None:
    """Any values of any depth come back equal, by plan and by pydantic."""
    schema = describe(Deep)
    data = schema.codec.encode(made)

    assert schema.codec.decode(data) == made
    assert schema.load(codec.decode(data)) == made


class Priced(Part):
    """More than is declared."""

    more: int = 1


class Parts(Document):
    """Parts in all places that the plan knows."""

    part: Part
    some: list[Part]
    either: int | Part
    maybe: Part | None = None


def test_a_subclass_is_stored_as_what_is_declared() -> None:
    """By plan and by Python alike, as pydantic's own serializer has it."""
    part = Priced(n=1)
    made = Parts(part=part, some=[part], either=part, maybe=part)
    schema = describe(Parts)
    stored = codec.decode(schema.codec.encode(made))

    assert "more" not in str(stored)
    assert codec.encode(schema.dump(made)) == codec.encode(stored)


Lasting = dict[timedelta, int]


class Pairs(NamedTuple):
    """Keys of several types."""

    named: dict[Literal["a", 2], int]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Lasting, {}),
        (list[Lasting], [{}]),
        (Pairs, Pairs({"a": 1})),
        (dict[str, Lasting | str], {"a": {}}),
        (re.Pattern[str], re.compile("a", re.A)),
    ],
)
def test_a_typed_dict_stores_parts_as_fields(annotation: Any, value: Any) -> None:
    """Also where the encoder by itself would have another form for the value."""
    made: Any = TypedDict("Held", {"x": annotation})  # type: ignore[misc]
    body = {"__module__": __name__, "__annotations__": {"f": made, "g": annotation}}
    cls = type("Holding", (Document,), body)
    schema, one = describe(cls), cls(f={"x": value}, g=value)
    data = schema.codec.encode(one)
    stored = codec.decode(data)
    assert stored["f"]["x"] == stored["g"]
    assert _python.compile(schema.plan).encode(one) == data
    assert schema.codec.decode(data) == one


class Branch(TypedDict):
    """A typed dict that holds itself, and nothing with a form of its own."""

    name: str
    more: NotRequired[list[Branch]]


def test_a_typed_dict_that_holds_itself_is_written_by_the_plan() -> None:
    """What it holds besides decides, and is looked at once."""

    class Tree(Document):
        f: Branch

    kind: Any = describe(Tree).plan.fields[1].kind
    assert kind.besides is not None
    assert kind.direct is not None


def test_a_strict_set_comes_back_whatever_its_order() -> None:
    """The order of a set's items hangs on how it came to be."""

    class Nets(Document):
        nets: Annotated[set[ipaddress.IPv4Network], pydantic.Strict()]

        @pydantic.field_validator("nets")
        @classmethod
        def seen(cls, value: Any) -> Any:
            return value

    texts = [f"{n}.0.0.0/32" for n in range(0, 250, 7)]
    schema = describe(Nets)
    for order in (texts, texts[::-1]):
        expected = set(map(ipaddress.IPv4Network, order))
        assert schema.load({"nets": order}).nets == expected
        assert schema.codec.decode(codec.encode({"nets": order})).nets == expected
