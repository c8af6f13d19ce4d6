"""Motormongo's methods are coroutines; asyncio takes what ours give as such."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mongolane import DataBase, Document, ReferenceField, StringField


class Task(Document):
    """Found in the background."""

    name = StringField()


class Urgent(Task):
    """Makes a base of the class, whose finds go over several collections."""


class Note(Document):
    """Refers to one without subclasses."""

    task = ReferenceField(Urgent)


async def test_finds_in_task_groups(database: DataBase) -> None:
    """create_task, of asyncio and of a group, runs each kind of find."""
    await Task.insert_one(name="a")
    urgent = await Urgent.insert_one(name="b")
    await Note.insert_one(task=urgent)
    (note,) = await Note.find_many()
    begun: list[Any] = [
        Task.find_one({"name": "b"}),
        Task.find_many({}),
        Urgent.find_one({"name": "none"}),
        Urgent.find_many(name="b"),
        note.task,
        Urgent.aggregate([{"$match": {}}]),
        Task.find_many({}, return_as_list=False),
    ]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in begun[:4]]
    tasks += [asyncio.create_task(one) for one in begun[4:]]
    one, many, none, own, referred, rows, several = [await task for task in tasks]

    assert (one, none, own, referred) == (urgent, None, [urgent], urgent)
    assert [found.name for found in many] == ["a", "b"]
    assert [row["name"] async for row in rows] == ["b"]
    assert len(await several.to_list()) == 2


async def test_finds_are_cancelled_as_coroutines_are(database: DataBase) -> None:
    """A task of a find that is cancelled, before it began or later, ends so."""
    # At the second turn of the loop a thread may have found it.
    for steps in (0, 1):
        task: Any = asyncio.create_task(Urgent.find_one({}))  # type: ignore[arg-type]
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    unused: Any = Urgent.find_many({})
    unused.close()

    assert await Urgent.find_many({}) == []
