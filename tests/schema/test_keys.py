"""Keys of any type come back as they were, and no two become one."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import pytest
from bson import ObjectId
from pydantic import Base64Encoder, EncodedBytes, Field

from mongolane import Document, codec
from mongolane.schema import describe

OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")
NOON = datetime(2024, 5, 1, 12, microsecond=456789, tzinfo=UTC)


class Rights(enum.Flag):
    """Several in one."""

    READ = 1
    WRITE = 2


class Bits(enum.IntFlag):
    """Several in one, and numbers."""

    READ = 1
    WRITE = 2


class Alike(enum.Enum):
    """Two values with one text."""

    NUMBER = 1
    TEXT = "1"


BOTH = Rights.READ | Rights.WRITE
NONE = Rights.READ & Rights.WRITE

CASES: list[tuple[Any, Any, Any]] = [
    (dict[Rights, int], {BOTH: 1, Rights.READ: 2, NONE: 3}, {"3": 1, "1": 2, "0": 3}),
    (dict[Bits, int], {Bits.READ | Bits.WRITE: 1}, {"3": 1}),
    (dict[Alike, int], {Alike.NUMBER: 1, Alike.TEXT: 2},
     [{"k": 1, "v": 1}, {"k": "1", "v": 2}]),
    (dict[Literal["a", "b"], int], {"a": 1}, {"a": 1}),
    (dict[Literal["a", 1], int], {"a": 1, 1: 2},
     [{"k": "a", "v": 1}, {"k": 1, "v": 2}]),
    (dict[Annotated[str, Field(max_length=3)], int], {"a": 1}, {"a": 1}),
    (dict[bool, int], {True: 1}, {"True": 1}),
    (dict[datetime, int], {NOON: 1}, {"2024-05-01T12:00:00.456789+00:00": 1}),
    (dict[ObjectId, dict[ObjectId, int]], {OID: {OID: 1}}, {str(OID): {str(OID): 1}}),
    (dict[int | str, int], {1: 1, "1": 2}, [{"k": 1, "v": 1}, {"k": "1", "v": 2}]),
    (dict[date | None, int], {None: 1}, [{"k": None, "v": 1}]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("annotation", "value", "stored"), CASES, ids=[str(one[0])[:40] for one in CASES]
)
def test_keys_come_back(annotation: Any, value: Any, stored: Any) -> None:
    """A dict is stored in its form, and has the very keys when it is read."""
    model: Any = type(
        "Model",
        (Document,),
        {"__annotations__": {"v": annotation}, "__module__": __name__},
    )
    schema = describe(model)
    data = schema.codec.encode(model(v=value))

    assert codec.decode(data)["v"] == stored
    for read in (schema.codec.decode(data), schema.load(codec.decode(data))):
        assert read.v == value
        assert list(map(type, read.v)) == list(map(type, value))


def test_a_key_that_is_none_of_the_literals_is_refused() -> None:
    """A stored key that the type does not have is named."""

    class Model(Document):
        v: dict[Literal["a"], int]

    with pytest.raises(ValueError, match="v"):
        describe(Model).codec.decode(codec.encode({"v": {"b": 1}}))


def test_keys_that_are_decoded_are_decoded_once() -> None:
    """What pydantic decodes when it is given comes back as it is."""
    key = Annotated[bytes, EncodedBytes(encoder=Base64Encoder)]

    class Model(Document):
        v: dict[key, int]  # type: ignore[valid-type]

    schema = describe(Model)
    data = schema.codec.encode(Model(v={b"YWI=": 1}))

    assert codec.decode(data)["v"] == [{"k": b"ab", "v": 1}]
    for read in (schema.codec.decode(data), schema.load(codec.decode(data))):
        assert read.v == {b"ab": 1}
