"""How long requests take: the last of them, as an ASGI middleware."""

from __future__ import annotations

import statistics
import time
from collections import deque
from typing import Any

__all__ = ["Latency", "figures"]


class Latency:
    """
    Times the requests below a path.

    Args:
        app: the application inside.
        prefix: where the timed paths begin.
        times: where the last times go, in milliseconds.
    """

    def __init__(self, app: Any, prefix: str, times: deque[float]) -> None:
        self.app, self.prefix, self.times = app, prefix, times

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self.prefix):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        await self.app(scope, receive, send)
        self.times.append((time.perf_counter() - started) * 1000)


def figures(times: deque[float]) -> dict[str, float | int | None]:
    """How many were timed, their median and the time nineteen of twenty stay below."""
    if not times:
        return {"count": 0, "p50_ms": None, "p95_ms": None}
    ordered = sorted(times)
    return {
        "count": len(ordered),
        "p50_ms": round(statistics.median(ordered), 3),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 3),
    }
