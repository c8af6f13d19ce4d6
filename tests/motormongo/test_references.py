"""References are awaited, kept, and fetched together."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntegerField,
    ReferenceField,
    errors,
)
from tests.motormongo.people import Book, Person


async def test_references_are_awaited_and_kept(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference gives its document, asks once, and None when it leads nowhere."""
    author = await Person.insert_one(name="a")
    book = await Book.insert_one(title="t", author=author)
    read = await Book.find_one()
    assert read is not None
    sent: list[str] = []
    lane = type(one_database.lane)
    run = lane.run

    async def counted(self: Any, command: Any, pin: Any = None) -> Any:
        sent.append(command.name)
        return await run(self, command, pin)

    monkeypatch.setattr(lane, "run", counted)

    assert await read.author == author
    assert await read.author == author
    assert sent == ["find"]
    assert read.author.id == author.id
    assert book.to_dict()["author"] == str(author.id)
    assert await Book(title="none").author is None
    lost = Book(author=ObjectId())
    assert await lost.author is None
    with pytest.raises(errors.NotFoundError, match=r"Book\.author"):
        await lost.author.fetch(required=True)
    with pytest.raises(errors.ReferenceTypeError):
        Book(author=Person(name="unsaved"))


async def test_lists_of_references_are_one_query(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of references is fetched by one $in, in order; so are many documents'."""
    people, ids = await Person.insert_many([{"name": n} for n in "abc"])
    gone = ObjectId()
    await Book.insert_many(
        [{"author": one, "readers": [*ids[::-1], gone]} for one in ids]
    )
    books = await Book.find_many()
    sent: list[str] = []
    lane = type(one_database.lane)
    run = lane.run

    async def counted(self: Any, command: Any, pin: Any = None) -> Any:
        sent.append(command.name)
        return await run(self, command, pin)

    monkeypatch.setattr(lane, "run", counted)
    readers = await books[0].readers
    await Book.prefetch(books, "author")
    authors = [await one.author for one in books]

    assert readers == [*people[::-1], None]
    assert authors == people
    assert sent == ["find", "find"]


class Place(EmbeddedDocument):
    """An id of two values."""

    row = IntegerField()
    seat = IntegerField()


class Seat(Document):
    """Its id is a part."""

    id = EmbeddedDocumentField(Place, required=True)


class Number(Document):
    """Its id is a number."""

    id = IntegerField(required=True)


class Ticket(Document):
    """Refers to both."""

    seat = ReferenceField(Seat)
    number = ReferenceField(Number)


async def test_references_to_ids_of_any_type(one_database: DataBase) -> None:
    """They are awaited, fetched together, and found by the document."""
    seat = await Seat.insert_one(id={"row": 1, "seat": 2})
    number = await Number.insert_one(id=7)
    ticket = await Ticket.insert_one(seat={"row": 1, "seat": 2}, number=number)
    read = await Ticket.find_many()
    await Ticket.prefetch(read)

    assert (await ticket.seat, await ticket.number) == (seat, number)
    assert (await read[0].seat, await read[0].number) == (seat, number)
    assert await Ticket.find_many({"number": number}) == [ticket]
    assert await Ticket.find(Ticket.number == number) == [ticket]
    assert await Ticket.find_many({"seat": {"$in": [seat]}}) == [ticket]
