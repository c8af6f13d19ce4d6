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

from .contenders import Person
from .people import Address, person
from .report import environment

COUNT = 100_000


def resident() -> int:
    """This process's resident memory, in bytes."""
    with open("/proc/self/statm") as figures:
        return int(figures.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def mongolane() -> Callable[[bytes], Any]:
    from mongolane.codec import compile as compile_plan  # noqa: F401

    return Person.from_bson


def plain_pydantic() -> Callable[[bytes], Any]:
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

    return lambda data: Plain.model_validate(bson.decode(data))


WAYS = {"mongolane": mongolane, "plain pydantic": plain_pydantic}


def measure(way: str) -> float:
    """Bytes of resident memory per document."""
    read = WAYS[way]()
    stored = [bson.encode(person(number)) for number in range(1000)]
    warm = [read(data) for data in stored]
    del warm
    gc.collect()
    before = resident()
    kept = [read(stored[number % 1000]) for number in range(COUNT)]
    after = resident()
    return (after - before) / len(kept)


def main() -> None:
    """Print a table, or one figure when a way is named."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
        return
    figures = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.memory", way]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures[way] = json.loads(done.stdout)
    print(*environment(), "", "| way | bytes per document | of plain pydantic |", sep="\n")
    print("| --- | --- | --- |")
    for way, figure in figures.items():
        print(f"| {way} | {figure:.0f} | {figure / figures['plain pydantic']:.2f} |")


if __name__ == "__main__":
    main()
