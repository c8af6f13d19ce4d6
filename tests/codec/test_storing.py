"""What a class would not read again is not written to be stored."""

from __future__ import annotations

import enum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from mongolane import Document, Stored
from mongolane.errors import EncodeError
from mongolane.schema import describe

Few = Annotated[list[int], Field(max_length=2)]
Small = Annotated[int, Field(le=9)]


class Colour(enum.Enum):
    RED = "red"


class Part(BaseModel):
    n: Small = 0


class Node(BaseModel):
    """Holds itself, and has a limit."""

    more: list[Node] = Field(default_factory=list)
    n: Small = 0


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: Small = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class Row(Document):
    """A field of each sort that may come to hold what it would not take."""

    few: Few = Field(default_factory=list)
    small: Small = 0
    short: Annotated[str, Field(max_length=3, pattern="^a")] = "a"
    raw: Annotated[bytes, Field(max_length=2)] = b""
    rate: Annotated[float, Field(gt=0)] = 1.0
    letter: Literal["a", "b"] = "a"
    colour: Colour = Colour.RED
    part: Part = Part()
    parts: dict[str, list[Part | None]] = Field(default_factory=dict)
    pair: tuple[int, Small] = (0, 0)
    node: Node = Node()
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat()
    path: Path = Path("a")
    even: int = 0
    pin: Annotated[SecretStr, Stored(secret="plain")] = SecretStr("a")

    @field_validator("even")
    @classmethod
    def _is_even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("odd")
        return value


class Whole(Document):
    """Is checked as a whole."""

    low: int = 0
    high: int = 1

    @model_validator(mode="after")
    def _in_order(self) -> Whole:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Needs(Document):
    """Has a field without a default."""

    name: str


def to_store(codec: ModuleType, instance: Any) -> bytes:
    data: list[bytes] = []
    codec.compile(describe(type(instance)).plan).encode_all([instance], data)
    return data[0]


CASES: list[tuple[dict[str, Any], str]] = [
    ({"few": [1, 2, 3]}, "few"),
    ({"small": 10}, "small"),
    ({"short": "abcd"}, "short"),
    ({"short": "b"}, "short"),
    ({"raw": b"abc"}, "raw"),
    ({"rate": 0.0}, "rate"),
    ({"letter": "c"}, "letter"),
    ({"colour": "green"}, "colour"),
    ({"part": Part.model_construct(n=10)}, "part.n"),
    ({"part": {"n": 10}}, "part.n"),
    ({"parts": {"a": [None, Part.model_construct(n=10)]}}, "parts.a.1.n"),
    ({"pair": (0, 10)}, "pair.1"),
    ({"node": Node(more=[Node.model_construct(n=10)])}, "node.more.0.n"),
    ({"pet": Cat.model_construct(lives=10)}, "pet.lives"),
    ({"even": 1}, "even"),
]


@pytest.mark.parametrize(("change", "path"), CASES, ids=[str(one[0]) for one in CASES])
def test_what_is_not_read_again_is_refused(
    codec: ModuleType, change: dict[str, Any], path: str
) -> None:
    """Whatever was assigned, and at any depth; the path is told."""
    row = Row()
    to_store(codec, row)
    for name, value in change.items():
        setattr(row, name, value)

    with pytest.raises(EncodeError, match="could not be read again") as caught:
        to_store(codec, row)

    assert caught.value.path == path
    assert caught.value.__context__ is None


def test_a_whole_that_does_not_hold_together_is_refused(codec: ModuleType) -> None:
    whole = Whole(low=0, high=1)
    to_store(codec, whole)
    whole.low = 2
    with pytest.raises(EncodeError, match="low is above high"):
        to_store(codec, whole)


def test_an_instance_that_lacks_a_field_is_refused(codec: ModuleType) -> None:
    """As ``model_construct`` leaves one behind."""
    with pytest.raises(EncodeError, match="name"):
        to_store(codec, Needs.model_construct())


def test_those_before_it_are_written(codec: ModuleType) -> None:
    """What is written by then tells which document was refused."""
    rows = [Row(), Row(small=1), Row.model_construct(small=10), Row()]
    data: list[bytes] = []
    compiled = codec.compile(describe(Row).plan)
    with pytest.raises(EncodeError):
        compiled.encode_all(rows, data)
    assert [codec.decode(one)["small"] for one in data] == [0, 1]


def test_writing_alone_asks_for_no_more_than_types(codec: ModuleType) -> None:
    """``encode`` is also for what is not stored."""
    row = Row()
    row.small = 10
    compiled = codec.compile(describe(Row).plan)
    assert codec.decode(compiled.encode(row))["small"] == 10
