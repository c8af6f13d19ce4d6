"""What a query can be asked for, and how."""

# ruff: noqa: E711

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any, assert_type

from bson import ObjectId
from pydantic import BaseModel
from pymongo import ReadPreference

from mongolane import DataBase, Document, Index, Mapped, field
from mongolane.expressions import (
    Box,
    Center,
    CenterSphere,
    Filter,
    Point,
    Polygon,
    and_,
    expr,
    json_schema,
    text,
)
from mongolane.queries import Ask, Find, FindOne, Rows, Update


class Place(Document):
    name: Mapped[str] = field(index=Index(direction="text"))
    at: Mapped[dict[str, Any]] = field(index=Index(direction="2dsphere"))
    flags: Mapped[int] = field(default=6)
    owner: Mapped[ObjectId | None] = field(default=None)
    tags: Mapped[list[str]] = field(default_factory=list)


class N(BaseModel):
    name: str


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="q4")
    await Place(
        name="Cafe Porto", at={"type": "Point", "coordinates": [8.0, 41.0]}, tags=["a"]
    ).insert()
    filters: list[Filter] = [
        Place.flags.bits_all_set(6),
        Place.flags.bits_any_set([1]),
        Place.flags.bits_all_clear(1),
        Place.flags.bits_any_clear(b"\x01"),
        Place.flags.mod(2),
        Place.flags.type("int", "long"),
        Place.name.match(re.compile("^c", re.I)),
        Place.name.contains("Por"),
        Place.at.geo_within(Box([7, 40], [9, 42])),
        Place.at.geo_within(CenterSphere([8, 41], 0.1)),
        Place.at.geo_within(Center([8, 41], 1)),
        Place.at.geo_within(Polygon([[(7, 40), (9, 40), (9, 42), (7, 42), (7, 40)]])),
        Place.at.geo_intersects(Point(8, 41)),
        expr({"$eq": ["$flags", 6]}),
        json_schema({"required": ["name"]}),
        text("porto"),
        Place.owner == None,
        Place.owner.in_([None]),
        Place.tags.elem_match(Place.tags.each == "a"),
        Place.tags == "a",
    ]
    for one in filters:
        assert await Place.find(one).count() == 1, one
    q = (
        Place.find(Place.at.near(Point(8, 41), max_distance=1000))
        .hint("at_2dsphere")
        .comment("x")
        .max_time(timedelta(seconds=3))
        .let(x=1)
        .collation({"locale": "en"})
        .with_options(
            read_preference=ReadPreference.PRIMARY,
            read_concern="local",
            allow_disk_use=True,
        )
    )
    assert_type(q, Find[Place])
    print(len(await q), q.command()["maxTimeMS"])
    one_ = (
        Place.find_one(Place.name == "x").with_options(read_concern="majority").skip(0)
    )
    assert_type(one_, FindOne[Place])
    assert_type(await one_, Place | None)
    assert_type(await Place.find().first().raw(), dict[str, Any] | None)
    assert_type(await Place.find().first().project(N), N | None)
    assert_type(await Place.find().project(N).first(), N | None)
    assert_type(await Place.find().project(N).one_or_raise(), N)
    assert_type(await Place.find().project(N).json(), bytes)
    ask = Place.find().distinct(Place.flags)
    assert_type(ask, Ask[list[int]])
    assert_type(await ask, list[int])
    async with Place.find().cursor() as rows:
        assert_type(rows, Rows[Place])
        async for p in rows:
            assert_type(p, Place)
    agg = Place.find(Place.flags == 6).aggregate([{"$count": "n"}])
    assert_type(await agg, list[dict[str, Any]])
    assert_type(await agg.first(), dict[str, Any] | None)
    assert_type(
        await Place.pipeline([{"$match": Place.flags == 6}]).to(Place), list[Place]
    )
    spot = {"type": "Point", "coordinates": [0, 0]}
    here = Place.find(Place.name == "y", Place.at == spot)
    upd = here.first().update(Place.flags.bit(and_=4), upsert=True)
    assert_type(upd, Update)
    r = await upd
    assert_type(r.modified, int)
    assert_type(
        await Place.get(ObjectId()).and_replace(Place(name="z", at={}), upsert=False),
        Place | None,
    )
    assert_type(
        await Place.find(and_(Place.name == "q")).upsert(
            insert=Place(name="q", at={"type": "Point", "coordinates": [1, 1]})
        ),
        tuple[Place, bool],
    )
    tasks = [asyncio.create_task(Place.find().to_list()) for _ in range(3)]
    done = await asyncio.gather(*tasks)
    assert_type(done, list[list[Place]])
    a, b = await asyncio.gather(Place.find(), Place.count())
    assert_type(a, list[Place])
    assert_type(b, int)
    got = await asyncio.wait_for(Place.find_one({}), 3)
    assert_type(got, Place | None)
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
