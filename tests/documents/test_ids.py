"""The _id of a stored document stays: each way to change it is refused, unsent."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from bson import ObjectId
from pydantic import BaseModel

from mongolane import DataBase, Document, Mapped, errors


class Note(Document):
    """What has an id."""

    text: Mapped[str] = ""
    count: Mapped[int] = 0

    class Settings:
        name = "notes"


class Body(BaseModel):
    """A request's body."""

    id: Any = None
    text: str = ""


async def stored(text: str = "a") -> tuple[Any, ObjectId]:
    """A note, and an id that is not its own."""
    return await Note(text=text).insert(), ObjectId()


async def test_updates_by_id_name_both(one_database: DataBase, sent: list[Any]) -> None:
    """An update of the document of an id names that id and the other one."""
    note, other = await stored()
    one, many = Note.get(note.id), Note.find(Note.id == note.id)
    sent.clear()
    for ask in (
        lambda: one.update(Note.id.set(other)),
        lambda: many.update({"_id": other}),
        lambda: many.update({"$set": {"id": str(other), "text": "b"}}),
        lambda: one.and_update({"$set": {"_id": other}}),
        lambda: many.upsert(Note.id.set(other)),
        lambda: one.update([{"$set": {"_id": other}}]),
        lambda: one.update([{"$replaceWith": {"_id": other}}]),
        lambda: one.replace(Note(id=other)),
        lambda: one.and_replace(Note(id=other)),
        lambda: Note.find({"_id": {"$in": [note.id]}}, Note.text == "a").update(
            {"_id": other}
        ),
    ):
        with pytest.raises(errors.QueryError, match=f"the Note .*{note.id}.*{other}"):
            ask()
    for query in (one, many):
        query.command()

    assert sent == []


async def test_the_same_id_is_no_change(one_database: DataBase) -> None:
    """To set the id that the document has is left out of what is sent."""
    note, _ = await stored()
    query = Note.get(note.id).update({"_id": note.id, "text": "b"})
    assert query.command()["updates"][0]["u"] == {"$set": {"text": "b"}}

    assert (await query).modified == 1
    replaced = Note.get(note.id).replace(Note(id=note.id, text="c"))
    assert (await replaced).matched == 1


async def test_contract_updates(one_database: DataBase, sent: list[Any]) -> None:
    """Motormongo's updates, too: nothing is changed, and both ids are named."""
    note, other = await stored()
    sent.clear()
    for ask in (
        lambda: Note.update_one({"_id": note.id}, {"_id": other, "text": "b"}),
        lambda: Note.update_one({"id": str(note.id)}, {"$set": {"_id": other}}),
        lambda: Note.update_many({"text": "a"}, {"_id": other}),
        lambda: Note.find_one_and_replace({"text": "a"}, {"_id": other}),
    ):
        with pytest.raises(errors.DocumentUpdateError, match=f"{note.id}.*{other}"):
            await ask()

    assert {next(iter(body)) for body in sent} == {"find"}
    same = await Note.update_one({"_id": note.id}, {"_id": note.id, "text": "b"})
    assert same is not None
    assert same.text == "b"


@pytest.mark.parametrize("how", ["insert", "insert_one", "insert_many", "all", "bulk"])
async def test_saves_after_each_insert(
    one_database: DataBase, sent: list[Any], how: str
) -> None:
    """However a document was stored, saving it under another id is refused."""
    note: Any = Note(text="a")
    if how == "insert_many":
        [note], _ = await Note.insert_many([{"text": "a"}])
    elif how == "bulk":
        await Note.bulk(note)
    elif how == "all":
        await Note.insert_all([note])
    else:
        await (note.insert() if how == "insert" else Note.insert_one(note))
    sent.clear()
    old, note.id = note.id, ObjectId()
    with pytest.raises(errors.QueryError, match=f"save.*{old}.*{note.id}"):
        await note.save()

    assert sent == []


async def test_ids_of_many_rise_with_all_others(one_database: DataBase) -> None:
    """Ids made together are later than those made before, and earlier than the next."""
    before = ObjectId()
    first = await Note.insert_all([Note(text="a") for _ in range(5)])
    between = ObjectId()
    second = await Note.insert_all([Note(text="b") for _ in range(5)])
    made = [before, *first, between, *second, ObjectId()]
    counted = [int.from_bytes(one.binary[9:], "big") for one in made]
    steps = [(b - a) % 2**24 for a, b in pairwise(counted)]
    assert all(0 < step < 100 for step in steps)
    assert len({one.binary[4:9] for one in made}) == 1


async def test_patches(one_database: DataBase, sent: list[Any]) -> None:
    """A patch with another id is refused and changes nothing; its own may be there."""
    note, other = await stored()
    sent.clear()
    for changes in (
        Body(id=other, text="b"),
        {"_id": str(other), "text": "b"},
        {"id": other},
    ):
        with pytest.raises(errors.QueryError, match=f"patch.*{note.id}.*{other}"):
            await note.patch(changes)
    assert (sent, note.text) == ([], "a")

    await note.patch(Body(id=str(note.id), text="b"))
    await note.patch({"_id": note.id, "count": 2})
    await note.patch(Body(id=None, text="c"))
    assert await Note.find() == [note]
    assert (note.text, note.count) == ("c", 2)


async def test_a_copy_under_another_id_is_another_document(
    one_database: DataBase,
) -> None:
    """A copy that is given another id is stored beside its original."""
    note, other = await stored()
    await note.model_copy(update={"id": other}).save()
    await note.model_copy(update={"id": None}).save()

    assert await Note.count() == 3
