"""Filters out of request parameters: values come in, operators do not."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import quote

import pytest
from bson import ObjectId
from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.testclient import TestClient

from mongolane.errors import ConfigurationError, UnknownFieldError
from mongolane.fastapi import (
    all_of,
    at_least,
    at_most,
    contains,
    filter_by,
    one_of,
)


class Kind(StrEnum):
    FLAT = "flat"
    HOUSE = "house"


class Address(BaseModel):
    city: str | None = None


class Review(BaseModel):
    stars: int


class Stay(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: ObjectId | None = None
    name: str
    kind: Kind = Kind.FLAT
    state: Literal["open", "closed"] = "open"
    price: Decimal
    at: datetime
    address: Address | None = None
    amenities: list[str] = []
    reviews: list[Review] = []
    extra: dict[str, Any] = {}
    anything: Any = None


def client(**parameters: Any) -> TestClient:
    """An application that answers the filter of its parameters as text."""
    app = FastAPI()

    @app.get("/")
    async def route(
        given: Annotated[dict[str, Any], Depends(filter_by(Stay, **parameters))],
    ) -> str:
        return repr(given)

    return TestClient(app)


def filter_of(query: str, **parameters: Any) -> Any:
    response = client(**parameters).get(f"/?{query}")
    assert response.status_code == 200, response.text
    names = {"Decimal": Decimal, "ObjectId": ObjectId, "Kind": Kind}
    return eval(response.json().replace("<Kind.HOUSE: 'house'>", "Kind.HOUSE"), names)


def test_no_parameter_no_filter() -> None:
    """A request without parameters asks for everything."""
    assert filter_of("", name="name", price=at_most("price")) == {}


def test_types_are_the_fields_own() -> None:
    """Each value has the type of its field, also inside other models and lists."""
    found = filter_of(
        "name=a&price=1.50&kind=house&stars=4&city=Porto&id=65a000000000000000000001",
        name="name",
        price="price",
        kind="kind",
        stars=at_least("reviews.stars"),
        city="address.city",
        id="id",
    )

    assert found == {
        "name": {"$eq": "a"},
        "price": {"$eq": Decimal("1.50")},
        "kind": {"$eq": Kind.HOUSE},
        "reviews.stars": {"$gte": 4},
        "address.city": {"$eq": "Porto"},
        "id": {"$eq": ObjectId("65a000000000000000000001")},
    }


def test_two_bounds_on_one_field() -> None:
    """A lower and an upper bound of one field stand together."""
    found = filter_of("low=1&high=2", low=at_least("price"), high=at_most("price"))

    assert found == {"price": {"$gte": Decimal(1), "$lte": Decimal(2)}}


def test_several_values() -> None:
    """A parameter that may come several times gives a list."""
    found = filter_of(
        "has=Wifi&has=Pool&city=Porto",
        has=all_of("amenities"),
        city=one_of("address.city"),
    )

    assert found == {
        "amenities": {"$all": ["Wifi", "Pool"]},
        "address.city": {"$in": ["Porto"]},
    }


def test_contained_text_is_literal() -> None:
    """What looks like a pattern in a text is searched for as it stands."""
    found = filter_of(f"text={quote('a.*(b')}", text=contains("name"))

    assert found == {"name": {"$regex": r"a\.\*\(b", "$options": "i"}}


@pytest.mark.parametrize(
    "query",
    [
        "name[$ne]=x",
        "name[%24gt]=",
        "name.$ne=x",
        "$where=1",
        "address.city=x",
        "other=1",
    ],
)
def test_undeclared_parameters_do_nothing(query: str) -> None:
    """Operators in a parameter's name, and names not declared, do not get in."""
    assert filter_of(query, name="name", city="address.city") == {}


@pytest.mark.parametrize("value", ['{"$ne": null}', "$where", '{"$gt": ""}'])
def test_operators_in_values_are_text(value: str) -> None:
    """A value that looks like an operator is compared as text."""
    found = filter_of(f"name={quote(value)}", name="name")

    assert found == {"name": {"$eq": value}}


@pytest.mark.parametrize(
    "query",
    ["price=cheap", "kind=castle", "state=x", "at=yesterday", "id=zz", "price=NaN"],
)
def test_wrong_values_refused(query: str) -> None:
    """A value that is not of the field's type is a 422 that names the parameter."""
    one = client(price="price", kind="kind", state="state", at="at", id="id")
    response = one.get(f"/?{query}")

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:2] == ["query", query.partition("=")[0]]


def test_nul_refused() -> None:
    """A text with a NUL, which no pattern can hold, is a 422."""
    assert client(text=contains("name")).get("/?text=a%00").status_code == 422


@pytest.mark.parametrize("length", [1001, 20_000])
def test_overlong_text_refused(length: int) -> None:
    """A text of more than a thousand characters is a 422."""
    assert (
        client(name="name").get("/", params={"name": "x" * length}).status_code == 422
    )


def test_parameters_are_documented() -> None:
    """OpenAPI lists the parameters with their types, none of them required."""
    paths = client(name="name", price=at_most("price")).get("/openapi.json").json()
    parameters = paths["paths"]["/"]["get"]["parameters"]

    assert {one["name"] for one in parameters} == {"name", "price"}
    assert not any(one["required"] for one in parameters)


def test_unknown_field_refused() -> None:
    """A parameter of a field that is not declared fails at once, with the near name."""
    with pytest.raises(UnknownFieldError, match="did you mean 'price'"):
        filter_by(Stay, price="prise")


@pytest.mark.parametrize("field", ["extra", "anything", "address"])
def test_open_field_refused(field: str) -> None:
    """A field that may hold a dict cannot be asked about by a request."""
    with pytest.raises(ConfigurationError, match="cannot stand in a request"):
        filter_by(Stay, parameter=field)
