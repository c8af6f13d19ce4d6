"""Shapes of a few classes, as ``schema`` would write them."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any

from bson import Decimal128, ObjectId

from mongolane.expressions import FieldSpec, Path, Shape


class Colour(Enum):
    """A field's values."""

    RED = "r"


def to_id(value: Any) -> Any:
    """Text ids become ObjectIds."""
    return ObjectId(value)


def to_int(value: Any) -> int:
    """Integers only."""
    if not isinstance(value, int):
        raise TypeError("no integer")
    return value


def as_it_is(value: Any) -> Any:
    """No conversion."""
    return value


def to_list(value: Any) -> list[Any]:
    """Any array."""
    return list(value)


CITY = Shape("City", {"name": FieldSpec("name", "n", str)})
ADDRESS = Shape(
    "Address",
    {
        "city": FieldSpec("city", "c", shape=CITY),
        "size": FieldSpec("size", "size", to_int),
    },
)
ITEM = Shape(
    "Item",
    {
        "price": FieldSpec("price", "p", lambda value: Decimal128(Decimal(value))),
        "count": FieldSpec("count", "count", to_int),
    },
)
USER = Shape(
    "User",
    {
        "id": FieldSpec("id", "_id", to_id),
        "name": FieldSpec("name", "n", as_it_is, holds="other"),
        "age": FieldSpec("age", "age", to_int, natural=int, holds="number"),
        "colour": FieldSpec("colour", "colour", lambda value: value.value),
        "address": FieldSpec("address", "address", shape=ADDRESS),
        "tags": FieldSpec(
            "tags", "tags", to_list, item=FieldSpec("", "", str), holds="array"
        ),
        "items": FieldSpec(
            "items", "items", to_list, item=FieldSpec("", "", shape=ITEM)
        ),
        "friends": FieldSpec(
            "friends",
            "friends",
            lambda value: [to_id(one) for one in value],
            item=FieldSpec("", "", to_id),
        ),
        "extra": FieldSpec("extra", "extra", as_it_is, open=True),
        "place": FieldSpec("place", "place", open=True),
    },
)


class Names:
    """``User.name`` as a class would give it."""

    def __getattr__(self, name: str) -> Path[Any]:
        return Path.of(USER, name)


User = Names()
