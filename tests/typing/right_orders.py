"""A service: pages, streams, updates of arrays, pipelines, writes in bulk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol, assert_type

from pydantic import BaseModel

from mongolane import DataBase, Document, EmbeddedDocument, Mapped, Path, bulk, field
from mongolane.expressions import Change, Filter, Order, and_, expr
from mongolane.queries import (
    Aggregate,
    Ask,
    Delete,
    Find,
    FindAndModify,
    FindOne,
    Json,
    One,
    Update,
    UpdateResult,
)


class Line(EmbeddedDocument):
    item: Mapped[str]
    count: Mapped[int] = field(default=1)
    price: Mapped[Decimal] = field(default=Decimal(1))


class Order_(Document):
    owner: Mapped[str]
    lines: Mapped[list[Line]] = field(default_factory=list)
    notes: Mapped[dict[str, str]] = field(default_factory=dict)
    total: Mapped[Decimal] = field(default=Decimal(0))
    placed: Mapped[datetime] = field(default_factory=lambda: datetime.now(UTC))
    tags: Mapped[list[str]] = field(default_factory=list)
    nums: Mapped[list[int]] = field(default_factory=list)

    class Settings:
        name = "orders"


class Total(BaseModel):
    id: str
    total: Decimal


class Clock(Protocol):
    def __call__(self) -> datetime: ...


@dataclass
class PageOf:
    items: list[Order_]
    total: int


def by(path: Path[Any], down: bool = False) -> Order:
    return path.desc() if down else path.asc()


def search(
    owner: str | None, tags: Sequence[str], least: Decimal | None
) -> list[Filter]:
    found: list[Filter] = []
    if owner is not None:
        found.append(Order_.owner == owner)
    if tags:
        found.append(Order_.tags.all(tags))
        found.append(Order_.tags.in_(tags))
    if least is not None:
        found.append(Order_.total >= least)
    return found


def changes(delta: Decimal) -> Iterable[Change]:
    yield Order_.total.inc(delta)
    yield Order_.tags.push("changed")


async def page(query: Find[Order_], number: int, size: int) -> PageOf:
    items, total = await asyncio.gather(
        query.skip(number * size).limit(size).to_list(), query_count(query)
    )
    return PageOf(items, total)


async def query_count(query: Find[Order_]) -> int:
    return await query.count()


async def stream(query: Find[Order_]) -> AsyncIterator[str]:
    async with query.batch_size(10).cursor() as rows:
        async for row in rows:
            yield row.owner


async def run(work: Callable[[], Awaitable[int]]) -> int:
    return await work()


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="p07")
    ids = await Order_.insert_all(
        [
            Order_(
                owner=f"o{n % 3}",
                total=Decimal(n),
                tags=["t", f"x{n}"],
                lines=[Line(item="pen")],
                nums=[n],
            )
            for n in range(10)
        ],
        progress=lambda done, total: print(done, total),
    )
    print(len(ids))
    query = Order_.find(*search("o1", ["t"], Decimal(1)))
    print(await page(query.sort(by(Order_.total, True)), 0, 2))
    print([one async for one in stream(query)])
    print(await run(lambda: run(lambda: query_count(query))))
    await query.update(*changes(Decimal(3)))
    line = Order_.lines.filtered("line")
    await query.update(line.count.set(5), array_filters=[line.item == "pen"])
    await query.update(
        Order_.lines.each.count.inc(1), Order_.lines[0].price.set(Decimal(2))
    )
    await Order_.find(Order_.owner == "o1", Order_.lines.item == "pen").update(
        Order_.lines.matched.count.set(9)
    )
    await query.update(Order_.notes["k"].set("v"), Order_.tags.pull("x1"))
    await query.update(Order_.tags.pull_all(["x4"]))
    await query.update(Order_.tags.add_to_set(each=["a", "b"]))
    await query.update(
        Order_.lines.push(
            each=[Line(item="z")], sort=Order_.lines.count.desc(), slice=5
        )
    )
    await query.update([{"$set": {"total": {"$add": ["$total", 1]}}}])
    assert await Order_.find(Order_.notes["k"] == "v").exists()
    assert await Order_.find(Order_.nums > 8).exists()
    assert await Order_.find(Order_.nums == 3, Order_.nums.in_([3, 4])).exists()
    rows = Order_.pipeline(
        [
            {"$match": and_(Order_.total >= Decimal(0))},
            {"$group": {"_id": "$owner", "total": {"$sum": "$total"}}},
            {"$project": {"_id": 0, "id": "$_id", "total": 1}},
        ]
    ).to(Total)
    assert_type(rows, Aggregate[Total])
    for row in await rows:
        print(row.id, row.total + 1)
    async for row in rows:
        assert_type(row, Total)
    first = query.first()
    assert_type(first, FindOne[Order_])
    certain = first.or_raise()
    assert_type(certain, One[Order_])
    assert_type(await certain, Order_)
    assert_type(await first.or_raise().project(Owner), Owner)
    assert_type(await query.one_or_raise().only(Order_.owner), dict[str, Any])
    update = first.update(Order_.total.set(Decimal(1)))
    assert_type(update, Update)
    assert_type(await update, UpdateResult)
    modify = first.and_update(Order_.total.inc(1))
    assert_type(modify, FindAndModify[Order_ | None])
    assert_type(await modify, Order_ | None)
    body = query.json()
    assert_type(body, Json)
    assert_type(await body, bytes)
    count = query.count()
    assert_type(count, Ask[int])
    assert_type(await count, int)
    deletion = Order_.find(Order_.owner == "o2").delete()
    assert_type(deletion, Delete)
    updates = [Order_.get(one).update(Order_.total.mul(2)) for one in ids[:3]]
    result = await bulk(updates, deletion, ordered=False)
    print(result.modified, result.deleted, result.upserted_ids)
    result2 = await Order_.bulk(
        Order_(owner="new"), [Order_(owner="n2")], Order_.get(ids[0]).delete()
    )
    print(result2.inserted)
    assert await Order_.find(expr({"$gt": ["$total", 1]})).exists()
    assert await Order_.find(Order_.owner == Order_.owner).exists()
    raw = await query.raw()
    print(raw[0]["owner"], len(await query.bson()))
    plan = await query.explain()
    print(plan.keys())
    replaced = (
        await Order_.find(Order_.owner == "new")
        .first()
        .and_replace(Order_(owner="newer"))
    )
    print(replaced)
    await first.update(Order_.total.inc(1)).comment("why")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(query.to_list())
    assert_type(task.result(), list[Order_])
    await DataBase.close()


class Owner(BaseModel):
    owner: str


if __name__ == "__main__":
    asyncio.run(main())
