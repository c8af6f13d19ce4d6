"""Documents as bodies and answers, responses of bytes, ids in paths."""

import datetime
import re
from decimal import Decimal
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Response
from pydantic import BaseModel, Field

from mongolane import DataBase, Document, EmbeddedDocument, Index, Stored
from mongolane.fastapi import (
    ObjectIdPath,
    Page,
    PoolStatus,
    QueryResponse,
    contains,
    filter_by,
    get_or_404,
    json_response,
    page_response,
    ping,
    pool_status,
)

HEX = re.compile(r"[0-9a-f]{24}")
MOMENT = "2024-05-06T07:08:09.123000Z"


class Host(EmbeddedDocument):
    name: str


class Stay(Document):
    name: Annotated[str, Index(unique=True)] = Field(min_length=1)
    price: Decimal = Field(ge=0)
    host: Host
    seen: datetime.datetime | None = None
    tags: list[str] = Field(default_factory=list)


class Card(BaseModel):
    id: Annotated[Any, Stored("_id")]
    name: str


BODY = {"name": "Loft", "price": "12.50", "host": {"name": "Ana"}, "seen": MOMENT}


@pytest.fixture(autouse=True)
def routes(application: FastAPI) -> None:
    """The routes all tests here ask."""
    app = application

    @app.post("/stays", status_code=201)
    async def create(stay: Stay) -> Stay:
        return await stay.insert()

    @app.get("/stays", response_model=list[Stay])
    async def found(
        wanted: Annotated[
            dict[str, Any],
            Depends(filter_by(Stay, name="name", text=contains("name"))),
        ],
    ) -> Response:
        return await json_response(Stay.find(wanted).sort("name"))

    @app.get("/models")
    async def models() -> list[Stay]:
        return await Stay.find().sort("name")

    @app.get("/page", response_model=Page[Card])
    async def page(page: int = 1, size: int = 2) -> Response:
        return await page_response(Stay.find().sort("name").project(Card), page, size)

    @app.get("/stays/{stay_id}")
    async def one(stay_id: ObjectIdPath) -> Stay:
        return await get_or_404(Stay.get(stay_id))

    @app.get("/bytes/{stay_id}", response_model=Stay)
    async def one_as_bytes(stay_id: ObjectIdPath) -> Response:
        return await json_response(Stay.get(stay_id))

    @app.post("/raw")
    async def raw(filter: dict[str, Any]) -> list[Stay]:
        return await Stay.find(filter)

    @app.get("/equal")
    async def equal() -> list[Stay]:
        return await Stay.find(Stay.name == {"$ne": ""})

    @app.get("/pool")
    async def pool() -> PoolStatus:
        await ping()
        return pool_status()


def create(client: Any, *names: str) -> list[Any]:
    answers = [client.post("/stays", json={**BODY, "name": name}) for name in names]
    assert [one.status_code for one in answers] == [201] * len(names)
    return [one.json() for one in answers]


def test_document_as_body_and_answer(client: Any) -> None:
    """A posted document is validated, stored and answered with its id as hex text."""
    (stay,) = create(client, "Loft")

    assert HEX.fullmatch(stay.pop("id"))
    assert stay == {**BODY, "tags": []}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"price": "cheap"}, ["body", "price"]),
        ({"price": -1}, ["body", "price"]),
        ({"name": ""}, ["body", "name"]),
        ({"name": {"$ne": 1}}, ["body", "name"]),
        ({"host": {}}, ["body", "host", "name"]),
        ({"host": "Ana"}, ["body", "host"]),
        ({"id": "zz"}, ["body", "id"]),
    ],
)
def test_bad_body_refused(client: Any, change: Any, place: list[str]) -> None:
    """A body that does not fit is a 422 at its field, and nothing is stored."""
    response = client.post("/stays", json={**BODY, **change})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == place
    assert client.get("/stays").json() == []


def test_surrogate_in_body_refused(client: Any) -> None:
    """A text that is no UTF-8 is a 422 at its field, though it cannot be quoted."""
    body = b'{"name": "\\ud800", "price": 1, "host": {"name": "Ana"}}'
    headers = {"content-type": "application/json"}
    response = client.post("/stays", content=body, headers=headers)

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "name"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_lacks_is_refused(client: Any, number: str) -> None:
    """Python reads it and pydantic refuses it: a 422, though it cannot be quoted."""
    body = f'{{"name": "a", "price": {number}, "host": {{"name": "Ana"}}}}'
    headers = {"content-type": "application/json"}
    response = client.post("/stays", content=body.encode(), headers=headers)

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "price"]


def test_bytes_equal_models(client: Any) -> None:
    """The bytes of a query are what FastAPI makes of its instances."""
    create(client, "a", "b")

    assert client.get("/stays").json() == client.get("/models").json()
    assert client.get("/stays").headers["content-type"] == "application/json"


def test_one_by_id(client: Any) -> None:
    """A document is found by the id in the path, as a model and as bytes."""
    (stay,) = create(client, "Loft")

    assert client.get(f"/stays/{stay['id']}").json() == stay
    assert client.get(f"/bytes/{stay['id']}").json() == stay


@pytest.mark.parametrize("route", ["stays", "bytes"])
def test_missing_is_404(client: Any, route: str) -> None:
    """An id that nothing has is a 404."""
    response = client.get(f"/{route}/{'0' * 24}")

    assert (response.status_code, response.json()) == (404, {"detail": "not found"})


@pytest.mark.parametrize("text", ["zz", "0" * 23, "0" * 25, "g" * 24, "%7B%7D", "null"])
def test_invalid_id_in_path(client: Any, text: str) -> None:
    """A path that is no ObjectId is a 422 in FastAPI's own form."""
    response = client.get(f"/stays/{text}")

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["path", "stay_id"]


def test_duplicate_is_409(client: Any) -> None:
    """A second document with a unique value is a 409 that names index and field."""
    create(client, "Loft")
    response = client.post("/stays", json=BODY)

    assert response.status_code == 409
    assert response.json() == {
        "detail": "this name exists already (index name_1)",
        "index": "name_1",
        "fields": ["name"],
    }


def test_pages_and_their_total(client: Any) -> None:
    """A page has its part of the documents, and the number of all."""
    create(client, "a", "b", "c")
    page = client.get("/page", params={"page": 2}).json()

    assert [item["name"] for item in page.pop("items")] == ["c"]
    assert page == {"total": 3, "page": 2, "size": 2}
    assert client.get("/page", params={"page": 9}).json()["items"] == []


def test_filter_of_parameters(client: Any) -> None:
    """Request parameters filter by equality and by text, whatever they look like."""
    create(client, "Loft", "a.*b", "$ne")

    def names(**parameters: str) -> list[str]:
        rows = client.get("/stays", params=parameters).json()
        return [one["name"] for one in rows]

    assert names(name="Loft") == ["Loft"]
    assert names(text="OF") == ["Loft"]
    assert names(text=".*") == ["a.*b"]
    assert names(name="$ne") == ["$ne"]
    assert names(name='{"$ne": ""}') == []


def test_compared_dict_is_a_value(client: Any) -> None:
    """A dict with an operator's key, compared with a field, is never an operator."""
    create(client, "Loft")
    response = client.get("/equal")

    assert response.status_code == 422 or response.json() == []


def test_javascript_refused(client: Any) -> None:
    """$where in a filter out of a request is a 422."""
    create(client, "Loft")

    assert client.post("/raw", json={"$where": "true"}).status_code == 422


def test_openapi_documents_the_model(client: Any) -> None:
    """Routes that answer bytes document their models all the same."""
    schema = client.get("/openapi.json").json()

    def answer(path: str) -> Any:
        operation = schema["paths"][path]["get"]
        return operation["responses"]["200"]["content"]["application/json"]["schema"]

    # FastAPI tells a model as input from one as output where they differ.
    reference = {"$ref": "#/components/schemas/Stay-Output"}
    assert answer("/stays")["items"] == reference
    assert answer("/bytes/{stay_id}") == reference
    assert answer("/page") == {"$ref": "#/components/schemas/Page_Card_"}
    (parameter,) = schema["paths"]["/stays/{stay_id}"]["get"]["parameters"]
    assert parameter["schema"]["pattern"] == "^[0-9a-fA-F]{24}$"


def test_pool_figures(client: Any) -> None:
    """The figures name the lane and count the connections."""
    figures = client.get("/pool").json()

    assert (figures["lane"], figures["max_size"]) == ("direct", 100)
    assert figures["open"] >= 1
    assert figures["in_use"] + figures["idle"] == figures["open"]


def test_default_lane_is_closed(client: Any) -> None:
    """After the application has ended, the default database is not connected."""
    client.__exit__(None, None, None)
    try:
        assert DataBase.client is None
    finally:
        client.__enter__()


def test_response_is_json() -> None:
    """A QueryResponse says that it is JSON."""
    assert QueryResponse(b"[]").media_type == "application/json"
