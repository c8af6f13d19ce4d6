"""
``make bench``: the whole table, from one run.

Every question is asked of two servers: the embedded engine, in a process of its
own, and one that answers with canned replies, so that the server's own cost
can be told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bson import ObjectId
from pymongo import MongoClient

from . import asgi, budgets, codec, load, memory, servers, start
from .contenders import ALL, COLLECTION, DATABASE, Contender
from .measure import Crowd, Timing, Work, interleave
from .people import MANY, person
from .report import environment, table

RESULTS = Path(__file__).parent / "results"
FEW = "mongolane direct, 100 tasks"
REFERENCES = ["PyMongo Async dicts", "Beanie", FEW]
CALLS = 30_000

Found = dict[str, tuple[dict[str, Timing], str]]
"""Timings and their table, by question."""


def main() -> None:
    """Measure, print, and write ``benchmarks/results/latest.md``."""
    options = _options()
    warnings.simplefilter("ignore", DeprecationWarning)
    parts: list[str] = []
    asked: dict[tuple[str, str], dict[str, Timing]] = {}
    for name, server in servers.ALL.items():
        if options.server in (None, name):
            with server.start() as uri:
                found = asyncio.run(_all(server, uri, options))
            asked |= {(name, title): timings for title, (timings, _) in found.items()}
            parts += [f"## Against {server.title}", ""]
            parts += [line for _, text in found.values() for line in (text, "")]
    reached = budgets.table(asked, {}, None)
    if options.server is None and not options.only:
        alone, ratios, share = _alone()
        reached, parts = budgets.table(asked, ratios, share), [*parts, *alone]
        parts += _apps(options.rounds)
    summary = ["## Budgets", "", *reached, ""]
    print("", *summary, sep="\n", flush=True)
    text = "\n".join([*environment(), "", *summary, *parts])
    if options.write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "latest.md").write_text("# Side by side\n\n" + text)


def _alone() -> tuple[list[str], dict[str, float], float]:
    """
    What is measured without a server: the codec, and memory.

    Returns:
        The report's lines; how many times faster the codec is, by work; how much of
        plain pydantic's memory documents take.
    """
    # In a process of its own: this one's memory is full of what the others left.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
        found = own.submit(codec.measured, 11).result()
    held = memory.measured()
    parts = ["## The codec alone", "", *codec.table(found), ""]
    parts += ["## Memory of 100,000 documents", "", *memory.table(held), ""]
    print("\n".join(parts), flush=True)
    ratios = {one.name: one.ratio for one in found}
    return parts, ratios, held["mongolane"] / held["plain pydantic"]


def _apps(rounds: int) -> list[str]:
    """What users see of an app: how it starts, and how soon it answers."""
    some_id = ObjectId()
    with servers.engine() as uri:
        _load(uri, some_id)
        connected = start.connections(uri, some_id, rounds)
        answers = load.measure(uri, some_id, max(rounds // 2, 1), 1.0)
    parts = ["## A program's start", ""]
    parts += start.table("Import", start.imports(rounds))
    parts += start.table("From a new client to its first find_one", connected)
    parts += ["## A FastAPI app under load", "", *load.tables(answers)]
    print("\n".join(parts), flush=True)
    return parts


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.3, help="of one figure")
    parser.add_argument("--server", choices=list(servers.ALL))
    parser.add_argument("--only", help="run the questions whose name holds this")
    parser.add_argument("--no-write", dest="write", action="store_false")
    return parser.parse_args()


async def _all(server: servers.Server, uri: str, options: argparse.Namespace) -> Found:
    contenders = [make() for make in ALL]
    some_id = person(500)["_id"]
    if server.is_real:
        _load(uri, some_id)
    for contender in contenders:
        await contender.open(uri, some_id)
    try:
        return await _questions(server, contenders, options)
    finally:
        for contender in contenders:
            await contender.close()


def _load(uri: str, some_id: object) -> None:
    """A thousand people, one of them under the id that find_one asks for."""
    people = [person(number) for number in range(MANY)]
    people[500]["_id"] = some_id
    with MongoClient(uri) as client:  # type: ignore[var-annotated]
        client[DATABASE].drop_collection(COLLECTION)
        client[DATABASE][COLLECTION].insert_many(people)


async def _questions(
    server: servers.Server, contenders: list[Contender], options: argparse.Namespace
) -> Found:
    print(f"\n## Against {server.title}\n", flush=True)
    found: Found = {}
    prepared = False
    for kind, title, works, tasks, units in _work(contenders):
        if kind not in server.answers or (options.only and options.only not in title):
            continue
        if kind.startswith("write") and not prepared:
            prepared = True
            for contender in contenders:
                await contender.prepare()
        unit = "us per document" if units == MANY else "us per call"
        timings = await interleave(
            works,
            rounds=options.rounds,
            seconds=options.seconds,
            tasks=tasks,
            units=units,
        )
        for work in works.values():
            if isinstance(work, Crowd):
                await work.close()
        text = table(title, unit, timings, REFERENCES)
        print(text, end="\n\n", flush=True)
        found[title] = timings, text
    return found


def _work(
    contenders: list[Contender],
) -> Iterable[tuple[str, str, dict[str, Work], int, int]]:
    """Kind, title, contenders, tasks and units of each question."""
    find_one = {c.name: c.find_one for c in contenders}
    yield "one", "find_one by _id, one task", find_one, 1, 1
    yield "one", "find_one by _id, 50 tasks", find_one, 50, 1
    direct = contenders[0].find_one
    queue: dict[str, Work] = {
        FEW: Crowd(direct, CALLS, 100),
        "mongolane direct, 10,000 tasks": Crowd(direct, CALLS, 10_000),
    }
    yield "queue", "find_one by _id on a pool of 100", queue, 1, CALLS
    yield "many", "find of 1000", {c.name: c.find_many for c in contenders}, 1, MANY
    routes: dict[str, Work] = {}
    for contender in contenders:
        if (app := contender.routes()) is not None:
            routes[contender.name] = asgi.caller(app, "/people")
    yield "many", "FastAPI list route of 1000", routes, 1, MANY
    yield from _writes(contenders)


def _writes(
    contenders: list[Contender],
) -> Iterable[tuple[str, str, dict[str, Work], int, int]]:
    """The same of what writes."""
    insert: dict[str, Work] = {c.name: c.insert_one for c in contenders}
    update: dict[str, Work] = {c.name: c.update_one for c in contenders}
    save: dict[str, Work] = {c.name: c.save for c in contenders}
    for tasks, said in ((1, "one task"), (50, "50 tasks")):
        yield "write one", f"insert of a model, {said}", insert, tasks, 1
        yield "write one", f"update of one field, {said}", update, tasks, 1
    yield "write one", "save of one changed field, one task", save, 1, 1
    for name, title in (
        ("insert_models", "insert of 1000 models"),
        ("insert_dicts", "insert of 1000 dicts"),
        ("bulk", "bulk of 1000 updates"),
    ):
        works = {c.name: getattr(c, name) for c in contenders}
        yield "write many", title, works, 1, MANY


if __name__ == "__main__":
    sys.exit(main())
