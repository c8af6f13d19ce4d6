"""
What a program waits for before its first answer: the import, then the connection.

Each figure is of a process of its own, with all modules compiled before.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory

__all__ = ["connections", "imports", "table"]

_IMPORT = """
import json, sys, time
start, cpu = time.perf_counter(), time.process_time()
{code}
print(json.dumps([time.perf_counter() - start, time.process_time() - cpu]))
"""

IMPORTS = {
    "mongolane": "import mongolane",
    "pymongo (async client)": "from pymongo import AsyncMongoClient",
    "motor": "import motor.motor_asyncio",
    "beanie": "import beanie",
    "pydantic alone": "import pydantic; pydantic.BaseModel",
}

_CONNECT = """
import asyncio
from benchmarks.contenders import {contender}
from bson import ObjectId
import json, sys, time

async def first():
    contender = {contender}({arguments})
    start, cpu = time.perf_counter(), time.process_time()
    await contender.open(sys.argv[1], ObjectId(sys.argv[2]))
    await contender.find_one()
    print(json.dumps([time.perf_counter() - start, time.process_time() - cpu]))
    await contender.close()

asyncio.run(first())
"""

CONNECTIONS = {
    "mongolane direct": ("Lane", "'direct'"),
    "PyMongo Async dicts": ("PyMongo", ""),
    "Motor dicts": ("Motor", ""),
    "Beanie": ("Beanie", ""),
}


def imports(rounds: int) -> dict[str, tuple[float, float]]:
    """Milliseconds of an import: by the clock, and of the processor."""
    codes = {way: _IMPORT.format(code=code) for way, code in IMPORTS.items()}
    return _medians(codes, [], rounds)


def connections(
    uri: str, some_id: object, rounds: int
) -> dict[str, tuple[float, float]]:
    """The same from making a client to its first answered find_one."""
    codes = {
        way: _CONNECT.format(contender=contender, arguments=arguments)
        for way, (contender, arguments) in CONNECTIONS.items()
    }
    return _medians(codes, [uri, str(some_id)], rounds)


def _medians(
    codes: dict[str, str], arguments: list[str], rounds: int
) -> dict[str, tuple[float, float]]:
    figures: dict[str, list[list[float]]] = {way: [] for way in codes}
    with TemporaryDirectory() as cache:
        known = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        known.pop("PYTHONDONTWRITEBYTECODE", None)
        for turn in range(rounds + 1):
            for way, code in codes.items():
                printed = subprocess.check_output(
                    [sys.executable, "-c", code, *arguments], env=known
                )
                if turn:  # the first compiles
                    figures[way].append(json.loads(printed))
    return {
        way: (
            statistics.median(one[0] for one in ones) * 1e3,
            statistics.median(one[1] for one in ones) * 1e3,
        )
        for way, ones in figures.items()
    }


def table(title: str, figures: dict[str, tuple[float, float]]) -> list[str]:
    """The lines of one table."""
    rows = [f"### {title}", "", "| way | ms (median) | client's CPU, ms |"]
    rows.append("| --- | --- | --- |")
    for way, (clock, cpu) in figures.items():
        rows.append(f"| {way} | {clock:.0f} | {cpu:.0f} |")
    return [*rows, ""]
