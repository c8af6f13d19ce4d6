"""
How much memory 100,000 typed documents take, each way in a process of its own.

``python -m benchmarks.memory``
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import bson
from pydantic import BaseModel

from mongolane import codec
from mongolane.schema import describe

from .contenders import Person
from .people import MANY, Address, person
from .report import environment

COUNT = 100_000

Read = Callable[[bytes], list[Any]]


def resident() -> int:
    """This process's resident memory, in bytes."""
    with open("/proc/self/statm") as figures:
        return int(figures.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def mongolane() -> Read:
    """Documents, each with the BSON that it was read from."""
    model = describe(Person).codec
    return lambda data: model.decode_reply(codec.Reply(data))


def _plain() -> type[BaseModel]:
    from datetime import datetime

    from bson import ObjectId
    from pydantic import ConfigDict, Field

    class Plain(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)

        id: ObjectId = Field(alias="_id")
        name: str
        email: str
        age: int
        active: bool
        score: float
        created: datetime
        updated: datetime
        tags: list[str]
        address: Address
        bio: str

    return Plain


def plain_pydantic() -> Read:
    """``bson.decode`` and ``model_validate``."""
    model = _plain()
    return lambda data: [model.model_validate(one) for one in _batch(data)]


def dicts() -> Read:
    """``bson.decode`` alone."""
    return _batch


def _batch(data: bytes) -> list[Any]:
    found: list[Any] = bson.decode(data)["cursor"]["firstBatch"]
    return found


WAYS: dict[str, Callable[[], Read]] = {
    "mongolane": mongolane,
    "plain pydantic": plain_pydantic,
    "PyMongo dicts": dicts,
}


def measure(way: str) -> float:
    """Bytes of resident memory per document."""
    read = WAYS[way]()
    people = [person(number) for number in range(MANY)]
    cursor = {"firstBatch": people, "id": bson.Int64(0), "ns": "bench.people"}
    data = bson.encode({"cursor": cursor, "ok": 1.0})
    del people, cursor
    warm = read(data)
    del warm
    gc.collect()
    before = resident()
    kept = [read(data) for _ in range(COUNT // MANY)]
    after = resident()
    return (after - before) / (len(kept) * MANY)


def measured() -> dict[str, float]:
    """Bytes per document, of each way."""
    figures = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.memory", way]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures[way] = json.loads(done.stdout)
    return figures


def table(figures: dict[str, float]) -> list[str]:
    """The table's lines."""
    rows = ["| way | bytes per document | of plain pydantic |", "| --- | --- | --- |"]
    for way, figure in figures.items():
        rows.append(
            f"| {way} | {figure:.0f} | {figure / figures['plain pydantic']:.2f} |"
        )
    return rows


def main() -> None:
    """Print a table, or one figure when a way is named."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
        return
    print(*environment(), "", *table(measured()), sep="\n")


if __name__ == "__main__":
    main()
