"""Who is measured: each does the same things in its own best usual way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from bson import ObjectId
from fastapi import FastAPI, Response

from mongolane import DataBase, Document, bulk

from .people import MANY, Address
from .writing import Plain, dicts, fresh, without_ids

DATABASE = "bench"
COLLECTION = "people"


class Contender(Protocol):
    """One way to reach the server."""

    name: str

    async def open(self, uri: str, some_id: ObjectId) -> None: ...
    async def prepare(self) -> None:
        """Make what will be written; not before, since it fills the memory."""

    async def find_one(self) -> object: ...
    async def find_many(self) -> object: ...
    async def insert_one(self) -> object:
        """A model that has no id yet."""

    async def insert_models(self) -> object:
        """A thousand of them."""

    async def insert_dicts(self) -> object:
        """A thousand dicts, which an ODM checks."""

    async def update_one(self) -> object:
        """One field of one document, by its id."""

    async def save(self) -> object:
        """One field of a document that was read, and who wrote it by hand says so."""

    async def bulk(self) -> object:
        """A thousand updates, one a document."""

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

    async def prepare(self) -> None:
        # Before a thousand are made: of a class whose first document comes later,
        # reading stays slower by half, since CPython's shared keys have worn out.
        self.stored = await self.people.find_one({"_id": self.some_id}).or_raise()
        self.dicts = dicts()
        self.models = [Person(**one) for one in self.dicts]
        self.ids = [ObjectId() for _ in range(MANY)]
        self.one = Person(**fresh(1))

    async def find_one(self) -> object:
        return await self.people.find_one({"_id": self.some_id})

    async def find_many(self) -> object:
        return await self.people.find({}).limit(MANY)

    async def insert_one(self) -> object:
        self.one.id = None
        return await self.people.insert(self.one)

    async def insert_models(self) -> object:
        for one in self.models:
            one.__dict__["id"] = None
        return await self.people.insert_all(self.models)

    async def insert_dicts(self) -> object:
        return await self.people.insert_many(self.dicts)

    async def update_one(self) -> object:
        return await self.people.get(self.some_id).update({"age": 40})

    async def save(self) -> object:
        self.stored.age = (self.stored.age + 1) % 90
        return await self.stored.save()

    async def bulk(self) -> object:
        get = self.people.get
        return await bulk(get(one).update({"$inc": {"age": 1}}) for one in self.ids)

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


class ByHand:
    """Writes as one writes them by hand, on either of PyMongo's clients."""

    people: Any
    some_id: ObjectId

    async def prepare(self) -> None:
        self.dicts = dicts()
        self.models = [Plain(**one) for one in self.dicts]
        self.ids = [ObjectId() for _ in range(MANY)]
        self.age = 0

    async def insert_one(self) -> object:
        return await self.people.insert_one(self.models[1].model_dump())

    async def insert_models(self) -> object:
        return await self.people.insert_many([one.model_dump() for one in self.models])

    async def insert_dicts(self) -> object:
        return await self.people.insert_many(without_ids(self.dicts))

    async def update_one(self) -> object:
        change = {"$set": {"age": 40}}
        return await self.people.update_one({"_id": self.some_id}, change)

    async def save(self) -> object:
        self.age = (self.age + 1) % 90
        change = {"$set": {"age": self.age}}
        return await self.people.update_one({"_id": self.some_id}, change)

    async def bulk(self) -> object:
        from pymongo import UpdateOne

        return await self.people.bulk_write(
            [UpdateOne({"_id": one}, {"$inc": {"age": 1}}) for one in self.ids]
        )


class PyMongo(ByHand):
    """PyMongo's async client, dicts as they come."""

    name = "PyMongo Async dicts"

    async def open(self, uri: str, some_id: ObjectId) -> None:
        from pymongo import AsyncMongoClient

        self.some_id = some_id
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
        self.people = self.client[DATABASE][COLLECTION]

    async def find_one(self) -> object:
        return await self.people.find_one({"_id": self.some_id})

    async def find_many(self) -> object:
        return await self.people.find({}).limit(MANY).to_list()

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


class Motor(ByHand):
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

        class Saved(BeaniePerson):
            """Knows what has changed, which makes it slower to read."""

            class Settings:
                name = COLLECTION
                use_state_management = True

        self.some_id = some_id
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
        await beanie.init_beanie(
            database=self.client[DATABASE], document_models=[BeaniePerson, Saved]
        )
        self.model, self.saved = BeaniePerson, Saved

    async def prepare(self) -> None:
        self.dicts = dicts()
        self.models = [self.model(**one) for one in self.dicts]
        self.ids = [ObjectId() for _ in range(MANY)]
        self.one = self.model(**fresh(1))
        self.stored = self.saved(id=self.some_id, **fresh(500))
        self.stored._save_state()

    async def find_one(self) -> object:
        return await self.model.find_one({"_id": self.some_id})

    async def find_many(self) -> object:
        return await self.model.find({}).limit(MANY).to_list()

    async def insert_one(self) -> object:
        self.one.id = None
        return await self.one.insert()

    async def insert_models(self) -> object:
        for one in self.models:
            one.id = None
        return await self.model.insert_many(self.models)

    async def insert_dicts(self) -> object:
        return await self.model.insert_many([self.model(**one) for one in self.dicts])

    async def update_one(self) -> object:
        found = self.model.find_one({"_id": self.some_id})
        return await found.update_one({"$set": {"age": 40}})

    async def save(self) -> object:
        self.stored.age = (self.stored.age + 1) % 90
        return await self.stored.save_changes()

    async def bulk(self) -> object:
        from beanie import BulkWriter

        async with BulkWriter() as writer:
            for one in self.ids:
                await self.model.find_one({"_id": one}).update_one(
                    {"$inc": {"age": 1}}, bulk_writer=writer
                )
        return writer

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
