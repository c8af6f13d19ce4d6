"""One HTTP request to an ASGI app, without a server in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

App = Callable[[Any, Any, Any], Awaitable[None]]


def caller(app: App, path: str) -> Callable[[], Awaitable[bytes]]:
    """A coroutine function that asks ``app`` for ``path`` and answers the body."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
        "method": "GET", "path": path, "raw_path": path.encode(), "scheme": "http",
        "query_string": b"", "root_path": "", "headers": [(b"host", b"bench")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def call() -> bytes:
        parts: list[bytes] = []
        asked = False

        async def receive() -> MutableMapping[str, Any]:
            nonlocal asked
            if asked:
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] != 200:
                raise RuntimeError(f"{path} answered {message['status']}")
            parts.append(message.get("body", b""))

        await app({**scope, "state": {}}, receive, send)
        return b"".join(parts)

    return call
