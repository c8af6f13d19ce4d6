"""Classes and their plans, written by hand: what ``schema`` would make of them."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from collections import deque
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

from bson import Decimal128, ObjectId
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    field_validator,
)

from mongolane.codec import plan
from mongolane.codec.plan import FieldPlan, ListOf, Model, ModelPlan, Nullable, Scalar

Id = Annotated[ObjectId, PlainSerializer(str, when_used="json")]
CONFIG = ConfigDict(arbitrary_types_allowed=True)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    street: str
    city: str = "Porto"


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    bark: str


class Node(BaseModel):
    name: str
    children: list[Node] = Field(default_factory=list)


def clean(value: dict[str, Any]) -> dict[str, Any]:
    """Decimal128 as Decimal, as the schema's fallback does it."""
    return {
        key: item.to_decimal() if isinstance(item, Decimal128) else item
        for key, item in value.items()
    }


class Everything(BaseModel):
    model_config = CONFIG

    id: Id = Field(alias="_id")
    text: Annotated[str, Field(min_length=1, max_length=40)]
    number: Annotated[int, Field(ge=-(10**9), le=10**12)]
    ratio: float
    flag: bool
    moment: dt.datetime
    price: decimal.Decimal
    data: bytes
    key: uuid.UUID
    colour: Colour
    level: Level
    mood: Literal["good", "bad"] = "good"
    address: Address
    tags: list[str] = Field(default_factory=list)
    pair: tuple[int, ...] = ()
    unique: set[int] = Field(default_factory=set)
    frozen: frozenset[str] = frozenset()
    queue: deque[int] = Field(default_factory=deque)
    scores: dict[str, float] = Field(default_factory=dict)
    nested: dict[str, list[Address]] = Field(default_factory=dict)
    maybe: str | None = None
    either: int | str = 0
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    free: Any = None
    day: dt.date | None = None

    @field_validator("moment")
    @classmethod
    def _aware(cls, value: dt.datetime) -> dt.datetime:
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)


def field(name: str, kind: plan.Kind, key: str | None = None, **rest: Any) -> FieldPlan:
    """A field stored under its own name."""
    return FieldPlan(name, key or name, kind, **rest)


def load_day(value: Any) -> dt.date:
    """A date stored as its midnight."""
    if not isinstance(value, dt.datetime):
        raise ValueError("no date")
    return value.date()


def dump_day(day: dt.date) -> dt.datetime:
    """The midnight."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


STR = Scalar("str")
ADDRESS = ModelPlan(
    Address,
    (field("street", STR), field("city", STR, default="Porto")),
    fallback=Address.model_validate,
    dump=Address.model_dump,
)
CAT = ModelPlan(
    Cat,
    (
        field("kind", plan.Literal(("cat",)), default="cat"),
        field("lives", Scalar("int")),
    ),
)
DOG = ModelPlan(
    Dog, (field("kind", plan.Literal(("dog",)), default="dog"), field("bark", STR))
)
NODE = ModelPlan(Node, fallback=Node.model_validate, dump=Node.model_dump)
NODE.fields = (
    field("name", STR),
    field("children", ListOf(Model(NODE)), default_factory=list),
)
EVERYTHING = ModelPlan(
    Everything,
    (
        field("id", Scalar("object_id"), "_id"),
        field("text", Scalar("str", min_length=1, max_length=40), "t"),
        field("number", Scalar("int", ge=-(10**9), le=10**12)),
        field("ratio", Scalar("float")),
        field("flag", Scalar("bool")),
        field("moment", plan.DateTime()),
        field("price", Scalar("decimal")),
        field("data", Scalar("bytes")),
        field("key", Scalar("uuid")),
        field("colour", plan.EnumOf(Colour)),
        field("level", plan.EnumOf(Level)),
        field("mood", plan.Literal(("good", "bad")), default="good"),
        field("address", Model(ADDRESS)),
        field("tags", ListOf(STR), default_factory=list),
        field("pair", ListOf(Scalar("int"), tuple), default=()),
        field("unique", ListOf(Scalar("int"), set), default_factory=set),
        field("frozen", ListOf(STR, frozenset), default=frozenset()),
        field("queue", ListOf(Scalar("int"), deque), default_factory=deque),
        field("scores", plan.DictOf(Scalar("float")), default_factory=dict),
        field("nested", plan.DictOf(ListOf(Model(ADDRESS))), default_factory=dict),
        field("maybe", Nullable(STR), default=None, omit_none=True),
        field("either", plan.OneOf((Scalar("int"), STR)), default=0),
        field(
            "pet",
            Nullable(
                plan.OneOf(
                    discriminator="kind", tagged={"cat": Model(CAT), "dog": Model(DOG)}
                )
            ),
            default=None,
        ),
        field("free", Scalar("any"), default=None),
        field(
            "day",
            Nullable(
                plan.Through(
                    load_day,
                    lambda day: dt.datetime(
                        day.year, day.month, day.day, tzinfo=dt.UTC
                    ),
                    "a date",
                    lambda day: json.dumps(day.isoformat()).encode(),
                )
            ),
            default=None,
        ),
    ),
    fallback=lambda document: Everything.model_validate(named(document)),
    json_dump=lambda instance: instance.model_dump_json().encode(),
)


def named(document: dict[str, Any]) -> dict[str, Any]:
    """The document by the names that pydantic knows."""
    document = clean(document)
    if "t" in document:
        document["text"] = document.pop("t")
    if isinstance(document.get("day"), dt.datetime):
        document["day"] = document["day"].date()
    return document


class Private(BaseModel):
    """Private attributes, one of them made for each instance, and raw bytes."""

    model_config = CONFIG

    name: str
    _seen: list[int] = PrivateAttr(default_factory=list)
    _mark: int = 3
    _raw: bytes | None = None


PRIVATE = ModelPlan(
    Private,
    (field("name", STR),),
    fallback=Private.model_validate,
    private={"_seen": list, "_mark": 3, "_raw": None},
    keep_raw="_raw",
)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = "nobody"


OPEN = ModelPlan(
    Open,
    (field("name", STR, default="nobody"),),
    fallback=Open.model_validate,
    extra="allow",
)


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


CLOSED = ModelPlan(
    Closed, (field("name", STR),), fallback=Closed.model_validate, extra="forbid"
)
