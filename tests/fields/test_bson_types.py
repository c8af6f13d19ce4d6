"""``bson``'s types may stand wherever a document declares a type."""

from __future__ import annotations

import dataclasses
import typing
import warnings
from typing import Annotated, Any, ClassVar, NamedTuple, NewType, Optional, TypeVar

import pytest
from bson import Decimal128, Int64, ObjectId, Regex
from pydantic import Field, TypeAdapter
from typing_extensions import TypeAliasType, TypedDict

from mongolane import Document, Mapped, Stored, codec, field
from mongolane.fields import told
from mongolane.schema import describe

T = TypeVar("T")
OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")
ONE = Decimal128("1")


@dataclasses.dataclass
class Order:
    """A dataclass that holds itself."""

    id: ObjectId
    more: list[Order] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A dataclass without a dict."""

    id: ObjectId


class Movie(TypedDict, total=False):
    """A typed dict."""

    id: typing.Required[ObjectId]
    more: list[Movie]


class Pair(NamedTuple):
    """A named tuple."""

    id: ObjectId
    price: Decimal128


UserId = NewType("UserId", ObjectId)
Ids = TypeAliasType("Ids", list[ObjectId])
Two = TypeAliasType("Two", tuple[T, ObjectId], type_params=(T,))
Nested = TypeAliasType("Nested", "dict[str, Nested] | int")

CASES: list[tuple[Any, Any]] = [
    (Order, Order(OID, [Order(OID)])),
    (dict[str, Order], {"a": Order(OID)}),
    (Frozen, Frozen(id=OID)),
    (Movie, {"id": OID, "more": [{"id": OID}]}),
    (Pair, Pair(OID, ONE)),
    (Optional[Pair], Pair(OID, ONE)),  # noqa: UP045
    (UserId, OID),
    (list[UserId], [OID]),
    (dict[UserId, int], {OID: 1}),
    (Annotated[UserId, Field(description="whose")], OID),
    (Ids, [OID]),
    (Ids | None, [OID]),
    (Two[int], (1, OID)),
    (Nested, {"a": {"b": 1}}),
]


def declared(annotation: Any) -> Any:
    """A document with one field."""
    body = {"__annotations__": {"v": annotation}, "__module__": __name__}
    return type("Model", (Document,), body)


@pytest.mark.parametrize(
    ("annotation", "value"), CASES, ids=[str(one[0])[:60] for one in CASES]
)
def test_a_type_needs_no_setting(annotation: Any, value: Any) -> None:
    """What holds one of the types is declared, described and read like any other."""
    model = declared(annotation)
    made = model(v=value)
    schema = describe(model)
    data = schema.codec.encode(made)

    for read in (schema.codec.decode(data), schema.load(codec.decode(data))):
        assert (read.v, type(read.v)) == (value, type(value))
    assert model.model_validate_json(made.model_dump_json()).v == value
    assert "v" in model.model_json_schema()["properties"]


def test_hints_of_members_stay_what_they_were() -> None:
    """Others who read a dataclass's or a typed dict's hints see what was declared."""
    declared(Order)
    declared(Movie)
    declared(Pair)

    assert typing.get_type_hints(Order) == {"id": ObjectId, "more": list[Order]}
    assert typing.get_type_hints(Movie) == {"id": ObjectId, "more": list[Movie]}
    assert typing.get_type_hints(Pair) == {"id": ObjectId, "price": Decimal128}


def test_what_holds_none_is_the_same_object() -> None:
    """An annotation without one of the types is left alone."""
    for annotation in (list[int], dict[str, list[int]], int | None, Nested):
        assert told(annotation) is annotation


def test_a_type_is_marked_once() -> None:
    """A second document with the same dataclass changes nothing."""
    declared(Frozen)
    before = dataclasses.fields(Frozen)[0].type
    declared(list[Frozen])

    assert dataclasses.fields(Frozen)[0].type is before
    assert TypeAdapter(Frozen).validate_python({"id": str(OID)}) == Frozen(id=OID)


class Defaults(Document):
    """Values of ``bson``'s types as defaults, in each style."""

    long: Int64 = Int64(3)
    most: Mapped[Int64 | None] = field(default=Int64(4), title="Most")
    price: Annotated[Decimal128, Stored("p")] = Field(default=ONE, description="in EUR")
    number: int = Int64(5)
    owner: ObjectId = OID
    pattern: Regex = Regex("x", 2)
    longs: list[Int64] = [Int64(3)]  # noqa: RUF012 (pydantic copies it)
    KIND: ClassVar[Int64] = Int64(7)


def test_defaults_are_shown_and_no_warning_is_given() -> None:
    """JSON schema shows a default of ``bson``'s types, and says nothing else of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = Defaults.model_json_schema()["properties"]

    found = {name: one.get("default") for name, one in shown.items()}
    assert found == {
        "id": None,
        "long": 3,
        "most": 4,
        "price": "1",
        "number": 5,
        "owner": str(OID),
        "pattern": "x",
        "longs": [3],
    }
    assert (shown["most"]["title"], shown["price"]["description"]) == ("Most", "in EUR")


def test_defaults_are_made_as_declared() -> None:
    """An absent value is the declared default; lists are not shared."""
    one, other = Defaults(), Defaults()
    one.longs.append(Int64(4))

    assert (one.long, type(one.long)) == (3, Int64)
    assert (one.price, one.owner, one.most) == (ONE, OID, Int64(4))
    assert (one.pattern, other.longs, Defaults.KIND) == (Regex("x", 2), [3], 7)
