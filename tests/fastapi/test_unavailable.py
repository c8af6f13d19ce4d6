"""Applications whose database is not there, or goes away."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Response
from starlette.testclient import TestClient

from mongolane import DataBase, Document
from mongolane.embedded import Engine
from mongolane.errors import ServerSelectionTimeoutError
from mongolane.fastapi import install_error_handlers, json_response


class Thing(Document):
    name: str = ""


def application(**connect: Any) -> FastAPI:
    lifespan = DataBase.lifespan(**connect) if connect else None
    app = FastAPI(lifespan=lifespan)
    install_error_handlers(app)

    @app.get("/", response_model=list[Thing])
    async def things() -> Response:
        return await json_response(Thing.find())

    return app


def test_never_connected_is_503() -> None:
    """A route that needs a database that was never connected is a 503."""
    with TestClient(application()) as client:
        response = client.get("/")

    assert response.status_code == 503
    assert response.json() == {"detail": "the database is not available"}


def test_unreachable_at_start() -> None:
    """An application without its server does not start, and says which address."""
    app = application(
        uri="mongodb://127.0.0.1:1/", db="x", serverSelectionTimeoutMS=300
    )

    with (
        pytest.raises(ServerSelectionTimeoutError, match=r"127\.0\.0\.1:1"),
        TestClient(app),
    ):
        pass


def test_server_that_goes_away() -> None:
    """When the server is stopped, requests are answered by 503 and a time to retry."""
    engine = Engine()
    app = application(uri=engine.uri, db="x", serverSelectionTimeoutMS=300)
    try:
        with TestClient(app) as client:
            assert client.get("/").status_code == 200
            engine.stop()
            response = client.get("/")
    finally:
        engine.stop()

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    assert "127.0.0.1" not in response.text


async def test_exhausted_pool_is_503() -> None:
    """A request that gets no connection in time is a 503, and the others are served."""
    with Engine() as engine:
        app = application()
        await DataBase.connect(
            uri=engine.uri, db="x", maxPoolSize=1, waitQueueTimeoutMS=50
        )
        try:
            await DataBase.get().client.admin.command(
                "configureFailPoint",
                "failCommand",
                mode={"times": 1},
                data={
                    "failCommands": ["find"],
                    "blockConnection": True,
                    "blockTimeMS": 500,
                },
            )
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://test"
            ) as client:
                answers = await asyncio.gather(client.get("/"), client.get("/"))
        finally:
            await DataBase.close()

    assert sorted(one.status_code for one in answers) == [200, 503]
