"""How the connection is: figures for ``/health``."""

from __future__ import annotations

import math
import time
from typing import Any

import pydantic

from ..commands import Command
from ..documents import DataBase

__all__ = ["PoolStatus", "ping", "pool_status"]


class PoolStatus(pydantic.BaseModel):
    """
    The figures of all pools of a database, added up.

    ``known`` is False on a lane whose pools PyMongo keeps to itself; then the others
    are 0.
    """

    lane: str
    known: bool = True
    open: int = 0
    in_use: int = 0
    idle: int = 0
    connecting: int = 0
    waiting: int = 0
    max_size: int | None = None


def pool_status(database: DataBase | None = None) -> PoolStatus:
    """
    The figures of the default database, or of another, at this moment; no I/O.

    Raises:
        NotConnectedError: there is no connection.
    """
    lane = (database or DataBase.get()).lane
    pools = lane.pool_stats()
    most = sum(pool.max_size for pool in pools)
    return PoolStatus(
        lane=lane.name,
        known=bool(pools),
        open=sum(pool.size for pool in pools),
        in_use=sum(pool.in_use for pool in pools),
        idle=sum(pool.idle for pool in pools),
        connecting=sum(pool.connecting for pool in pools),
        waiting=sum(pool.waiting for pool in pools),
        max_size=None if math.isinf(most) or not pools else int(most),
    )


async def ping(database: DataBase | None = None) -> float:
    """Ask the server for a sign of life; the round trip in milliseconds."""
    chosen: Any = database or DataBase.get()
    started = time.perf_counter()
    await chosen.lane.run(Command(chosen.name, {"ping": 1}))
    return (time.perf_counter() - started) * 1000
