"""Applications on the embedded engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.support.servers import Server

from mongolane import DataBase
from mongolane.fastapi import install_error_handlers

Connect = Callable[..., FastAPI]


@pytest.fixture
def application(engine: Server, database_name: str) -> FastAPI:
    """An application on a database of its own, with the error handlers."""
    app = FastAPI(lifespan=DataBase.lifespan(uri=engine.uri, db=database_name))
    install_error_handlers(app)
    return app


@pytest.fixture
def client(application: FastAPI) -> Iterator[Any]:
    """Asks the application, which a test has given routes."""
    with TestClient(application, raise_server_exceptions=False) as client:
        yield client
