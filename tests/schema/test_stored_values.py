"""Whatever is stored in a field of whatever type is read as pydantic reads it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import bson
import pytest
from bson import Code, Decimal128, Int64, MinKey, ObjectId, Regex, Timestamp
from bson.binary import Binary
from pydantic import BaseModel, Field

from mongolane import Document
from mongolane.codec import _python
from mongolane.schema import describe
from tests.codec.documents import OPTIONS


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(Enum):
    RED = "red"
    HALF = 1.5
    ONE = 1


class Node(BaseModel):
    name: str
    more: list[Node] = []


UID = uuid.UUID(int=5)
Short = Annotated[str, Field(min_length=1)]
SCALARS: list[Any] = [
    *(1, 1.0, 1.5, -0.0, 1e300, float("nan"), float("inf"), 2**31, Int64(2**40)),
    *(True, None, "", "a", "1", "1.5", " 1 ", "1e3", "NaN", "red", "true"),
    *("2020-01-01", str(UID), b"a", b"1", b"red", UID, Binary(b"a", 5), ObjectId()),
    *(Decimal128("1"), Decimal128("1.50"), Decimal128("NaN"), Decimal128("1E+3")),
    *(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 5, tzinfo=UTC)),
    *(Regex("a"), Timestamp(1, 2), Code("a"), MinKey()),
]
VALUES = [
    *SCALARS,
    *([one] for one in SCALARS),
    *({"name": one} for one in SCALARS),
    *([], {}, {"name": "a", "more": [{"name": "b", "more": None}]}),
]
TYPES: list[Any] = [
    *(bool, int, float, str, bytes, uuid.UUID, datetime, date, Decimal, object, Any),
    *(
        float | Short,
        int | Short,
        float | bool | str,
        bool | int,
        int | None,
        bool | str,
    ),
    *(Decimal | str, Decimal | int, Decimal | float, Decimal | None, int | datetime),
    *(bytes | str, uuid.UUID | str, uuid.UUID | bytes, datetime | str, date | str),
    *(date | int, Level, Mixed, Level | str, Mixed | None),
    Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2)],
    *(Annotated[Decimal, Field(ge=0)], Annotated[int, Field(gt=0)]),
    *(Annotated[float, Field(le=1.2)], Annotated[bytes, Field(max_length=1)]),
    *(Literal["a", 1, True, None], Literal[1, "1"], Node, Node | str, Node | list[int]),
    *(list[int], list[float | str], list[Decimal], list[Any], list[Node] | None),
    *(set[int], frozenset[str], tuple[int, ...], tuple[int, str], list[int] | int),
    *(str | list[str], dict[str, int], dict[str, float | Short], dict[str, Any]),
    *(list[dict[str, int]], dict[str, list[float]]),
    Annotated[list[int], Field(min_length=1)],
]


def decimals(value: Any) -> Any:
    """The same with Python's decimals, which pydantic knows."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, dict):
        return {key: decimals(one) for key, one in value.items()}
    return [decimals(one) for one in value] if isinstance(value, list) else value


def outcome(read: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """What is read, with its types; UTC is UTC, whatever it is called."""
    try:
        found = read(*given, **options).f
    except ValueError:
        return "refused"
    other = "FixedOffset(datetime.timedelta(0), 'UTC')"
    return type(found), repr(found).replace(other, "datetime.timezone.utc")


@pytest.mark.parametrize("annotation", TYPES, ids=str)
def test_all_ways_read_what_pydantic_reads(annotation: Any) -> None:
    """By plan, by twin, by the fallback: the same, or refused by all."""
    body = {"__module__": __name__, "__annotations__": {"f": annotation}}
    cls: Any = type("Held", (Document,), body)
    schema = describe(cls)
    twin = _python.compile(schema.plan)
    for value in VALUES:
        data = bson.encode({"f": value}, codec_options=OPTIONS)
        document = bson.decode(data, OPTIONS)
        shown = {"f": decimals(document["f"])}
        expected = outcome(cls.model_validate, shown, by_name=True, by_alias=False)
        assert outcome(schema.codec.decode, data) == expected, value
        assert outcome(twin.decode, data) == expected, value
        assert outcome(schema.load, document) == expected, value


@pytest.mark.parametrize("annotation", [float | int, int | float | str])
@pytest.mark.parametrize("stored", [1, 2**40, 1.0])
def test_integers_of_any_width_belong_to_int(annotation: Any, stored: Any) -> None:
    """Before they belong to float, whichever way a document goes."""
    body = {"__module__": __name__, "__annotations__": {"f": annotation}}
    cls: Any = type("Held", (Document,), body)
    schema = describe(cls)
    data = bson.encode({"f": stored})
    for found in (
        schema.codec.decode(data).f,
        _python.compile(schema.plan).decode(data).f,
        schema.load(bson.decode(data)).f,
    ):
        assert repr(found) == repr(stored)
