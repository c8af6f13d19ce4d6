"""``mongolane ping``: what is found at a URI, or what stands in the way."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from typing import Any

import pymongo.errors

from ..commands import Command
from ..errors import (
    ConfigurationError,
    MongolaneError,
    NetworkError,
    ServerSelectionTimeoutError,
)
from ..lanes import Home, open_lane
from ._text import without_password

__all__ = ["run_ping"]

_TRIPS = 10


def run_ping(uri: str, timeout: float) -> int:
    """Look; the exit code."""
    try:
        asyncio.run(_ping(uri, round(timeout * 1000)))
    except (MongolaneError, pymongo.errors.PyMongoError, OSError) as error:
        print(without_password(_problem(uri, error)), file=sys.stderr)
        return 1
    return 0


async def _ping(uri: str, milliseconds: int) -> None:
    lane = open_lane(uri, serverSelectionTimeoutMS=milliseconds)
    try:
        await lane.connect()
        hello = await _ask(lane, "hello")
        build = await _ask(lane, "buildInfo")
        trips = await _round_trips(lane)
        for name, told in _found(lane, hello, build, trips):
            print(without_password(f"{name:<10}{told}"))
    finally:
        await lane.close()


async def _ask(lane: Home, name: str) -> Mapping[str, Any]:
    reply = await lane.run(Command("admin", {name: 1}))
    document: Mapping[str, Any] = reply.document()
    return document


async def _round_trips(lane: Home) -> list[float]:
    trips = []
    for _ in range(_TRIPS):
        started = time.perf_counter()
        await _ask(lane, "ping")
        trips.append((time.perf_counter() - started) * 1000)
    return sorted(trips)


def _found(
    lane: Home,
    hello: Mapping[str, Any],
    build: Mapping[str, Any],
    trips: list[float],
) -> list[tuple[str, str]]:
    return [
        ("server", _server(build)),
        ("topology", _topology(hello)),
        ("hosts", ", ".join(_hosts(lane, hello))),
        ("lane", f"{lane.name} ({lane.reason})"),
        ("round trip", f" {trips[len(trips) // 2]:.2f} ms, best {trips[0]:.2f} ms"),
    ]


def _server(build: Mapping[str, Any]) -> str:
    names = {"ferretdb": "FerretDB", "mongolane": "mongolane's embedded engine"}
    for key, name in names.items():
        if key in build:
            return f"{name}, as MongoDB {build.get('version')}"
    return f"MongoDB {build.get('version', 'of an unknown version')}"


def _topology(hello: Mapping[str, Any]) -> str:
    if hello.get("msg") == "isdbgrid":
        return "sharded cluster"
    if name := hello.get("setName"):
        role = "primary" if hello.get("isWritablePrimary") else "secondary"
        members = len(hello.get("hosts", ()))
        return f"replica set {name!r} of {members}, here its {role}"
    return "standalone"


def _hosts(lane: Home, hello: Mapping[str, Any]) -> list[str]:
    known = lane.client.nodes
    named = [f"{host}:{port}" if port else host for host, port in sorted(known)]
    return named or [str(host) for host in hello.get("hosts", ())]


def _problem(uri: str, error: Exception) -> str:
    if isinstance(error, ConfigurationError | pymongo.errors.ConfigurationError):
        return f"this cannot be used: {error}"
    address = uri.partition("://")[2].rpartition("@")[2].partition("/")[0]
    lost = (ServerSelectionTimeoutError, NetworkError, OSError)
    if isinstance(error, lost):
        return f"no server could be reached at {address or uri}: {error}"
    return f"the server at {address or uri} refused: {error}"
