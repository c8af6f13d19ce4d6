"""
How fast is the codec, against plain pydantic on PyMongo's ``bson``?

Run alone: ``python -m benchmarks.codec [rounds]``. One process, the ways interleaved,
medians of the rounds; "x" is the median of the per-round ratios.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from mongolane import codec
from mongolane.codec import plan
from mongolane.codec.plan import FieldPlan, ModelPlan, Scalar

from .report import environment

COUNT = 1000
SHORTEST = 0.01
"""Seconds of a figure: shorter ones tell how cold the other's turn left the caches."""
OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


class Address(BaseModel):
    street: str
    city: str
    zip: str
    country: str


class User(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: ObjectId = Field(alias="_id")
    name: str
    email: str
    age: int
    active: bool
    score: float
    created: dt.datetime
    updated: dt.datetime
    tags: list[str]
    address: Address
    bio: str | None = None


class Shown(User):
    """The same for JSON, which pydantic can't make of an ObjectId."""

    id: str = Field(alias="_id")  # type: ignore[assignment]


STR = Scalar("str")
ADDRESS = ModelPlan(
    Address, tuple(FieldPlan(name, name, STR) for name in Address.model_fields)
)
KINDS: dict[str, plan.Kind] = {
    "id": Scalar("object_id"),
    "name": STR,
    "email": STR,
    "age": Scalar("int"),
    "active": Scalar("bool"),
    "score": Scalar("float"),
    "created": plan.DateTime(),
    "updated": plan.DateTime(),
    "tags": plan.ListOf(STR),
    "address": plan.Model(ADDRESS),
    "bio": plan.Nullable(STR),
}
USER = ModelPlan(
    User,
    tuple(
        FieldPlan(name, "_id" if name == "id" else name, kind)
        for name, kind in KINDS.items()
    ),
    fallback=User.model_validate,
)


def user(at: int) -> dict[str, Any]:
    """A document of 11 fields, about 400 bytes."""
    moment = dt.datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=dt.UTC)
    return {
        "_id": ObjectId(),
        "name": f"User {at}",
        "email": f"user{at}@example.com",
        "age": at % 90,
        "active": bool(at % 2),
        "score": at * 1.37,
        "created": moment,
        "updated": moment,
        "tags": ["alpha", "beta", "gamma"],
        "address": {
            "street": f"{at} Main St",
            "city": "Porto",
            "zip": "4000-123",
            "country": "PT",
        },
        "bio": "a few words about a person, as long as this",
    }


def shuffled(document: dict[str, Any]) -> dict[str, Any]:
    """The fields in another order."""
    keys = random.sample(list(document), len(document))
    return {key: document[key] for key in keys}


def accented(document: dict[str, Any]) -> dict[str, Any]:
    """Four of the texts not ASCII."""
    changed = {key: document[key] + "é" for key in ("name", "email", "bio")}
    return {**document, **changed, "tags": ["alphá", "beta", "gamma"]}


def batch(documents: list[dict[str, Any]]) -> bytes:
    """A find's reply."""
    cursor = {"id": 0, "ns": "test.users", "firstBatch": documents}
    return bson.encode({"cursor": cursor, "ok": 1.0})


def inputs() -> dict[str, bytes]:
    """The happy path, and what may come instead."""
    documents = [user(at) for at in range(COUNT)]
    more = {f"unknown_{at}": at for at in range(5)}
    misfit = {"age": "33"}
    return {
        "happy path": batch(documents),
        "random field order": batch([shuffled(d) for d in documents]),
        "non-ASCII text": batch([accented(d) for d in documents]),
        "5 unknown fields": batch([{**d, **more} for d in documents]),
        "1 % mismatch": batch(
            [{**d, **misfit} if at % 100 == 0 else d for at, d in enumerate(documents)]
        ),
        "100 % mismatch": batch([{**d, **misfit} for d in documents]),
    }


Way = Callable[[], Any]


def measure(rounds: int, ways: list[Way]) -> list[list[float]]:
    """Seconds of each way in each round; a short way is repeated."""
    times: list[list[float]] = [[] for _ in ways]
    repeats = [max(1, round(SHORTEST / timed(way, 1))) for way in ways]
    for _ in range(rounds):
        for way, count, found in zip(ways, repeats, times, strict=True):
            found.append(timed(way, count))
    return times


def timed(way: Way, count: int) -> float:
    """Seconds that a way takes, of ``count`` times."""
    start = time.perf_counter()
    for _ in range(count):
        made = way()
        del made
    return (time.perf_counter() - start) / count


@dataclass(frozen=True)
class Compared:
    """
    Two ways of one work.

    Attributes:
        name: of the work.
        other: microseconds per document, the other's way.
        own: ours.
        ratio: how many times faster ours is.
    """

    name: str
    other: float
    own: float
    ratio: float

    def __str__(self) -> str:
        figures = f"{self.other:.3f} | {self.own:.3f} | {self.ratio:.1f}"
        return f"| {self.name} | {figures} |"


def compared(name: str, rounds: int, reference: Way, ours: Way) -> Compared:
    """Measure two ways side by side."""
    theirs, own = measure(rounds, [reference, ours])
    ratio = statistics.median(a / b for a, b in zip(theirs, own, strict=True))
    scale = 1e6 / COUNT
    left, right = (statistics.median(times) * scale for times in (theirs, own))
    return Compared(name, left, right, ratio)


def decoding(rounds: int) -> list[Compared]:
    """BSON to instances, on each input."""
    model = codec.compile(USER)
    rows = []
    for name, data in inputs().items():

        def reference(data: bytes = data) -> Any:
            found = bson.decode(data, OPTIONS)["cursor"]["firstBatch"]
            return [User.model_validate(document) for document in found]

        def ours(data: bytes = data) -> Any:
            return model.decode_reply(codec.Reply(data))

        assert reference() == ours()
        rows.append(compared(f"decode: {name}", rounds, reference, ours))
    return rows


def other_ways(rounds: int) -> list[Compared]:
    """Instances to BSON, BSON to JSON, and values without a plan."""
    model = codec.compile(USER)
    data = inputs()["happy path"]
    users = model.decode_reply(codec.Reply(data))
    documents = bson.decode(data, OPTIONS)["cursor"]["firstBatch"]
    shown = TypeAdapter(list[Shown])

    def json_by_pydantic() -> bytes:
        found = bson.decode(data, OPTIONS)["cursor"]["firstBatch"]
        for document in found:
            document["_id"] = str(document["_id"])
        return shown.dump_json([Shown.model_validate(item) for item in found])

    return [
        compared(
            "encode a model",
            rounds,
            lambda: [bson.encode(u.model_dump(by_alias=True)) for u in users],
            lambda: [model.encode(u) for u in users],
        ),
        compared(
            "BSON to JSON",
            rounds,
            json_by_pydantic,
            lambda: model.json_reply(codec.Reply(data)),
        ),
        compared(
            "decode to dicts",
            rounds,
            lambda: bson.decode(data, OPTIONS),
            lambda: codec.Reply(data).documents(),
        ),
        compared(
            "encode dicts",
            rounds,
            lambda: [bson.encode(d) for d in documents],
            lambda: [codec.encode(d) for d in documents],
        ),
    ]


def against_beanie(rounds: int) -> Compared:
    """Instances to BSON, Beanie's way against ours."""
    import asyncio

    import beanie
    from pymongo import AsyncMongoClient

    from mongolane.testing import CannedServer

    class BeanieUser(User, beanie.Document):  # type: ignore[misc]
        id: Any = Field(default=None, alias="_id")

    async def init(uri: str) -> None:
        client: AsyncMongoClient[Any] = AsyncMongoClient(uri)
        await beanie.init_beanie(database=client["x"], document_models=[BeanieUser])
        await client.close()

    with CannedServer() as server:
        asyncio.run(init(server.uri))
    from beanie.odm.utils.encoder import Encoder

    theirs = [BeanieUser.model_validate(user(at)) for at in range(COUNT)]
    model = codec.compile(USER)
    ours = model.decode_reply(codec.Reply(inputs()["happy path"]))
    return compared(
        "encode a model, against Beanie's encoder",
        rounds,
        lambda: [bson.encode(Encoder(to_db=True).encode(u)) for u in theirs],
        lambda: [model.encode(u) for u in ours],
    )


def measured(rounds: int) -> list[Compared]:
    """All there is to compare."""
    return [*decoding(rounds), *other_ways(rounds), against_beanie(rounds)]


def table(found: list[Compared]) -> list[str]:
    """The table's lines."""
    head = ["| us per document | the other | mongolane | x |", "|---|---|---|---|"]
    return [*head, *map(str, found)]


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(*environment(), f"codec: {codec.implementation}", "", sep="\n")
    print(*table(measured(rounds)), sep="\n")


if __name__ == "__main__":
    main()
