"""Pydantic with nothing taken away: stored, read back, and answered as FastAPI does."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar
from uuid import UUID, uuid4

import pydantic
import pytest
from bson import Decimal128
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, PrivateAttr, computed_field
from pydantic.alias_generators import to_camel
from pydantic_core import MISSING
from typing_extensions import TypedDict

from mongolane import DataBase, Document, Stored, errors

T = TypeVar("T")
K = TypeVar("K")


class Part(BaseModel):
    """An embedded model."""

    n: int
    price: Decimal = Decimal(1)


class Page(Document, Generic[T]):
    """A generic document."""

    items: list[T]
    total: int = 0


class Both(BaseModel, Generic[T, K]):
    """A generic part."""

    a: T
    b: K


class WithBoth(Document):
    """Holds a generic part."""

    both: Both[int, Part]


class Cat(BaseModel):
    """Told by its kind."""

    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    """Told by its kind."""

    kind: Literal["dog"] = "dog"
    loud: bool = True


Pet = Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]


class Owner(Document):
    """Discriminated unions, at any depth."""

    pet: Pet
    pets: list[Pet] = []  # noqa: RUF012 (pydantic copies it)
    named: dict[str, Pet] = {}  # noqa: RUF012 (pydantic copies it)


def _kind(value: Any) -> Any:
    return value.get("k") if isinstance(value, dict) else value.k


class First(BaseModel):
    """Told by a function."""

    k: str = "first"


class Second(BaseModel):
    """Told by a function."""

    k: str = "second"
    price: Decimal = Decimal(2)


class Told(Document):
    """A union that a function tells apart."""

    one: Annotated[
        Annotated[First, pydantic.Tag("first")]
        | Annotated[Second, pydantic.Tag("second")],
        pydantic.Discriminator(_kind),
    ]


class Room(Document):
    """Computed fields."""

    wide: int
    deep: int

    @computed_field(alias="SUM")
    @property
    def sides(self) -> int:
        """All four."""
        return 2 * (self.wide + self.deep)


class Hidden(Document):
    """Private attributes, set after validation."""

    a: int
    _seen: int = PrivateAttr(default=7)
    _list: list[int] = PrivateAttr(default_factory=list)
    _text: str

    def model_post_init(self, context: Any) -> None:
        """What pydantic calls when all is there."""
        self._text = f"text {self.a}"


class Frozen(Document):
    """Cannot be changed."""

    model_config = ConfigDict(frozen=True)
    a: int
    part: Part


class Closed(Document):
    """Takes nothing more."""

    model_config = ConfigDict(extra="forbid")
    a: int


class Open(Document):
    """Takes anything."""

    model_config = ConfigDict(extra="allow")
    a: int


class Camel(Document):
    """Other names in JSON, by a rule."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    first_name: str
    last_name: str = "x"


class Aliased(Document):
    """Aliases of every kind."""

    a: int = pydantic.Field(alias="AA")
    b: int = pydantic.Field(
        default=1,
        validation_alias=pydantic.AliasChoices("BB", "bbb"),
        serialization_alias="bOut",
    )
    c: int = pydantic.Field(default=2, validation_alias=pydantic.AliasPath("deep", 0))
    d: int = pydantic.Field(default=3, exclude=True)


class Serialized(Document):
    """Serializers of its own."""

    a: int
    at: datetime

    @pydantic.field_serializer("a")
    def _shown(self, value: int) -> str:
        return f"<{value}>"

    @pydantic.model_serializer(mode="wrap")
    def _whole(self, handler: Any) -> dict[str, Any]:
        return {**handler(self), "more": 1}


class Tree(Document):
    """Holds itself."""

    v: int
    inner: list[Tree] = []  # noqa: RUF012 (pydantic copies it)
    named: dict[str, Tree] = {}  # noqa: RUF012 (pydantic copies it)


class Later(Document):
    """Names a class that comes after it."""

    last: LastOne | None = None


class LastOne(BaseModel):
    """Comes last."""

    day: date


@dataclasses.dataclass
class Line:
    """A dataclass."""

    x: int
    price: Decimal = Decimal(1)


class Movie(TypedDict):
    """A typed dict."""

    title: str
    day: NotRequired[date]


class Held(Document):
    """Dataclasses and typed dicts."""

    line: Line
    movie: Movie
    lines: list[Line] = []  # noqa: RUF012 (pydantic copies it)


class Limited(Document):
    """Constraints."""

    a: Annotated[int, pydantic.Field(gt=0, multiple_of=3)]
    s: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, to_lower=True)]
    some: Annotated[
        list[Annotated[int, pydantic.Field(lt=10)]], pydantic.Field(min_length=1)
    ]
    d: Annotated[Decimal, pydantic.Field(max_digits=5)] = Decimal("1.5")


class Key(BaseModel):
    """An id of two parts."""

    model_config = ConfigDict(frozen=True)
    a: int
    b: str


class ByModel(Document):
    """Its id is a model."""

    id: Key
    v: int = 0


class ByText(Document):
    """Its id is text."""

    id: str


class ByUUID(Document):
    """Its id is made by its factory."""

    id: UUID = pydantic.Field(default_factory=uuid4)


class Sparse(BaseModel):
    """A part that need not have a value."""

    day: date | MISSING = MISSING  # type: ignore[valid-type]


class Lacking(Document):
    """Fields whose values may be missing."""

    a: int | MISSING = MISSING  # type: ignore[valid-type]
    b: int | MISSING | None = None  # type: ignore[valid-type]
    c: Decimal | Part | MISSING = MISSING  # type: ignore[valid-type]
    parts: list[Sparse] = []  # noqa: RUF012 (pydantic copies it)


MADE: list[Document] = [
    Page[int](items=[1, 2]),
    Page[Part](items=[Part(n=1)], total=2),
    WithBoth(both=Both[int, Part](a=1, b=Part(n=2))),
    Owner(pet=Dog(), pets=[Cat(), Dog()], named={"a": Cat(lives=1)}),
    Told(one=Second()),
    Room(wide=2, deep=3),
    Hidden(a=1),
    Frozen(a=1, part=Part(n=1)),
    Closed(a=1),
    Open(a=1, b=[1], c={"d": "e"}),  # type: ignore[call-arg]
    Camel(first_name="a"),
    Aliased.model_validate({"AA": 1, "BB": 3, "deep": [4], "d": 5}),
    Serialized(a=1, at=datetime(2024, 1, 1, tzinfo=UTC)),
    Tree(v=1, inner=[Tree(v=2)], named={"a": Tree(v=3)}),
    Later(last=LastOne(day=date(2024, 1, 2))),
    Held(line=Line(1), movie={"title": "t", "day": date(2024, 1, 2)}, lines=[Line(2)]),
    Limited(a=3, s=" AB ", some=[1]),
    ByModel(id=Key(a=1, b="x")),
    ByText(id="x"),
    ByUUID(),
    Lacking(parts=[Sparse(day=date(2024, 1, 2)), Sparse()]),
    Lacking(a=1, b=2, c=Part(n=1)),
]


@pytest.mark.parametrize("made", MADE, ids=lambda made: type(made).__name__)
async def test_stored_and_read_back(database: DataBase, made: Any) -> None:
    """What is stored is read back equal, field by field of the same type."""
    cls: Any = type(made)
    made = made.model_copy(deep=True)
    await made.insert()
    read = await cls.get(made.id)

    assert read == made
    assert type(read) is cls
    kinds = {name: type(one) for name, one in made.__dict__.items()}
    assert {name: type(one) for name, one in read.__dict__.items()} == kinds
    assert await cls.find({"_id": made.id}) == [made]
    await read.save()
    assert await cls.get(made.id) == made


@pytest.mark.parametrize("made", MADE, ids=lambda made: type(made).__name__)
async def test_json_is_fastapis_own(one_database: DataBase, made: Any) -> None:
    """``json()`` says what a route with this response model says."""
    cls: Any = type(made)
    made = made.model_copy(deep=True)
    await made.insert()
    app = FastAPI()

    @app.get("/", response_model=list[cls])
    def listed() -> list[Any]:
        return [made]

    own = json.loads(await cls.find({"_id": made.id}).json())
    with TestClient(app) as client:
        assert client.get("/").json() == own
        assert cls.__name__.partition("[")[0] in client.get("/openapi.json").text


async def test_what_is_missing_is_not_stored(one_database: DataBase) -> None:
    """pydantic's ``MISSING`` has no key; setting it takes the key away."""
    made = await Lacking(a=1, b=MISSING).insert()
    made.a = MISSING
    made.c = Decimal(2)
    await made.save()

    assert await Lacking.find().raw() == [
        {"_id": made.id, "c": Decimal128("2"), "parts": []}
    ]
    made.parts = [Sparse()]
    assert made.to_dict().keys() == {"_id", "c", "parts"}
    assert made.to_dict()["parts"] == [{}]
    assert "a: may be MISSING" in Lacking.explain_codec()


async def test_private_attributes_are_made(one_database: DataBase) -> None:
    """A document that is read has its private attributes, and its post-init ran."""
    await Hidden(a=3).insert()
    (read,) = await Hidden.find()
    other = await Hidden.find_one({})

    assert (read._seen, read._list, read._text) == (7, [], "text 3")
    assert other is not None
    assert read._list is not other._list


async def test_config_holds_for_what_is_read(one_database: DataBase) -> None:
    """Frozen stays frozen; a key that is forbidden is refused with its name."""
    await Frozen(a=1, part=Part(n=1)).insert()
    frozen = await Frozen.find_one({})
    assert frozen is not None
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        frozen.a = 2  # type: ignore[misc]

    await DataBase.db["closed"].insert_one({"a": 1, "odd": 2})
    with pytest.raises(errors.DocumentDecodeError, match="odd"):
        await Closed.find()


@pytest.mark.parametrize(
    "kind",
    [pydantic.SecretStr, pydantic.SecretBytes | None, list[pydantic.Secret[int]]],
    ids=["required", "optional", "in a list"],
)
def test_a_refused_secret_is_not_shown(kind: Any) -> None:
    """What pydantic says of a value that is no secret leaves the value out."""
    Account = pydantic.create_model(
        "Account", __base__=Document, pin=(Annotated[kind, Stored(secret="plain")], ...)
    )
    with pytest.raises(pydantic.ValidationError) as caught:
        Account(pin={"code": 773311})

    assert "773311" not in str(caught.value)
