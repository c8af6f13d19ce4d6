"""Several lifespans as one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI

__all__ = ["Lifespan", "lifespans"]

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


def lifespans(*ones: Lifespan) -> Lifespan:
    """
    One lifespan of many: entered in order, left in the opposite order::

        app = FastAPI(lifespan=lifespans(DataBase.lifespan(uri=..., db=...), own))

    A later one may use what an earlier one has opened. What each yields as state is
    put together.
    """

    @asynccontextmanager
    async def together(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            state: dict[str, Any] = {}
            for one in ones:
                state.update(await stack.enter_async_context(one(app)) or {})
            yield state

    return together
