"""
The engine answers about real data as a server does that isn't ours.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import BaseModel

from mongolane import DataBase
from tests.data.questions import AGGREGATIONS, FINDS

pytestmark = pytest.mark.server


def same(one: Any, other: Any) -> bool:
    """
    Whether two values are equal, types included; floats but for their last digits.

    Sums of floats depend on the order they are added in, which no server promises.
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(
            same(one[key], other[key]) for key in one
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other


def differences(ours: list[Any], theirs: list[Any]) -> list[str]:
    """
    Say where two answers differ.
    """
    counts = (
        [f"{len(ours)} rows, not {len(theirs)}"] if len(ours) != len(theirs) else []
    )
    return counts + [
        f"row {place}: {one}\n   not {other}"
        for place, (one, other) in enumerate(zip(ours, theirs, strict=False))
        if not same(one, other)
    ]


def plain(document: BaseModel) -> dict[str, Any]:
    """
    A document as a dict, without an id that each server made by itself.
    """
    generated = document.__class__.__name__ != "Quake"
    return document.model_dump(exclude={"id"} if generated else None)


@pytest.mark.parametrize("name", FINDS)
async def test_finds_agree(both: tuple[DataBase, DataBase], name: str) -> None:
    """
    A query finds the same typed documents in the same order on both servers.
    """
    ours, theirs = [
        [plain(document) for document in await FINDS[name](database)]
        for database in both
    ]

    assert theirs
    assert [] == differences(ours, theirs)


@pytest.mark.parametrize("name", AGGREGATIONS)
async def test_aggregations_agree(both: tuple[DataBase, DataBase], name: str) -> None:
    """
    A pipeline gives the same rows with the same types on both servers.
    """
    cls, stages = AGGREGATIONS[name]
    ours, theirs = [await cls.using(database).pipeline(stages) for database in both]

    assert theirs
    assert [] == differences(ours, theirs)


@pytest.mark.parametrize("name", ["zips_in_a_box", "flights_very_late"])
async def test_an_index_changes_no_answer(stocked: DataBase, name: str) -> None:
    """
    The same question gives the same documents with and without an index to use.
    """
    collection = stocked.db[name.partition("_")[0]]
    before = [plain(document) for document in await FINDS[name](stocked)]
    key = {"zips": "latitude", "flights": "delay"}[collection.name]
    index = await collection.create_index(key)
    after = [plain(document) for document in await FINDS[name](stocked)]
    await collection.drop_index(index)

    assert before
    assert before == after
