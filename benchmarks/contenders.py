"""Who is measured: each does the same five things in its own best usual way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from bson import ObjectId
from fastapi import FastAPI, Response

from mongolane import DataBase, Document

from .people import MANY, Address, person

DATABASE = "bench"
COLLECTION = "people"


class Contender(Protocol):
    """One way to reach the server."""

    name: str

    async def open(self, uri: str, some_id: ObjectId) -> None: ...
    async def find_one(self) -> object: ...
    async def find_many(self) -> object: ...
    async def insert_many(self) -> object: ...
    def routes(self) -> FastAPI | None:
        """An app whose ``/people`` answers 1000 documents; None without an own way."""

    async def close(self) -> None: ...


class Person(Document):
    """The typed document of mongolane."""

    name: str
    email: str
    age: int
    active: bool
    score: float
    created: datetime
    updated: datetime
    tags: list[str]
    address: Address
    bio: str

    class Meta:
        collection = COLLECTION


class Lane:
    """mongolane on one of its lanes."""

    def __init__(self, lane: str) -> None:
        self.lane = lane
        self.name = f"mongolane {lane}"

    async def open(self, uri: str, some_id: ObjectId) -> None:
        self.some_id = some_id
        self.database = DataBase(uri, DATABASE, lane=self.lane)
        self.people = Person.using(self.database)

    async def find_one(self) -> object:
        return await self.people.find_one({"_id": self.some_id})

    async def find_many(self) -> object:
        return await self.people.find({}).limit(MANY)

    async def insert_many(self) -> object:
        return await self.people.insert_many([person(n) for n in range(MANY)])

    def routes(self) -> FastAPI:
        app = FastAPI()
        people = self.people

        @app.get("/people", response_model=list[Person])
        async def list_people() -> Response:
            body = await people.find({}).limit(MANY).json()
            return Response(body, media_type="application/json")

        return app

    async def close(self) -> None:
        await self.database.close()


class PyMongo:
    """PyMongo's async client, dicts as they come."""

    name = "PyMongo Async dicts"

    async def open(self, uri: str, some_id: ObjectId) -> None:
        from pymongo import AsyncMongoClient

        self.some_id = some_id
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
        self.people = self.client[DATABASE][COLLECTION]
        self.fresh = self.client[DATABASE]["fresh_pymongo"]

    async def find_one(self) -> object:
        return await self.people.find_one({"_id": self.some_id})

    async def find_many(self) -> object:
        return await self.people.find({}).limit(MANY).to_list()

    async def insert_many(self) -> object:
        return await self.people.insert_many([person(n) for n in range(MANY)])

    def routes(self) -> FastAPI:
        from fastapi.responses import JSONResponse

        app = FastAPI()

        @app.get("/people")
        async def list_people() -> Response:
            found = await self.people.find({}).limit(MANY).to_list()
            return JSONResponse([plain(document) for document in found])

        return app

    async def close(self) -> None:
        await self.client.close()


class Motor:
    """Motor: PyMongo's sync client on threads."""

    name = "Motor dicts"

    async def open(self, uri: str, some_id: ObjectId) -> None:
        from motor.motor_asyncio import AsyncIOMotorClient

        self.some_id = some_id
        self.client: Any = AsyncIOMotorClient(uri)
        self.people = self.client[DATABASE][COLLECTION]

    async def find_one(self) -> object:
        return await self.people.find_one({"_id": self.some_id})

    async def find_many(self) -> object:
        return await self.people.find({}).limit(MANY).to_list(None)

    async def insert_many(self) -> object:
        return await self.people.insert_many([person(n) for n in range(MANY)])

    def routes(self) -> None:
        return None

    async def close(self) -> None:
        self.client.close()


class Beanie:
    """Beanie: documents validated by pydantic on PyMongo Async."""

    name = "Beanie"

    async def open(self, uri: str, some_id: ObjectId) -> None:
        import beanie
        from pymongo import AsyncMongoClient

        class BeaniePerson(beanie.Document):
            name: str
            email: str
            age: int
            active: bool
            score: float
            created: datetime
            updated: datetime
            tags: list[str]
            address: Address
            bio: str

            class Settings:
                name = COLLECTION

        self.some_id = some_id
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
        await beanie.init_beanie(
            database=self.client[DATABASE], document_models=[BeaniePerson]
        )
        self.model = BeaniePerson

    async def find_one(self) -> object:
        return await self.model.find_one({"_id": self.some_id})

    async def find_many(self) -> object:
        return await self.model.find({}).limit(MANY).to_list()

    async def insert_many(self) -> object:
        built = [self.model.model_validate(person(n)) for n in range(MANY)]
        return await self.model.insert_many(built)

    def routes(self) -> FastAPI:
        app = FastAPI()
        model = self.model

        @app.get("/people", response_model=list[model])  # type: ignore[valid-type]
        async def list_people() -> Any:
            return await model.find({}).limit(MANY).to_list()

        return app

    async def close(self) -> None:
        await self.client.close()


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """What a hand-written route does to make a document fit for JSON."""
    document["_id"] = str(document["_id"])
    document["created"] = document["created"].isoformat()
    document["updated"] = document["updated"].isoformat()
    return document


ALL: list[Callable[[], Contender]] = [
    lambda: Lane("direct"),
    lambda: Lane("pymongo"),
    lambda: Lane("threads"),
    PyMongo,
    Motor,
    Beanie,
]
