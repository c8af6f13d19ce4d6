"""
The servers that tests run on: the embedded engine, and one that isn't ours.

``server`` runs a test on both. ``engine`` and ``real`` give one of them. ``lane`` runs
a test on each lane. ``database_name`` is the test's own, and dropped after it.

The real server is the first of these that is there: ``MONGODB_URI``; a ``mongod`` on
the PATH, started here; the one that ``tools/real_server.py`` builds.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo
import pymongo.errors
import pytest

from tests.support.requirements import missing, required
from tests.support.tools import command

START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """
    A running server.
    """

    name: str
    """``engine`` or ``real``, as in the test's name."""
    uri: str
    product: str
    """``mongolane``, ``ferretdb`` or ``mongodb``: whose gaps it has."""


@pytest.fixture(scope="session")
def engine() -> Iterator[Server]:
    """
    The embedded engine, in memory.
    """
    from mongolane._native import Engine

    running = Engine()
    yield Server("engine", running.uri, "mongolane")
    running.stop()


@pytest.fixture(scope="session")
def real() -> Iterator[Server]:
    """
    A server that isn't ours.
    """
    with contextlib.ExitStack() as stack:
        if uri := os.environ.get("MONGODB_URI"):
            pass
        elif mongod := shutil.which("mongod"):
            uri = stack.enter_context(started_mongod(mongod))
        else:
            uri = stack.enter_context(borrowed_server())
        yield Server("real", uri, product(uri))


@pytest.fixture(
    scope="session",
    params=["engine", pytest.param("real", marks=pytest.mark.server)],
)
def server(request: pytest.FixtureRequest) -> Server:
    """
    Each server in turn.
    """
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["direct", "pymongo", "threads"])
def lane(request: pytest.FixtureRequest) -> str:
    """
    Each lane in turn.
    """
    return request.param


@pytest.fixture
def database_name(
    request: pytest.FixtureRequest, drop_database: Callable[[Server, str], None]
) -> Iterator[str]:
    """
    The name of a database that only this test has.
    """
    # Parallel runs may share a real server; the test's own name tells whose it was.
    digest = hashlib.blake2b(f"{os.getpid()} {request.node.nodeid}".encode())
    name = f"test_{digest.hexdigest()[:16]}"
    wanted = {"server", "engine", "real"}.intersection(request.fixturenames)
    servers = {request.getfixturevalue(fixture) for fixture in wanted}
    yield name
    for one in servers:
        drop_database(one, name)


@pytest.fixture(scope="session")
def drop_database() -> Iterator[Callable[[Server, str], None]]:
    """
    Drop a database, over a connection that is none of the tested ones.
    """
    with contextlib.ExitStack() as stack:
        clients: dict[str, pymongo.MongoClient[Any]] = {}

        def drop(server: Server, name: str) -> None:
            if server.uri not in clients:
                clients[server.uri] = stack.enter_context(plain_client(server.uri))
            clients[server.uri].drop_database(name)

        yield drop


def plain_client(uri: str, seconds: int = 5) -> pymongo.MongoClient[Any]:
    """
    PyMongo's client on the one server, impatient.
    """
    return pymongo.MongoClient(
        uri, directConnection=True, serverSelectionTimeoutMS=1_000 * seconds
    )


def product(uri: str) -> str:
    """
    Ask a server what it is.
    """
    with pymongo.MongoClient(uri, serverSelectionTimeoutMS=10_000) as client:
        info = client.admin.command("buildInfo")
    return next((name for name in ("ferretdb", "mongolane") if name in info), "mongodb")


@contextlib.contextmanager
def borrowed_server() -> Iterator[str]:
    """
    Have the tool start its server, for as long as our end of a pipe is open.
    """
    options = () if "server" in required() else ("--no-build",)
    with subprocess.Popen(
        command("real_server.py", "lend", *options),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # An interrupt at the terminal is ours; the server is still needed to clean up.
        start_new_session=True,
    ) as tool:
        assert tool.stdin
        assert tool.stdout
        assert tool.stderr
        if uri := tool.stdout.readline().strip():
            yield uri
        else:
            missing("server", tool.stderr.read().strip().partition(": ")[2])


@contextlib.contextmanager
def started_mongod(program: str) -> Iterator[str]:
    """
    Run a one-member replica set, which has what a lone server hasn't.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        place = ["--dbpath", folder, "--logpath", str(Path(folder, "log"))]
        host, _, port = address.partition(":")
        listen = ["--bind_ip", host, "--port", port, "--replSet", "tests"]
        process = subprocess.Popen(
            [program, *place, *listen], stdout=subprocess.DEVNULL
        )
        try:
            with plain_client(f"mongodb://{address}/", START_SECONDS) as client:
                initiate(client, address)
            yield f"mongodb://{address}/?replicaSet=tests"
        finally:
            process.terminate()
            process.wait()


def initiate(client: pymongo.MongoClient[Any], address: str) -> None:
    """
    Make a server the primary of a set of its own.
    """
    deadline = time.monotonic() + START_SECONDS
    config = {"_id": "tests", "members": [{"_id": 0, "host": address}]}
    client.admin.command("replSetInitiate", config)
    while not client.admin.command("hello")["isWritablePrimary"]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"mongod at {address} did not become primary")
        time.sleep(0.1)


def pytest_report_header() -> str:
    """
    Say which real server the run would use.
    """
    if uri := os.environ.get("MONGODB_URI"):
        where = f"MONGODB_URI ({uri.rpartition('@')[2]})"
    elif program := shutil.which("mongod"):
        where = program
    else:
        where = "tools/real_server.py"
    return f"real server: {where}"
