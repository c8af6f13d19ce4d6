"""The article's FastAPI app, with only its import changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pydantic
from fastapi import FastAPI, HTTPException, Response
from fastapi.testclient import TestClient
from pydantic import computed_field, field_serializer

from mongolane import (
    BinaryField,
    BooleanField,
    DataBase,
    Document,
    EmbeddedDocument,
    ListField,
    ReferenceField,
    StringField,
)
from tests.support.servers import Server


class User(Document):
    """The article's class."""

    name = StringField(required=True)
    active = BooleanField()


class Blob(Document):
    """What motormongo answered with a 500."""

    data = BinaryField()
    secret = BinaryField(hash_function=lambda text: b"\xff" + text.encode())
    friends = ListField(ReferenceField(User))


class Keeper(Document):
    """Hashes that are text, and several of them."""

    secret = BinaryField(hash_function=lambda text: b"hash of " + text.encode())
    old = ListField(ListField(BinaryField(hash_function=lambda text: text.encode())))
    data = ListField(BinaryField())


class Inner(EmbeddedDocument):
    """A part."""

    day: date
    tags: set[str] = set()  # noqa: RUF012 (pydantic copies it)


class Rich(Document):
    """Everything that JSON may differ in."""

    name: Annotated[str, pydantic.Field(serialization_alias="Name")]
    price: Decimal
    at: datetime
    inner: Inner
    hidden: Annotated[int, pydantic.Field(exclude=True)] = 1
    note: str | None = None


class Richer(Rich):
    """And what only pydantic can do."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> str:
        return self.name * 2

    @field_serializer("price")
    def cents(self, value: Decimal) -> int:
        return int(value * 100)


def make_app(uri: str, db: str) -> FastAPI:
    app = FastAPI(lifespan=DataBase.lifespan(uri=uri, db=db))

    @app.get("/users/")
    async def users(active: bool = True) -> Any:
        users = await User.find_many({"active": active})
        if not users:
            raise HTTPException(status_code=404, detail="No users found")
        return [user.to_dict() for user in users]

    @app.post("/users/", status_code=201)
    async def create(user: User) -> dict[str, Any]:
        await user.save()
        return user.to_dict()

    @app.get("/blob")
    async def blob() -> Any:
        friend = await User.insert_one(name="f")
        made = await Blob.insert_one(data=b"\xff\xfe", secret="hush", friends=[friend])
        return made.to_dict()

    @app.get("/keepers")
    async def keepers() -> list[Keeper]:
        await Keeper.insert_one(secret="hush", old=[["hush"]], data=[b"x", b"\xff"])
        return await Keeper.find()

    @app.get("/keepers/dicts")
    async def dicts():  # type: ignore[no-untyped-def] # as in the article
        return [keeper.to_dict() for keeper in await Keeper.find_many()]

    @app.get("/keepers/fast")
    async def bytes_of_keepers() -> Response:
        return Response(await Keeper.find().json())

    @app.get("/rich", response_model=list[Rich])
    async def rich() -> Any:
        return await Rich.find()

    @app.get("/rich/fast")
    async def rich_fast() -> Response:
        return Response(await Rich.find().json())

    @app.get("/richer", response_model=list[Richer])
    async def richer() -> Any:
        return await Richer.find()

    @app.get("/richer/fast")
    async def richer_fast() -> Response:
        return Response(await Richer.find().json())

    @app.post("/rich")
    async def make() -> None:
        for cls in (Rich, Richer):
            await cls(
                name="n",
                price=Decimal("1.10"),
                at=datetime(2024, 5, 1, 1, 2, 3, 4000, tzinfo=UTC),
                inner={"day": date(2024, 5, 1), "tags": {"a"}},
            ).insert()

    return app


def test_the_articles_app(engine: Server, database_name: str) -> None:
    """It answers 404 for none, and the users as the article shows them."""
    with TestClient(make_app(engine.uri, database_name)) as client:
        assert client.get("/users/").status_code == 404
        made = client.post("/users/", json={"name": "John", "active": True})
        assert made.status_code == 201
        assert client.post("/users/", json={"active": True}).status_code == 422
        answer = client.get("/users/")

    assert answer.json() == [
        {"_id": made.json()["_id"], "name": "John", "active": True}
    ]


def test_to_dict_can_always_be_answered(engine: Server, database_name: str) -> None:
    """Binary values and ids in lists are answered, never with a 500."""
    with TestClient(make_app(engine.uri, database_name)) as client:
        answer = client.get("/blob")

    assert answer.status_code == 200
    assert answer.json()["data"] == "//4="
    assert answer.json()["secret"] == "**********"
    assert len(answer.json()["friends"][0]) == 24


def test_no_answer_shows_a_hash(engine: Server, database_name: str) -> None:
    """By model, by ``json()``, or by ``to_dict()`` through FastAPI's own encoder."""
    with TestClient(make_app(engine.uri, database_name)) as client:
        answers = [
            client.get(f"/keepers{end}").json() for end in ("", "/dicts", "/fast")
        ]

    for [keeper] in answers:
        assert (keeper["secret"], keeper["old"]) == ("**********", [["**********"]])
        assert keeper["data"] == ["x", "/w=="]


def test_the_application_may_ask_for_a_hash_as_text() -> None:
    """What compares hashes as text still can."""
    assert Keeper(secret="hush").secret.decode() == "hash of hush"


def test_json_is_what_fastapi_answers(engine: Server, database_name: str) -> None:
    """``json()`` gives what FastAPI makes of the same documents, by either way."""
    with TestClient(make_app(engine.uri, database_name)) as client:
        client.post("/rich")
        for path in ("/rich", "/richer"):
            slow, fast = client.get(path), client.get(f"{path}/fast")
            assert fast.json() == slow.json()
            assert slow.json()[0]["Name"] == "n"
            assert "hidden" not in slow.json()[0]
        assert slow.json()[0]["price"] == 110
        assert slow.json()[0]["double"] == "nn"
