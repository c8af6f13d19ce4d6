"""
Imports the four files into each server, by the command line, once a run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from mongolane import DataBase
from tests.support.servers import Server

FILES: dict[str, tuple[str, ...]] = {
    "movies": ("movies.json",),
    "quakes": ("earthquakes.json", "--id-field", "id"),
    "zips": ("zipcodes.csv", "--infer"),
    "flights": ("flights-200k.json", "--batch-size", "10000"),
}


class Stock:
    """
    The files, imported into a database of each server.
    """

    def __init__(self, folder: Path, note: Callable[[str], None]) -> None:
        self.folder = folder
        self.name = f"test_data_{os.getpid()}"
        self.note = note
        self.told: dict[Server, dict[str, str]] = {}

    def fill(self, server: Server) -> None:
        """
        Import all files, unless that is done.
        """
        told = self.told.setdefault(server, {})
        for collection in FILES:
            if collection not in told:
                told[collection] = self._import(server, collection)

    def _import(self, server: Server, collection: str) -> str:
        file, *options = FILES[collection]
        where = ["--uri", server.uri, "--db", self.name, "--collection", collection]
        program = [sys.executable, "-m", "mongolane.cli", "import"]
        started = time.perf_counter()
        done = subprocess.run(
            [*program, str(self.folder / file), *where, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        assert done.returncode == 0, done.stderr
        self.note(f"{file} into {server.product}: {seconds:.1f} s by the command line")
        return done.stdout.strip()


@pytest.fixture(scope="session")
def stock(
    real_data: Path,
    tell: Callable[[str], None],
    drop_database: Callable[[Server, str], None],
) -> Iterator[Stock]:
    """
    What has been imported so far; dropped at the end.
    """
    made = Stock(real_data, tell)
    yield made
    for server in made.told:
        drop_database(server, made.name)


@pytest.fixture
async def stocked(server: Server, stock: Stock) -> AsyncIterator[DataBase]:
    """
    The imported files, on each server in turn.
    """
    async with opened(server, stock) as database:
        yield database


@pytest.fixture
async def both(
    engine: Server, real: Server, stock: Stock
) -> AsyncIterator[tuple[DataBase, DataBase]]:
    """
    The imported files, on the engine and on the real server.
    """
    async with opened(engine, stock) as ours, opened(real, stock) as theirs:
        yield ours, theirs


def opened(server: Server, stock: Stock) -> DataBase:
    """
    A database with all files in it.
    """
    stock.fill(server)
    return DataBase(server.uri, stock.name)
