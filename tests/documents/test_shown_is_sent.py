"""What ``command()`` shows is what arrives at a server, on every lane."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import bson
import pytest
from bson import ObjectId
from pymongo.read_preferences import Nearest

from mongolane import DataBase, Document, Mapped, Stored, field
from mongolane.expressions import (
    FlatPoint,
    Point,
    Polygon,
    comment,
    expr,
    json_schema,
    meta,
    nor,
    rand,
    sample_rate,
    text,
    where,
)
from mongolane.testing import ScriptedServer

BATCH = {"cursor": {"id": bson.Int64(0), "ns": "d.places", "firstBatch": []}, "ok": 1.0}
WRITTEN = {"n": 1, "nModified": 1, "ok": 1.0}
ANSWERS: dict[str, Any] = {
    "find": BATCH,
    "aggregate": BATCH,
    "count": {"n": 0, "ok": 1.0},
    "distinct": {"values": [], "ok": 1.0},
    "explain": {"queryPlanner": {}, "ok": 1.0},
    "update": WRITTEN,
    "delete": WRITTEN,
    "insert": WRITTEN,
    "findAndModify": {"value": None, "lastErrorObject": {}, "ok": 1.0},
}
# What the conversation adds: which database, session, time and transaction number.
ADDED = ("$db", "lsid", "$clusterTime", "txnNumber", "$readPreference")
SQUARE = [[(0, 0), (0, 1), (1, 1), (0, 0)]]


class Place(Document):
    """Something of every kind that a query asks for."""

    name: Annotated[Mapped[str], Stored("n")] = field(default="")
    price: Mapped[Decimal] = field(default=Decimal(0))
    tags: Mapped[list[str]] = field(default_factory=list)
    visits: Mapped[list[dict[str, Any]]] = field(default_factory=list)
    flags: Mapped[int] = field(default=0)
    at: Mapped[datetime | None] = field(default=None)
    point: Mapped[Any] = field(default=None)

    class Settings:
        name = "places"


ID = ObjectId()
ADULT = Place.find(Place.price > 3)
ASKS: dict[str, Callable[[], Any]] = {
    "comparisons": lambda: Place.find(
        Place.price >= 1, Place.price < Decimal("9.5"), Place.name != "x",
        Place.flags == 3, Place.flags.in_([1, 2]), Place.flags.not_in([4]),
    ),
    "joined": lambda: Place.find(
        ((Place.name == "a") | (Place.name == "b")) & ~(Place.flags > 3),
        nor(Place.flags == 1, {"name": "z"}),
    ),
    "elements": lambda: Place.find(
        Place.at.exists(), Place.at.type("date"), Place.flags.mod(4, 1)
    ),
    "texts": lambda: Place.find(
        Place.name.regex("^a", "i"), text("word"), json_schema({"required": ["n"]}),
        expr({"$gt": ["$flags", {"$rand": {}}]}),
    ),
    "arrays": lambda: Place.find(
        Place.tags.all(["a"]), Place.tags.size(2), Place.tags[0] == "a",
        Place.visits.elem_match(Place.visits["k"] == 1),
    ),
    "bits": lambda: Place.find(
        Place.flags.bits_all_set(6), Place.flags.bits_any_set([0]),
        Place.flags.bits_all_clear(b"\x08"), Place.flags.bits_any_clear(16),
    ),
    "geo": lambda: Place.find(
        Place.point.geo_within(Polygon(SQUARE)),
        Place.point.near_sphere(Point(1, 2), max_distance=5),
    ),
    "dates and ids": lambda: Place.find(
        Place.at > datetime(2024, 1, 1, tzinfo=UTC), Place.id == str(ID)
    ),
    "fields and chances": lambda: Place.find(
        Place.price > Place.flags, sample_rate(0.5), comment("f"),
        expr({"$lt": [rand(), {"$size": Place.tags}]}),
    ),
    "conditions on elements": lambda: Place.find(
        ~Place.name.regex("^a"), Place.tags.elem_match(~Place.tags.each.regex("^a")),
        Place.visits.all([Place.visits.elem_match({"k": 1})]),
        Place.point.near(FlatPoint(1, 2), max_distance=3),
    ),
    "javascript expression": lambda: Place.find(where("1")).with_options(
        allow_javascript=True
    ),
    "javascript": lambda: Place.find({"$where": "1"}).with_options(
        allow_javascript=True
    ),
    "options": lambda: ADULT.sort(-Place.price, "name").skip(2).limit(5).hint("n_1")
    .collation("pt", strength=1).comment("why").max_time(2).batch_size(3)
    .let(a=1).with_options(
        read_concern="majority", read_preference=Nearest(), allow_disk_use=True
    ),
    "one": lambda: Place.find_one({"name": "a"}),
    "get": lambda: Place.get(ID),
    "only": lambda: ADULT.only(Place.name, Place.price),
    "parts": lambda: ADULT.only(
        Place.name, Place.visits.slice(1, 2), score=meta("textScore")
    ).sort(meta("textScore")),
    "first part": lambda: Place.find_one(Place.tags == "a").project(
        Place, Place.tags.matched, flags={"$size": Place.visits}
    ),
    "bounds": lambda: ADULT.hint({"name": 1}).sort({"$natural": -1}).with_options(
        min={"name": "a"}, max={"name": "b"}, return_key=True, show_record_id=True,
        no_cursor_timeout=True, allow_partial_results=True,
    ),
    "count of near": lambda: Place.find(
        Place.point.near(Point(1, 2))
    ).skip(1).limit(2).hint("x").count(),
    "explained count": lambda: ADULT.count().explain("allPlansExecution"),
    "explained distinct": lambda: ADULT.distinct("tags").explain(),
    "count": lambda: ADULT.skip(1).limit(4).collation("de").count(),
    "exists": lambda: ADULT.exists(),
    "distinct": lambda: ADULT.comment("d").distinct(Place.tags),
    "json": lambda: ADULT.limit(2).json(),
    "explain": lambda: ADULT.comment("e").explain("queryPlanner"),
    "pipeline": lambda: ADULT.sort("name").limit(3).aggregate([{"$count": "n"}]),
    "update": lambda: ADULT.collation("de").comment("u").update(
        Place.flags.inc(2), {"$push": {"tags": {"$each": ["x"], "$slice": -3}}},
        Place.visits.filtered("v")["k"].set(1), array_filters=[{"v.k": 2}],
    ),
    "pipeline update": lambda: ADULT.update([{"$set": {"n": "$x"}}]),
    "replace": lambda: Place.get(ID).replace(Place(name="r")),
    "delete": lambda: ADULT.with_options(write_concern="majority").delete(),
    "delete one": lambda: Place.get(ID).delete(),
    "and_update": lambda: ADULT.sort("-price").first().and_update(
        Place.at.current_date(), new=False
    ),
    "and_delete": lambda: ADULT.sort("-price").only(Place.name).first().and_delete(),
    "upsert": lambda: Place.find(Place.name == "u").upsert(
        Place.price.max(Decimal("1.5")), insert=Place(id=ID, tags=["n"])
    ),
}  # fmt: skip


def parts(body: dict[str, Any]) -> dict[str, bytes]:
    """The values of a command, as they lie on the wire."""
    return {key: bson.encode({"": value}) for key, value in body.items()}


@pytest.fixture
async def server(lane: str) -> AsyncIterator[ScriptedServer]:
    """A server that writes down what arrives, and the default database on it."""
    # Connecting makes the indexes of whatever classes other modules have.
    indexes = {"listIndexes": BATCH, "createIndexes": {"ok": 1.0}}
    async with ScriptedServer({**ANSWERS, **indexes}) as listening:
        await DataBase.connect(uri=listening.uri, db="d", lane=lane)
        listening.received.clear()
        yield listening
        await DataBase.close()


@pytest.mark.parametrize("name", ASKS)
async def test_commands_arrive_as_shown(server: ScriptedServer, name: str) -> None:
    """What arrived is what was shown: the same keys, and each value byte for byte."""
    query = ASKS[name]()
    shown = query.command()
    await query
    [arrived] = [one for one in server.received if one.name in ANSWERS]
    body = {key: one for key, one in arrived.body.items() if key not in ADDED}

    # PyMongo sends the statements of a write beside the body: they come last.
    assert next(iter(body)) == next(iter(shown))
    assert parts(body) == parts(shown)


async def test_new_documents_arrive_as_shown(server: ScriptedServer) -> None:
    """An insert's documents arrive as they are encoded."""
    places = [Place(id=ObjectId(), name=name, price="1.5") for name in "ab"]
    again = [Place(**one.model_dump()) for one in places]
    await Place.insert_all(places)
    await Place.bulk(*again)
    await places[0].insert()
    first, second, third = server.commands("insert")

    assert [one["n"] for one in first.body["documents"]] == ["a", "b"]
    assert first.body["documents"] == second.body["documents"]
    assert third.body["documents"] == first.body["documents"][:1]
