"""
A FastAPI app under load: uvicorn in a process of its own, and many clients at once.

Each client keeps one connection, asks, reads the answer, and asks again. So all of
them together ask as fast as the app answers, and a request's time is that of waiting
for the ones before it, too: what a user feels when an app is busy.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from .contenders import Beanie, Lane, Person, PyMongo, plain
from .servers import process

CLIENTS = 32
PAGE = 20
PATHS = {"/one": "one document by its id", "/page": f"{PAGE} documents"}
CONTENDERS = {"mongolane": lambda: Lane("direct"), "pymongo": PyMongo, "beanie": Beanie}


@dataclass
class Answers:
    """
    One contender's figures for one path.

    Attributes:
        rates: requests a second, one figure a round.
        times: milliseconds of all requests of a round, sorted; one list a round.
    """

    rates: list[float] = field(default_factory=list)
    times: list[list[float]] = field(default_factory=list)

    def at(self, part: float) -> float:
        """The time below which ``part`` of the requests are; median of the rounds."""
        return statistics.median(one[int(part * (len(one) - 1))] for one in self.times)


def app(name: str, uri: str, some_id: ObjectId) -> FastAPI:
    """The app of one contender, as its users write it."""
    contender: Any = CONTENDERS[name]()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await contender.open(uri, some_id)
        _ROUTES[name](app, contender)
        yield
        await contender.close()

    return FastAPI(lifespan=lifespan)


def _ours(app: FastAPI, lane: Any) -> None:
    people = lane.people

    @app.get("/one", response_model=Person)
    async def one() -> Response:
        body = await people.find_one({"_id": lane.some_id}).json()
        return Response(body, media_type="application/json")

    @app.get("/page", response_model=list[Person])
    async def page() -> Response:
        body = await people.find({}).limit(PAGE).json()
        return Response(body, media_type="application/json")


def _pymongo(app: FastAPI, client: Any) -> None:
    @app.get("/one")
    async def one() -> Response:
        return JSONResponse(plain(await client.find_one()))

    @app.get("/page")
    async def page() -> Response:
        found = await client.people.find({}).limit(PAGE).to_list()
        return JSONResponse([plain(document) for document in found])


def _beanie(app: FastAPI, contender: Any) -> None:
    model = contender.model

    @app.get("/one", response_model=model)
    async def one() -> Any:
        return await contender.find_one()

    @app.get("/page", response_model=list[model])
    async def page() -> Any:
        return await model.find({}).limit(PAGE).to_list()


_ROUTES = {"mongolane": _ours, "pymongo": _pymongo, "beanie": _beanie}


def measure(
    uri: str, some_id: ObjectId, rounds: int, seconds: float
) -> dict[str, dict[str, Answers]]:
    """Answers by path and contender."""
    found = {path: {name: Answers() for name in CONTENDERS} for path in PATHS}
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(_serving(name, uri, some_id))
            for name in CONTENDERS
        }
        for turn in range(rounds + 1):
            for path, answers in found.items():
                for name, port in ports.items():
                    times = asyncio.run(_load(port, path, seconds))
                    if turn:  # the first only warms up
                        answers[name].times.append(sorted(times))
                        answers[name].rates.append(len(times) / seconds)
    return found


@contextmanager
def _serving(name: str, uri: str, some_id: ObjectId) -> Iterator[int]:
    """An app in a process that ends when its input is closed; its port."""
    code = ["-m", "benchmarks.load", name, uri, str(some_id)]
    with process(code) as line:
        yield int(line)


async def _load(port: int, path: str, seconds: float) -> list[float]:
    """Milliseconds of each request that was answered in ``seconds``."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        start = time.perf_counter()
        while start < end:
            writer.write(request)
            await _answer(reader)
            now = time.perf_counter()
            times.append((now - start) * 1e3)
            start = now
        writer.close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return times


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
    await reader.readexactly(int(length))


def tables(found: dict[str, dict[str, Answers]]) -> list[str]:
    """The tables' lines."""
    rows = []
    for path, answers in found.items():
        rows += [f"### {CLIENTS} clients, {PATHS[path]}", ""]
        rows.append("| way | requests/s | p50, ms | p95, ms | p99, ms |")
        rows.append("| --- | --- | --- | --- | --- |")
        for name, one in answers.items():
            rate = statistics.median(one.rates)
            p50, p95, p99 = (one.at(part) for part in (0.5, 0.95, 0.99))
            rows.append(f"| {name} | {rate:.0f} | {p50:.1f} | {p95:.1f} | {p99:.1f} |")
        rows.append("")
    return rows


async def _serve(name: str, uri: str, some_id: str) -> None:
    """Serve until the input ends; prints the port first."""
    import uvicorn

    config = uvicorn.Config(
        app(name, uri, ObjectId(some_id)), port=0, log_level="error", loop="asyncio"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:4]))
