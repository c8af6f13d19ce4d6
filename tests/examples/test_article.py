"""The article's application, its import alone changed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bson
import pymongo
import pytest
from starlette.testclient import TestClient
from tests.support.servers import Server

SOURCE = Path(__file__).parents[2] / "examples" / "article.py"
ADDRESS = "mongodb://localhost:27017/"


@pytest.fixture
def article(engine: Server, database_name: str) -> Iterator[Any]:
    """The application, with the engine in place of the address in its text."""
    text = SOURCE.read_text().replace(ADDRESS, engine.uri)
    text = text.replace('"testdb"', repr(database_name))
    names: dict[str, Any] = {"__name__": "article"}
    with warnings.catch_warnings():
        # FastAPI would rather have a lifespan than the article's startup event.
        warnings.simplefilter("ignore", DeprecationWarning)
        exec(compile(text, str(SOURCE), "exec"), names)
        module = SimpleNamespace(**names)
        with TestClient(module.app) as client:
            module.client = client
            yield module
    import asyncio

    asyncio.run(module.DataBase.close())


def test_answers_active_users(article: Any, engine: Server, database_name: str) -> None:
    """Active users come as a list of dicts, ``_id`` as hex text, and no others."""
    _id = bson.ObjectId()
    with pymongo.MongoClient(engine.uri) as client:
        users = client[database_name].user
        users.insert_one({"_id": _id, "name": "Ada", "active": True})
        users.insert_one({"name": "Linus", "active": False})
    response = article.client.get("/users/", params={"active": True})

    assert response.status_code == 200
    assert response.json() == [{"_id": str(_id), "name": "Ada", "active": True}]


def test_nobody_is_404(article: Any) -> None:
    """Without such users the answer is 404."""
    assert article.client.get("/users/", params={"active": True}).status_code == 404


def test_only_the_import_differs() -> None:
    """The application names this package in its import and nowhere else."""
    code = SOURCE.read_text().rpartition('"""')[2]

    assert code.count("mongolane") == 1
    assert "from mongolane import" in code
