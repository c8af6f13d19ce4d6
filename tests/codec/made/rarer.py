"""Types that are met less often: constrained, pydantic's own, and of other makes."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, MutableSequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum, IntFlag, StrEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired

import bson
import pydantic
from bson import Code, DBRef, MinKey, ObjectId
from bson.binary import Binary
from hypothesis import strategies as st
from pydantic import BaseModel, Discriminator, Field, RootModel, Tag
from typing_extensions import TypedDict, TypeVar

from mongolane import Stored
from mongolane.fields.bson_types import told
from tests.codec import documents

from .types import Colour, Type, built, decimals, ints, moments, naive, small, text

__all__ = ["HASHING", "NOT_DIRECT", "RARER", "RARER_CONTAINERS", "evens"]

Told = TypeVar("Told", int, str)
Bound = TypeVar("Bound", bound=dt.date)
Usual = TypeVar("Usual", default=int)


class Either(BaseModel, Generic[Told]):
    """Of one type or another."""

    item: Told
    more: list[Told] = []


class Below(BaseModel, Generic[Bound]):
    """Of a type or one below it."""

    item: Bound


class Mostly(BaseModel, Generic[Usual]):
    """Of a type that is known unless another is said."""

    item: Usual


class Flags(IntFlag):
    """Numbers that no single member has."""

    ONE = 1
    TWO = 2


class Size(StrEnum):
    """Members that are texts."""

    S = "s"
    L = "l"


class Shape(Enum):
    """What a discriminator may say."""

    ROUND = "round"
    SQUARE = "square"


class Ball(BaseModel):
    """Told by a member."""

    shape: Literal[Shape.ROUND] = Field(Shape.ROUND, alias="Shape")
    radius: float = 1


class Cube(BaseModel):
    """Told by a member."""

    shape: Literal[Shape.SQUARE] = Field(Shape.SQUARE, alias="Shape")
    side: int = 1


class Circle(BaseModel):
    """Told by a text, inside of what is told by another."""

    what: Literal["circle"] = "circle"
    kind: Literal["flat"] = "flat"


class Line(BaseModel):
    """Told by a text, inside of what is told by another."""

    what: Literal["line"] = "line"
    kind: Literal["flat"] = "flat"
    length: float = 0


class Solid(BaseModel):
    """Told by a text."""

    kind: Literal["solid"] = "solid"
    weight: Decimal = Decimal(1)


Flat = Annotated[Circle | Line, Field(discriminator="what")]
Body = Annotated[Flat | Solid, Field(discriminator="kind")]


class Pairs(RootModel[dict[str, int]]):
    """A root model with a validator."""

    @pydantic.field_validator("root")
    @classmethod
    def known(cls, value: dict[str, int]) -> dict[str, int]:
        """Take it as it is."""
        return value


def evens() -> Type:
    """
    A class that holds another, which holds it.

    Made anew: pydantic lets serializers of one place reach others where a model holds
    itself.
    """

    class Even(BaseModel):
        n: int
        odd: Odd | None = None
        named: dict[str, Even] = {}

    class Odd(BaseModel):
        even: Even | None = None

    Even.model_rebuild()
    values = st.recursive(
        st.builds(Even, n=small),
        lambda inner: st.builds(
            Even,
            n=small,
            odd=st.none() | st.builds(Odd, even=inner),
            named=st.dictionaries(documents.keys, inner, max_size=2),
        ),
        max_leaves=3,
    )
    return Type(Even, values, hashable=False)


class Branch(TypedDict):
    """A typed dict that holds itself."""

    day: dt.date
    more: NotRequired[list[Branch]]


branches = st.recursive(
    st.fixed_dictionaries({"day": st.dates()}),
    lambda inner: st.fixed_dictionaries(
        {"day": st.dates(), "more": st.lists(inner, max_size=2)}
    ),
    max_leaves=3,
)


def _kind(value: Any) -> str:
    held = value.get("n") if isinstance(value, dict) else getattr(value, "n", None)
    return "number" if isinstance(held, int) else "text"


class Numbered(BaseModel):
    """Told by a function."""

    n: int


class Texted(BaseModel):
    """Told by a function."""

    n: str


Found = Annotated[
    Annotated[Numbered, Tag("number")] | Annotated[Texted, Tag("text")],
    Discriminator(_kind),
]

TEXT, NUMBER = frozenset({"text"}), frozenset({"number"})
ARRAY, DOCUMENT = frozenset({"array"}), frozenset({"document"})
NULL, DATE = frozenset({"null"}), frozenset({"date"})
BINARY = frozenset({"binary"})
days = st.dates(dt.date(1900, 1, 1), dt.date(2020, 1, 1))
upper = st.text("ABÉ", max_size=5)

RARER: dict[str, Type] = {
    "object_id": Type(told(ObjectId), documents.object_ids, forms=frozenset({"id"})),
    "none": Type(None, st.none(), forms=NULL),
    "text_rules": Type(
        Annotated[
            str,
            pydantic.StringConstraints(
                to_upper=True, strip_whitespace=True, max_length=5
            ),
        ],
        upper,
        forms=TEXT,
    ),
    "strict_int": Type(pydantic.StrictInt, ints, False, forms=NUMBER),
    "strict_text": Type(pydantic.StrictStr, text, False, forms=TEXT),
    "strict_bool": Type(
        pydantic.StrictBool, st.booleans(), False, forms=frozenset({"number"})
    ),
    "strict_float": Type(pydantic.StrictFloat, st.floats(), False, forms=NUMBER),
    "strict_bytes": Type(
        Annotated[bytes, Field(strict=True, min_length=1)],
        st.binary(min_size=1, max_size=4),
        False,
        forms=BINARY,
    ),
    "uuid4": Type(pydantic.UUID4, st.uuids(version=4), forms=BINARY),
    "base64": Type(
        pydantic.Base64Bytes, st.sampled_from([b"YQ==", b"YWI="]), False, forms=BINARY
    ),
    "past": Type(pydantic.PastDate, days, forms=DATE),
    "aware": Type(pydantic.AwareDatetime, moments, forms=DATE),
    "later": Type(
        Annotated[dt.datetime, Field(ge=dt.datetime(2000, 1, 1, tzinfo=dt.UTC))],
        moments.filter(lambda one: one.year >= 2000),
        forms=DATE,
    ),
    "after": Type(Annotated[dt.date, Field(gt=dt.date(1899, 1, 1))], days, forms=DATE),
    "past_naive": Type(
        Annotated[pydantic.NaiveDatetime, Field(lt=dt.datetime(2100, 1, 1))],  # noqa: DTZ001 (naive is meant)
        naive.filter(lambda one: one.year < 2100),
        False,
        forms=DATE,
    ),
    "lasting": Type(
        Annotated[dt.timedelta, Field(ge=dt.timedelta(0))],
        st.timedeltas(dt.timedelta(0)),
        False,
        forms=NUMBER,
    ),
    "byte_size": Type(
        pydantic.ByteSize,
        st.integers(0, 2**40).map(pydantic.ByteSize),
        False,
        forms=NUMBER | TEXT,
    ),
    "halves": Type(
        Annotated[float, Field(multiple_of=0.5, allow_inf_nan=False)],
        small.map(lambda one: one / 2),
        forms=NUMBER,
    ),
    "above": Type(
        Annotated[Decimal, Field(gt=0, allow_inf_nan=False)],
        decimals.filter(lambda one: one > 0),
        forms=NUMBER,
    ),
    "flags": Type(
        Flags, st.sampled_from([*Flags, Flags.ONE | Flags.TWO]), False, forms=NUMBER
    ),
    "size": Type(Size, st.sampled_from(Size), forms=TEXT | {"choice"}),
    "members": Type(
        Literal[Colour.RED, 3],
        st.sampled_from([Colour.RED, 3]),
        False,
        forms=TEXT | NUMBER | {"choice"},
    ),
    "code": Type(told(Code), text.map(Code), False, False, frozenset({"code"})),
    "either": Type(
        Either,
        st.builds(Either, item=ints, more=st.lists(text, max_size=2))
        | st.builds(Either, item=text),
        hashable=False,
    ),
    "either_text": Type(Either[str], st.builds(Either[str], item=text), hashable=False),
    "below": Type(Below, st.builds(Below, item=st.dates()), False, False),
    "mostly": Type(Mostly, st.builds(Mostly, item=ints), hashable=False),
    "ball": Type(
        Annotated[Ball | Cube, Field(discriminator="shape")],
        st.builds(Ball, radius=st.floats()) | st.builds(Cube, side=small),
        False,
        False,
    ),
    "body": Type(
        Body,
        st.just(Circle())
        | st.builds(Line, length=st.floats())
        | st.builds(Solid, weight=decimals),
        hashable=False,
    ),
    "found": Type(
        Found,
        st.builds(Numbered, n=ints) | st.builds(Texted, n=text),
        hashable=False,
    ),
    "pairs": Type(
        Pairs,
        st.dictionaries(documents.keys, ints, max_size=2).map(Pairs),
        False,
        False,
    ),
    "counter": Type(
        collections.Counter[str],
        st.dictionaries(documents.keys, small, max_size=2).map(collections.Counter),
        False,
        False,
    ),
    "binary": Type(
        told(Binary),
        st.builds(Binary, st.binary(max_size=4), st.sampled_from([0, 5, 128])),
        forms=BINARY,
    ),
    "reference": Type(
        told(DBRef), st.builds(DBRef, st.just("a"), documents.object_ids), False, False
    ),
    "least": Type(told(MinKey), st.just(MinKey()), False, forms=frozenset({"least"})),
    "cents": Type(
        Annotated[Decimal, Stored(decimal="round")], decimals, False, forms=NUMBER
    ),
    "stripped": Type(
        Annotated[
            str,
            pydantic.StringConstraints(
                strip_whitespace=True, to_lower=True, min_length=1
            ),
        ],
        st.sampled_from(["a", "b c", "é", "ß"]),
        forms=TEXT,
    ),
    "branch": Type(Branch, branches, False, False),
    "moment": Type(
        told(bson.Timestamp),
        st.builds(bson.Timestamp, small.map(abs), small.map(abs)),
        False,
        forms=frozenset({"timestamp"}),
    ),
}
"""Types that hold no others, or always the same."""


def _dictionary(one: Type) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(documents.keys, one.values, max_size=3)


def _bounded_dict(one: Type) -> Type:
    annotation = Annotated[dict[str, one.annotation], Field(max_length=3)]  # type: ignore[name-defined]
    return Type(annotation, _dictionary(one), one.direct, False)


def _bounded_set(one: Type) -> Type:
    annotation = Annotated[set[one.annotation], Field(min_length=0, max_length=3)]  # type: ignore[name-defined]
    made = st.lists(one.values, max_size=3).map(set)
    return Type(annotation, made, one.direct, False)


def _bounded_deque(one: Type) -> Type:
    annotation = Annotated[collections.deque[one.annotation], Field(max_length=3)]  # type: ignore[name-defined]
    made = st.lists(one.values, max_size=3)
    return Type(
        annotation, made.map(lambda held: collections.deque(held, 3)), one.direct, False
    )


def _default_dict(one: Type) -> Type:
    annotation = collections.defaultdict[str, list[one.annotation]]  # type: ignore[name-defined]
    inner = st.dictionaries(
        documents.keys, st.lists(one.values, max_size=2), max_size=2
    )
    made = inner.map(lambda held: collections.defaultdict(list, held))
    return Type(annotation, made, False, False)


def _ordered(one: Type) -> Type:
    annotation = collections.OrderedDict[str, one.annotation]  # type: ignore[name-defined]
    return Type(annotation, _dictionary(one).map(collections.OrderedDict), False, False)


def _abstract_set(one: Type) -> Type:
    made = st.lists(one.values, max_size=3).map(frozenset)
    return Type(AbstractSet[one.annotation], made, False, False)


def _mutable(one: Type) -> Type:
    made = st.lists(one.values, max_size=3)
    return Type(MutableSequence[one.annotation], made, False, False)


def _chosen_keys(one: Type) -> Type:
    keys = st.sampled_from(["a", 2])
    made = st.dictionaries(keys, one.values, max_size=2)
    return Type(dict[Literal["a", 2], one.annotation], made, False, False)


def _members(one: Type) -> Type:
    made = st.dictionaries(st.sampled_from(Colour), one.values, max_size=2)
    return Type(dict[Colour, one.annotation], made, False, False)


def _days(one: Type) -> Type:
    made = st.dictionaries(st.dates(), one.values, max_size=2)
    return Type(dict[dt.date, one.annotation], made, False, False)


def _either_dict(one: Type) -> Type:
    key = st.sampled_from([1, 2, "1", "a"])
    made = st.dictionaries(key, one.values, max_size=1)
    annotation = dict[int, one.annotation] | dict[str, one.annotation]  # type: ignore[name-defined]
    return Type(annotation, made, False, False)


def _initialised(one: Type) -> Type:
    def after(self: Any) -> None:
        self.n = abs(self.n)

    fields = [("x", one.annotation), ("n", int, dataclasses.field(default=3))]
    body = {"__post_init__": after}
    made: Any = dataclasses.make_dataclass("Initialised", fields, namespace=body)
    return Type(made, st.builds(made, one.values, small), one.direct, False)


def _or_text(one: Type) -> Type:
    if "text" in one.forms:
        return one
    annotation: Any = Annotated[one.annotation | str, Field(union_mode="left_to_right")]
    return Type(
        annotation, one.values | st.just("é!"), False, one.hashable, one.forms | TEXT
    )


def _slotted(one: Type) -> Type:
    fields = [
        ("x", one.annotation),
        ("n", list[int], dataclasses.field(default_factory=list)),
        ("z", int, dataclasses.field(default=1, kw_only=True)),
    ]
    made: Any = dataclasses.make_dataclass("Slotted", fields)
    lists = st.lists(small, max_size=2)
    values = st.builds(made, x=one.values, n=lists, z=small)
    return Type(made, values, False, False)


def _configured(one: Type) -> Type:
    fields = [("x", one.annotation), ("n", int, pydantic.Field(default=2, alias="N"))]
    plain = dataclasses.make_dataclass("Configured", fields)
    config = pydantic.ConfigDict(validate_by_name=True, validate_by_alias=True)
    made: Any = pydantic.dataclasses.dataclass(plain, config=config)
    values = st.builds(lambda x, n: built(made, x, n), one.values, small)
    return Type(made, values, False, False)


def _partial(one: Type) -> Type:
    made: Any = TypedDict("Partial", {"x": one.annotation, "n": int}, total=False)  # type: ignore[misc]
    values = st.fixed_dictionaries({}, optional={"x": one.values, "n": small})
    return Type(made, values, False, False)


def _named_default(one: Type) -> Type:
    made: Any = NamedTuple("Named", [("x", one.annotation), ("n", int)])
    made.__new__.__defaults__ = (7,)
    return Type(made, st.builds(made, one.values, small), False, False)


def _pairs_of(one: Type) -> Type:
    made = st.lists(st.tuples(documents.keys, one.values), max_size=2)
    return Type(list[tuple[str, one.annotation]], made, one.direct, False)  # type: ignore[name-defined]


NOT_DIRECT = {
    "either_dict",
    "default_dict",
    "ordered",
    "abstract_set",
    "mutable",
    "chosen_keys",
    "members",
    "days",
    "or_text",
    "slotted",
    "configured",
    "partial",
    "named_default",
}
HASHING = {"bounded_set", "abstract_set"}
RARER_CONTAINERS: dict[str, Callable[[Type], Type]] = {
    "bounded_dict": _bounded_dict,
    "bounded_set": _bounded_set,
    "bounded_deque": _bounded_deque,
    "default_dict": _default_dict,
    "ordered": _ordered,
    "abstract_set": _abstract_set,
    "mutable": _mutable,
    "chosen_keys": _chosen_keys,
    "members": _members,
    "days": _days,
    "or_text": _or_text,
    "slotted": _slotted,
    "configured": _configured,
    "partial": _partial,
    "named_default": _named_default,
    "pairs_of": _pairs_of,
    "either_dict": _either_dict,
    "initialised": _initialised,
}
