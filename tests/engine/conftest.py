"""
Engines as processes of their own, so that a test may kill one.

MONGOLANE_ENGINE_BINARY names the engine's own program, to test it without Python.
"""

import os
import subprocess
import sys
import uuid

import pymongo
import pytest

_PROGRAM = """
import sys
from mongolane._native import Engine
folder, unix = sys.argv[1:]
engine = Engine(path=folder or None, unix=unix or None)
print(engine.uri, flush=True)
sys.stdin.read()
engine.stop()
"""


class Running:
    """An engine's process."""

    def __init__(self, folder="", unix=""):
        binary = os.environ.get("MONGOLANE_ENGINE_BINARY")
        if binary:
            command = [binary]
            command += ["--path", str(folder)] if folder else []
            command += ["--unix", str(unix)] if unix else []
        else:
            command = [sys.executable, "-c", _PROGRAM, str(folder), str(unix)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.uri = self.process.stdout.readline().strip()

    def client(self, **options):
        return pymongo.MongoClient(self.uri, serverSelectionTimeoutMS=5000, **options)

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        """End it properly; what it said on standard error."""
        return self.process.communicate(timeout=20)[1]


@pytest.fixture
def start():
    """Starts engines, and ends those that a test leaves running."""
    running = []

    def begin(folder="", unix=""):
        running.append(Running(folder, unix))
        return running[-1]

    yield begin
    for engine in running:
        if engine.process.poll() is None:
            engine.kill()


@pytest.fixture(scope="session")
def engine():
    """One engine in memory for all tests."""
    running = Running()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def client(engine):
    with engine.client() as client:
        yield client


@pytest.fixture
def database(client):
    """A database of the test's own."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield client[name]
    client.drop_database(name)


@pytest.fixture
def things(database):
    """A collection of the test's own."""
    return database.things
