"""Days, times of day, durations and tuples become by plan what they do without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

import bson
import pytest
from bson import Decimal128, ObjectId
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, create_model

from mongolane import Document, codec
from mongolane.codec import _python
from mongolane.errors import DocumentDecodeError
from mongolane.schema import describe

DAY = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
MODULES = [codec, _python]
NOON = dt.datetime(2024, 5, 1, 12, 30, 1, 5000, tzinfo=dt.UTC)

STORED: list[tuple[Any, Any]] = [
    (dt.date, NOON),
    (dt.date, DAY),
    (dt.date, dt.datetime(1, 1, 1, tzinfo=dt.UTC)),
    (dt.date, dt.datetime(9999, 12, 31, tzinfo=dt.UTC)),
    (dt.date, dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)),
    (dt.date, bson.DatetimeMS(2**60)),
    (dt.date, "2024-05-01"),
    (dt.date, "no day"),
    (dt.date, 5),
    (dt.time, "01:02:03"),
    (dt.time, "01:02:03.000005"),
    (dt.time, "01:02:03.5"),
    (dt.time, "01:02"),
    (dt.time, "01:02:03+02:00"),
    (dt.time, "01:02:03Z"),
    (dt.time, "24:00:00"),
    (dt.time, "01:0a:03"),
    (dt.time, NOON),
    (dt.timedelta, 1.5),
    (dt.timedelta, 90),
    (dt.timedelta, -(2**40)),
    (dt.timedelta, -0.0000005),
    (dt.timedelta, 0.0000015),
    (dt.timedelta, float("nan")),
    (dt.timedelta, float("inf")),
    (dt.timedelta, 1e15),
    (dt.timedelta, 2**62),
    (dt.timedelta, True),
    (dt.timedelta, Decimal128("86400.000001")),
    (dt.timedelta, "P1D"),
    (tuple[int, str], [1, "a"]),
    (tuple[int, str], [1, "a", 2]),
    (tuple[int, str], [1]),
    (tuple[int, str], ["a", 1]),
    (tuple[int, str], "a"),
    (tuple[float, dt.date, tuple[bool, dt.time]], [1, DAY, [True, "00:00:00"]]),
    (list[dt.date], [DAY, "2024-05-01"]),
    (dict[str, dt.timedelta] | None, {"a": 1.5}),
]


MADE: list[tuple[Any, Any]] = [
    (dt.date, dt.date(1, 1, 1)),
    (dt.date, NOON),
    (dt.time, dt.time(1, 2, 3, 40, tzinfo=dt.UTC)),
    (dt.timedelta, dt.timedelta.max),
    (dt.timedelta, dt.timedelta(days=20_000, microseconds=1)),
    (dt.timedelta, dt.timedelta(days=-1, microseconds=1)),
    (tuple[dt.date, int | None], (dt.date(2024, 5, 1), None)),
]


def made(annotation: Any) -> Any:
    """A document with one field."""
    return create_model("Made", __base__=Document, v=(annotation, ...))


def outcome(way: Callable[[], Any]) -> Any:
    """What a way of reading gives; None: it does not fit."""
    try:
        return way().v
    except DocumentDecodeError:
        return None


@pytest.mark.parametrize(("annotation", "value"), STORED)
def test_every_way_reads_the_same(annotation: Any, value: Any) -> None:
    """Native, the twin, and pydantic on whole documents agree on each stored form."""
    schema = describe(made(annotation))
    data = bson.encode({"_id": ObjectId(), "v": value})
    ways = [
        outcome(lambda: codec.compile(schema.plan).decode(data)),
        outcome(lambda: _python.compile(schema.plan).decode(data)),
        outcome(lambda: schema.load(codec.decode(data))),
    ]

    assert ways[0] == ways[1] == ways[2]
    assert type(ways[0]) is type(ways[2])


@pytest.mark.parametrize(("annotation", "value"), MADE)
def test_every_way_writes_the_same(annotation: Any, value: Any) -> None:
    """What has its form in another way is written as it always was, and read again."""
    model = made(annotation)
    schema, instance = describe(model), model.model_construct(id=ObjectId(), v=value)
    data = codec.compile(schema.plan).encode(instance)

    assert data == _python.compile(schema.plan).encode(instance)
    assert data == codec.encode(schema.dump(instance))


PARTS = st.tuples(
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.timedeltas(dt.timedelta(days=-9000), dt.timedelta(days=9000)),
)


@given(PARTS)
def test_all_come_back(value: Any) -> None:
    """Each day, time and duration is read as it was written, and JSON is pydantic's."""
    model = MODEL
    plan = describe(model).plan
    instance = model(id=ObjectId((0).to_bytes(12)), v=value, days=[value[0]])
    for module in MODULES:
        compiled = module.compile(plan)
        data = compiled.encode(instance)

        assert compiled.decode(data) == instance
        assert compiled.json(data) == instance.model_dump_json().encode()


MODEL: Any = create_model(
    "Model",
    __base__=Document,
    v=(tuple[dt.date, dt.time, dt.timedelta, dt.timedelta], ...),
    days=(list[dt.date], ...),
)


def test_strict_classes_take_only_the_very_type() -> None:
    """A strict class reads a day of a midnight, and of no other moment."""
    model = create_model(
        "Strict",
        __base__=Document,
        v=(Annotated[dt.date, Field(strict=True)], ...),
    )
    compiled = codec.compile(describe(model).plan)
    read = compiled.decode(bson.encode({"_id": ObjectId(), "v": DAY}))

    assert read.v == NOON.date()
    with pytest.raises(DocumentDecodeError):
        compiled.decode(bson.encode({"_id": ObjectId(), "v": NOON}))
