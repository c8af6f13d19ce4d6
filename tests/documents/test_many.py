"""Many new documents at once: each gets what it would get alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import Field

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    IntegerField,
    ListField,
    StringField,
    errors,
)
from mongolane.documents.belonging import database_of


class Log(Document):
    """Dated by each write."""

    text: str = ""

    class Meta:
        created_at_timestamp = True
        updated_at_timestamp = True


class Room(EmbeddedDocument):
    name: str = ""


class Attic(Room):
    """A room that is of another class than declared."""


class House(Document):
    hall: Room | None = None
    rooms: list[Room] = Field(default_factory=list)


class Ring(Document):
    """Declared by field objects."""

    name = StringField()
    numbers = ListField(IntegerField())


PAST = datetime(2020, 1, 1, tzinfo=UTC)


async def test_dates_are_those_of_one_by_one(one_database: DataBase) -> None:
    """New documents get both dates; one of creation that was given stays."""
    logs: list[Any] = [Log(), Log(created_at=PAST), Log(updated_at=PAST)]
    begin = datetime.now(UTC) - timedelta(milliseconds=1)
    await Log.insert_all(logs)

    assert logs[1].created_at == PAST
    others = [one.created_at for one in (logs[0], logs[2])]
    others += [one.updated_at for one in logs]
    assert all(one >= begin for one in others)
    assert {"created_at", "updated_at"} <= logs[0].model_fields_set
    assert await Log.find().sort("_id") == logs


async def test_dates_of_the_next_write_are_later(one_database: DataBase) -> None:
    """Each write of one document is later than the one before, however fast."""
    logs: list[Any] = [Log() for _ in range(20)]
    await Log.insert_all(logs)
    before = [one.updated_at for one in logs]
    found = [await Log.update_one({"_id": one.id}, {"text": "b"}) for one in logs]
    again = [one.model_copy() for one in logs]
    for one in again:
        one.id = None
    await Log.insert_all(again)

    after = [one.updated_at for one in found if one is not None]
    assert all(b > a for a, b in zip(before, after, strict=True))


async def test_parts_belong_where_their_documents_do(one_database: DataBase) -> None:
    """So do parts of another class than declared; and back in the default database."""
    client = one_database.client
    other = DataBase(client=client, db=f"{one_database.name}_other")
    houses = [House(hall=Room(), rooms=[Room(), Attic()]), House(), House(hall=Attic())]
    parts = [part for one in houses for part in (one.hall, *one.rooms) if part]
    try:
        await House.using(other).insert_all(houses)
        assert {database_of(one) for one in (*houses, *parts)} == {other}
        await House.insert_all(houses)
        assert {database_of(one) for one in (*houses, *parts)} == {None}
    finally:
        await other.drop()
        await other.disconnect()


@pytest.mark.parametrize("insert", [Ring.insert_all, Ring.insert_many])
async def test_items_that_do_not_fit_name_their_document(
    one_database: DataBase, insert: Any
) -> None:
    """Nothing is stored; those before it have their ids already."""
    rings: list[Any] = [Ring(name=name, numbers=[1]) for name in "abcd"]
    rings[2].numbers.append("x")
    with pytest.raises(errors.FieldError) as caught:
        await insert(rings)

    assert "this is document 2" in caught.value.__notes__
    assert [one.id is not None for one in rings] == [True, True, False, False]
    assert await Ring.count() == 0
