"""Each type comes back as it was, for any values, wherever it stands."""

from __future__ import annotations

import pathlib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

import pydantic
import pytest
from bson import Decimal128, ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from mongolane import Document, codec, errors
from mongolane.codec import _python
from mongolane.schema import describe
from tests.codec import documents
from tests.codec.made.shapes import held
from tests.codec.made.types import LEAVES, natural

checked = settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck)
)


class Everywhere(NamedTuple):
    """A class with fields of one type in all places."""

    cls: Any
    values: Any


def everywhere(name: str) -> Everywhere:
    """Alone, with None, in a list, a dict, a union, an embedded model."""
    annotation, values = LEAVES[name].annotation, LEAVES[name].values
    part = pydantic.create_model("Part", v=(annotation, ...))
    # A list, for what a union's other member must not be stored as.
    annotations = {
        "v": annotation,
        "maybe": annotation | None,
        "many": list[annotation],
        "named": dict[str, annotation],
        "either": annotation | dict[str, int],
        "part": part,
        "pair": tuple[annotation, int],
    }
    body = {"__annotations__": annotations, "__module__": __name__}
    either = st.just({"a": 1}) | values
    rows = {
        "v": values,
        "maybe": st.none() | values,
        "many": st.lists(values, max_size=3),
        "named": st.dictionaries(documents.keys, values, max_size=3),
        "either": either,
        "part": st.builds(part.model_construct, v=values),
        "pair": st.tuples(values, st.integers(0, 9)),
    }
    return Everywhere(type("Model", (Document,), body), st.fixed_dictionaries(rows))


@pytest.mark.parametrize("name", [name for name in LEAVES if name != "any"])
def test_a_type_comes_back(name: str) -> None:
    """Any value of the type is read back equal and of the same type."""
    cls, values = everywhere(name)
    schema = describe(cls)
    twin = _python.compile(schema.plan)

    @checked
    @given(values)
    def comes_back(row: dict[str, Any]) -> None:
        one = cls.model_construct(**row)
        one.id = None
        data = schema.codec.encode(one)
        assert twin.encode(one) == data
        assert codec.encode(schema.dump(one)) == data
        for read in (schema.codec.decode, twin.decode):
            assert held(read(data)) == held(one)
        assert held(schema.load(codec.decode(data))) == held(one)

    comes_back()


class Free(Document):
    """Values without a type."""

    model_config = pydantic.ConfigDict(extra="allow")
    v: Any = None
    many: list[Any] = []  # noqa: RUF012 (pydantic copies it)


@checked
@given(st.recursive(
    documents.scalars.map(natural),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(documents.keys, inner, max_size=3),
    max_leaves=6,
))  # fmt: skip
def test_what_bson_knows_needs_no_type(value: Any) -> None:
    """Without a type, what BSON has a type for comes back: decimals as Python's."""
    schema = describe(Free)
    twin = _python.compile(schema.plan)
    one = Free(v=value, many=[value], more=value)
    data = schema.codec.encode(one)

    assert twin.encode(one) == data
    for read in (schema.codec.decode, twin.decode):
        assert held(read(data)) == held(one)
    assert held(schema.load(codec.decode(data))) == held(one)


class Part(BaseModel):
    """An embedded model."""

    day: date


STORED = [
    (Decimal("1.50"), Decimal("1.50")),
    (Decimal128("1.50"), Decimal("1.50")),
    (date(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)),
    (time(1, 2), "01:02:00"),
    (pathlib.PurePosixPath("/a"), "/a"),
    (Part(day=date(2024, 5, 1)), {"day": datetime(2024, 5, 1, tzinfo=UTC)}),
    ((1, 2), [1, 2]),
    ({5: time(1)}, {"5": "01:00:00"}),
]


@pytest.mark.parametrize(("value", "read"), STORED, ids=[str(one[0]) for one in STORED])
def test_other_values_need_one(value: Any, read: Any) -> None:
    """Without a type, anything else is stored as if it had one, and read as stored."""
    schema = describe(Free)
    twin = _python.compile(schema.plan)
    one = Free(v=value, many=[value], more=value)
    data = schema.codec.encode(one)

    assert twin.encode(one) == data
    for decode in (schema.codec.decode, twin.decode):
        again = decode(data)
        assert (again.v, again.many, again.more) == (read, [read], read)
        assert type(again.v) is type(read)


@pytest.mark.parametrize("value", [SecretStr("hush"), 2**64, object()])
@pytest.mark.parametrize("where", ["v", "more"])
def test_what_has_no_form_is_refused(value: Any, where: str) -> None:
    """Without a type, too, secrets and what BSON cannot hold are refused by path."""
    one = Free(**{where: value})
    for encode in (
        describe(Free).codec.encode,
        _python.compile(describe(Free).plan).encode,
    ):
        with pytest.raises(errors.EncodeError) as caught:
            encode(one)
        assert caught.value.path == where
        assert "hush" not in str(caught.value)


def test_none_by_default_comes_back() -> None:
    """A default of None comes back, though the type has no None."""

    class Sloppy(Document):
        n: int = None  # type: ignore[assignment]
        day: date = None  # type: ignore[assignment]
        part: Part = None  # type: ignore[assignment]

    schema = describe(Sloppy)
    data = schema.codec.encode(Sloppy())

    assert codec.decode(data) == {}
    assert schema.codec.decode(data) == Sloppy()


def test_a_homonym_of_a_field_stays_undeclared() -> None:
    """A stored key that only has a field's name is not the field."""

    class Named(Document):
        a: int

    data = codec.encode({"_id": ObjectId(), "id": 5, "a": "5"})
    read = describe(Named).codec.decode(data)

    assert isinstance(read.id, ObjectId)
    assert read.a == 5
