"""Several lifespans as one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from mongolane.fastapi import Lifespan, lifespans


def noted(events: list[str], name: str, fail: bool = False) -> Lifespan:
    """A lifespan that notes its start and end."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        if fail:
            raise RuntimeError("cannot start")
        events.append(f"+{name}")
        try:
            yield {name: True}
        finally:
            events.append(f"-{name}")

    return lifespan


def test_order_and_state() -> None:
    """They start in order and end in the opposite order, and all state is there."""
    events: list[str] = []
    app = FastAPI(lifespan=lifespans(noted(events, "a"), noted(events, "b")))

    @app.get("/")
    async def state(request: Request) -> list[bool]:
        return [request.state.a, request.state.b]

    with TestClient(app) as client:
        assert client.get("/").json() == [True, True]

    assert events == ["+a", "+b", "-b", "-a"]


def test_failed_start_ends_the_earlier() -> None:
    """When one cannot start, those before it are ended, and the error is told."""
    events: list[str] = []
    app = FastAPI(lifespan=lifespans(noted(events, "a"), noted(events, "b", fail=True)))

    with pytest.raises(RuntimeError, match="cannot start"), TestClient(app):
        pass

    assert events == ["+a", "-a"]
