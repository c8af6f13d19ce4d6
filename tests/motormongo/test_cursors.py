"""What is used as Motor's cursors are."""

from __future__ import annotations

import pytest

from mongolane import DataBase, Document, IntegerField, StringField, errors


class Row(Document):
    """Of a few."""

    number = IntegerField()


class Animal(Document):
    """Has a subclass."""

    name = StringField()


class Cat(Animal):
    """In a collection of its own."""


SHOWN = [{"$sort": {"number": 1}}, {"$project": {"_id": 0, "number": 1}}]


@pytest.fixture
async def rows(database: DataBase) -> None:
    """Three rows."""
    await Row.insert_many([{"number": one} for one in range(3)])


@pytest.mark.usefixtures("rows")
async def test_an_aggregation_is_motors_cursor() -> None:
    """Awaited or not, it can be looped over and turned into lists, piece by piece."""
    wanted = [{"number": one} for one in range(3)]
    cursor = await Row.aggregate(SHOWN)

    assert [one async for one in cursor] == wanted
    assert [one async for one in Row.aggregate(SHOWN)] == wanted
    assert await (await Row.aggregate(SHOWN)).to_list(length=None) == wanted
    assert await Row.aggregate(SHOWN).to_list(10) == wanted
    cursor = await Row.aggregate(SHOWN)
    assert (await cursor.to_list(1), cursor.alive) == (wanted[:1], True)
    assert await cursor.next() == wanted[1]
    assert await cursor.to_list(5) == wanted[2:]
    assert (await cursor.to_list(5), cursor.alive) == ([], False)


@pytest.mark.usefixtures("rows")
async def test_a_closed_cursor_gives_nothing_more() -> None:
    """close() is awaited, and ends what was begun."""
    for cursor in (
        await Row.aggregate(SHOWN),
        await Row.find_many({}, return_as_list=False),  # type: ignore[misc]
    ):
        await cursor.next()
        await cursor.close()

        assert (await cursor.to_list(5), cursor.alive) == ([], False)


@pytest.mark.usefixtures("rows")
async def test_find_many_without_a_list() -> None:
    """It gives instances one by one, and keeps to the limit."""
    cursor = await Row.find_many({}, 2, return_as_list=False)
    again = Row.find_many({"number": {"$gt": 0}}, return_as_list=False)

    assert [type(one) async for one in cursor] == [Row, Row]
    assert len(await (await again).to_list(length=None)) == 2  # type: ignore[attr-defined]
    assert not [one async for one in Row.find_many({"_id": "x"}, None, False)]
    with pytest.raises(errors.DocumentNotFoundError):
        _ = [one async for one in Row.find_many({}, -1, False)]


async def test_a_base_gives_a_cursor_for_each_collection(database: DataBase) -> None:
    """Awaited, they are a list of cursors; not awaited, one over all of them."""
    await Animal.insert_one(name="a")
    await Cat.insert_one(name="c")
    names = [{"$project": {"_id": 0, "name": 1}}]
    cursors = await Animal.aggregate(names)
    all_of_them = [await one.to_list(None) for one in cursors]

    assert all_of_them == [[{"name": "a"}], [{"name": "c"}]]
    assert await Animal.aggregate(names).to_list() == [{"name": "a"}, {"name": "c"}]
    found = await Animal.find_many({}, return_as_list=False)
    assert [type(one) async for one in found] == [Animal, Cat]


async def test_aggregate_without_a_connection() -> None:
    """Awaiting it raises motormongo's error, and the RuntimeError behind it."""
    await DataBase.close()
    for as_list in (True, False):
        with pytest.raises(errors.DocumentAggregationError) as caught:
            await Row.aggregate(SHOWN, as_list)

        assert isinstance(caught.value, RuntimeError)
