"""Unions whose members neither BSON types nor a key's value tell apart."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Discriminator, Tag, ValidationError

from mongolane import Document, Stored, codec
from mongolane.codec import _python
from mongolane.errors import DocumentDecodeError
from mongolane.schema import describe

Way = Callable[[Any], Any]
WAYS = [
    pytest.param(codec.compile, id="codec"),
    pytest.param(_python.compile, id="twin"),
]


class Colour(Enum):
    RED = "red"


UID = uuid.UUID(int=7)
DICTS: list[tuple[Any, list[Any]]] = [
    (dict[int, str] | dict[str, str], [{1: "a"}, {"1": "a"}, {}, {"b": "a"}]),
    (dict[str, str] | dict[int, str], [{1: "a"}, {"1": "a"}, {}]),
    (dict[int, int] | dict[float, int] | None, [{1: 2}, {1.0: 2}, {0.5: 2}, None]),
    (dict[int, int] | dict[Decimal, int], [{1: 2}, {Decimal(1): 2}]),
    (dict[Colour, int] | dict[str, int], [{Colour.RED: 1}, {"red": 1}]),
    (dict[uuid.UUID, int] | dict[str, int], [{UID: 1}, {str(UID): 1}]),
    (dict[date, int] | dict[str, int], [{date(2024, 1, 2): 1}, {"2024-01-02": 1}]),
    (Mapping[int, int] | dict[str, int], [{1: 2}, {"1": 2}]),
    (dict[int, dict[int, str]] | dict[str, str], [{1: {2: "a"}}, {"1": "a"}]),
    (list[dict[int, str] | dict[str, str]], [[{1: "a"}, {"1": "a"}]]),
    (dict[int, str] | list[str] | str, [{1: "a"}, ["a"], "a"]),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("annotation", "values"), DICTS, ids=str)
def test_dicts_that_differ_in_keys_alone(
    way: Way, annotation: Any, values: Any
) -> None:
    """Each value comes back with keys of its own types."""
    body = {"__module__": __name__, "__annotations__": {"f": annotation}}
    cls: Any = type("Held", (Document,), body)
    schema = describe(cls)
    for value in values:
        data = way(schema.plan).encode(cls(f=value))
        found = way(schema.plan).decode(data).f
        assert found == value
        assert repr(found) == repr(value)
        assert codec.encode(schema.dump(cls(f=value))) == data


def test_one_dict_of_a_union_keeps_its_keys_as_text() -> None:
    """Only where another dict could be meant do they become pairs."""

    class One(Document):
        f: dict[int, str] | list[str]

    stored = codec.decode(describe(One).codec.encode(One(f={1: "a"})))
    assert stored["f"] == {"1": "a"}


class Numbered(BaseModel):
    n: int
    long: Annotated[timedelta, Stored("for")] = timedelta(0)


class Named(BaseModel):
    n: str


def which(value: Any) -> str:
    held = value.get("n") if isinstance(value, dict) else value.n
    return "number" if isinstance(held, int) else "text"


Found = Annotated[
    Annotated[Numbered, Tag("number")] | Annotated[Named, Tag("text")],
    Discriminator(which),
]


class Told(Document):
    """With a union that a function tells."""

    f: Found
    more: list[Found] = []  # noqa: RUF012 (pydantic copies it)


@pytest.mark.parametrize("way", WAYS)
def test_a_function_tells_a_union(way: Way) -> None:
    """It sees the names and values that pydantic would show it, and none it likes."""
    schema = describe(Told)
    compiled = way(schema.plan)
    one = Told(f=Numbered(n=1, long=timedelta(1)), more=[Named(n="1"), Numbered(n=2)])
    assert compiled.decode(compiled.encode(one)) == one
    # No member takes a float by the function, though one would by itself.
    with pytest.raises(ValidationError):
        Told.model_validate({"f": {"n": 0.0}})
    with pytest.raises(DocumentDecodeError):
        compiled.decode(codec.encode({"f": {"n": 0.0}}))
