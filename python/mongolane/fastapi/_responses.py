"""
Responses out of a query's own JSON bytes: no Python object for a document in between.

A route that answers one of these names its model as ``response_model``: FastAPI
documents it and leaves the bytes alone::

    @app.get("/stays", response_model=list[Stay])
    async def stays() -> Response:
        return await json_response(Stay.find(Stay.price < 100))
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Generic, Protocol, Self, TypeVar

import pydantic
from fastapi import Response

from ..errors import NotFoundError

__all__ = ["Page", "QueryResponse", "get_or_404", "json_response", "page_response"]

T = TypeVar("T")


class Answers(Protocol):
    """What can give its results as JSON: ``Find``, ``FindOne``, ``Aggregate``."""

    def json(self) -> Awaitable[bytes | None]: ...


class Paged(Protocol):
    """What can be counted and given in parts: ``Find``."""

    def json(self) -> Awaitable[bytes]: ...
    def count(self) -> Awaitable[int]: ...
    def skip(self, count: int) -> Self: ...
    def limit(self, count: int) -> Self: ...


class Page(pydantic.BaseModel, Generic[T]):
    """A part of what was found, as ``page_response`` answers it."""

    items: list[T]
    total: int
    page: int
    size: int


class QueryResponse(Response):
    """JSON that is bytes already."""

    media_type = "application/json"


async def json_response(
    query: Answers, status_code: int = 200, headers: Mapping[str, str] | None = None
) -> QueryResponse:
    """
    Run a query and answer its results.

    Raises:
        NotFoundError: it was a query for one document, and there is none.
    """
    body = await query.json()
    if body is None:
        raise NotFoundError("no document matched")
    return QueryResponse(body, status_code, headers)


async def page_response(query: Paged, page: int, size: int) -> QueryResponse:
    """
    One page of a query as ``Page`` describes it; ``page`` counts from 1.

    Documents and their number are asked for at the same time.
    """
    rows = query.skip((page - 1) * size).limit(size)
    # Not a task group, which would hide the error's class from its handlers.
    counting = asyncio.create_task(_awaited(query.count()))
    try:
        items = await rows.json()
    except BaseException:
        counting.cancel()
        raise
    total = await counting
    return QueryResponse(
        b'{"items":%b,"total":%d,"page":%d,"size":%d}' % (items, total, page, size)
    )


async def get_or_404(query: Awaitable[T | None]) -> T:
    """
    What the query finds.

    Raises:
        NotFoundError: nothing; 404 with the error handlers installed.
    """
    found = await query
    if found is None:
        raise NotFoundError("no document matched")
    return found


async def _awaited(query: Awaitable[Any]) -> Any:
    return await query
