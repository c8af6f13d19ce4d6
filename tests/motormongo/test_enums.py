"""Enumerations of any value type, by the field and in lists."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum, IntFlag

import pytest

from mongolane import DataBase, Document, EnumField, ListField


class Odd(Enum):
    """Values whose stored form is another."""

    PAIR = (1, 2)
    TEXT = "s"
    NUMBER = 1.5
    DAY = date(2024, 1, 2)
    SPAN = timedelta(days=1)
    EXACT = Decimal("1.5")
    ID = uuid.UUID(int=7)
    BYTES = b"x"
    SET = frozenset({1})


class Half(Enum):
    """Doubles alone."""

    ONE = 0.5
    TWO = 1.0


class Right(IntFlag):
    """Numbers that may be combined."""

    READ = 1
    WRITE = 2


class Thing(Document):
    """Of all of them."""

    odd = EnumField(Odd)
    odds = ListField(EnumField(Odd))
    half = EnumField(Half)
    halves = ListField(EnumField(Half))
    right = EnumField(Right)


@pytest.mark.parametrize("member", Odd)
async def test_members_are_read_back(member: Odd, one_database: DataBase) -> None:
    """An instance holds the value, a list members; both ways in every query."""
    thing = await Thing.insert_one(odd=member, odds=[member])
    read = await Thing.find_one({"odd": member})
    updated = await Thing.update_one({"odd": member.value}, {"odd": member})

    assert thing == read == updated
    assert (read.odd, read.odds) == (member.value, [member])
    read.odd = Odd.TEXT
    await read.save()
    assert await Thing.find_one({"odd": {"$in": ["s"]}}) == read


async def test_doubles_and_flags(database: DataBase) -> None:
    """They are read as values, and as members in a list."""
    thing = await Thing.insert_one(half=0.5, halves=[Half.TWO], right=3)
    read = await Thing.find_one()

    assert thing == read
    assert (read.half, read.halves, read.right) == (0.5, [Half.TWO], 3)


@pytest.mark.parametrize("given", [Right.READ | Right.WRITE, 3, Right(0), 0])
async def test_flags_that_are_no_single_member_are_found(
    given: object, one_database: DataBase
) -> None:
    """Several together, or none, are found in every form of a filter."""
    thing = await Thing.insert_one(right=given)
    queries = ({"right": given}, {"right": {"$in": [given]}}, Thing.right == given)

    assert [await Thing.find(one) for one in queries] == [[thing]] * 3
    assert Thing.find({"right": given}).command()["filter"] == {"right": thing.right}
