"""Routes of FastAPI."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel

from mongolane import DataBase, Document, Mapped, field
from mongolane.errors import DuplicateKeyError, NotFoundError
from mongolane.fastapi import (
    ObjectIdPath,
    Page,
    all_of,
    at_least,
    at_most,
    contains,
    equals,
    filter_by,
    get_or_404,
    install_error_handlers,
    json_response,
    lifespans,
    one_of,
    page_response,
    ping,
    pool_status,
)


class Stay(Document):
    name: Mapped[str]
    price: Mapped[Decimal]
    beds: Mapped[int] = field(default=1)
    amenities: Mapped[list[str]] = field(default_factory=list)


class NewStay(BaseModel):
    name: str
    price: Decimal


class StayChange(BaseModel):
    name: str | None = None
    price: Decimal | None = None


app = FastAPI(lifespan=lifespans(DataBase.lifespan(uri="embedded://", db="stays")))
install_error_handlers(app)


@app.post("/stays", status_code=201)
async def create(new: NewStay) -> Stay:
    return await Stay(name=new.name, price=new.price).insert()


@app.get("/stays", response_model=list[Stay])
async def stays(below: Decimal = Decimal(100)) -> Response:
    return await json_response(Stay.find(Stay.price < below).sort(Stay.price))


@app.get("/plain")
async def plain() -> list[Stay]:
    return await Stay.find()


@app.get("/pages", response_model=Page[Stay])
async def pages(page: int = 1) -> Response:
    return await page_response(Stay.find().sort(Stay.price), page, 10)


@app.get("/stays/{stay_id}")
async def stay(stay_id: ObjectIdPath) -> Stay:
    return await get_or_404(Stay.get(stay_id))


@app.get("/other/{stay_id}", response_model=Stay)
async def other(stay_id: ObjectIdPath) -> Response:
    return await json_response(Stay.get(stay_id))


@app.patch("/stays/{stay_id}")
async def change(stay_id: ObjectIdPath, body: StayChange) -> Stay:
    found = await Stay.get(stay_id)
    if found is None:
        raise HTTPException(404)
    return await found.patch(body)


@app.delete("/stays/{stay_id}", status_code=204)
async def remove(stay_id: ObjectIdPath) -> None:
    if not await Stay.find({"id": stay_id}).delete():
        raise NotFoundError("no such stay")


Wanted = Annotated[
    dict[str, Any],
    Depends(
        filter_by(
            Stay,
            name=equals("name"),
            text=contains("name"),
            low=at_least("price"),
            high=at_most("price"),
            amenities=all_of("amenities"),
            names=one_of("name"),
        )
    ),
]


@app.get("/search", response_model=list[Stay])
async def search(wanted: Wanted) -> Response:
    return await json_response(Stay.find(wanted))


@app.get("/health")
async def health() -> dict[str, Any]:
    status = pool_status()
    return {"ms": await ping(), "pool": status}


def walk() -> None:
    with TestClient(app) as client:
        made = client.post("/stays", json={"name": "Loft", "price": "80"}).json()
        print(made)
        assert client.get("/stays").json()[0]["name"] == "Loft"
        assert client.get("/pages").json()["total"] == 1
        assert client.get(f"/stays/{made['id']}").json()["name"] == "Loft"
        assert (
            client.patch(f"/stays/{made['id']}", json={"name": "Big"}).json()["name"]
            == "Big"
        )
        assert client.get("/search", params={"text": "bi"}).json()
        print(client.get("/health").json())
        assert client.delete(f"/stays/{made['id']}").status_code == 204
        assert client.get(f"/other/{made['id']}").status_code == 404
    print(DuplicateKeyError)


if __name__ == "__main__":
    walk()
