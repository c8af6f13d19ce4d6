"""What save, patch and bulk send, and what they leave behind when they fail."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from mongolane import (
    DataBase,
    Document,
    Index,
    Mapped,
    Stored,
    Version,
    bulk,
    errors,
)


class Box(Document):
    """Several fields, one of them under another key."""

    label: Annotated[str, Stored("l")] = ""
    items: list[int] = []  # noqa: RUF012 (pydantic copies it)
    meta: dict[str, Any] = {}  # noqa: RUF012

    class Settings:
        name = "boxes"


class Limit(BaseModel):
    """An embedded limit."""

    least: Annotated[int, Field(ge=0)] = 0


class Limited(Document):
    """Has limits and a validator, which assignment does not ask."""

    size: Annotated[int, Field(ge=1)] = 1
    name: Annotated[str, Field(max_length=3)] = ""
    limits: list[Limit] = [Limit()]  # noqa: RUF012
    code: str = "a"

    @field_validator("code")
    @classmethod
    def lower(cls, code: str) -> str:
        if not code.islower():
            raise ValueError("not lower case")
        return code


class Counted(Document):
    """Counts its writes, and has dates."""

    name: Mapped[str]
    size: Mapped[int] = 0
    version: Annotated[int, Version()] = 1

    class Settings:
        name = "counted"
        timestamps = True


class Slot(Document):
    """Only one of each number."""

    number: Annotated[int, Index(unique=True)]

    class Settings:
        name = "slots"


class Body(BaseModel):
    """A request's body."""

    name: str | None = None
    size: Any = None


def changed(sent: list[Any]) -> Any:
    """The one update that was sent."""
    [body] = sent
    [statement] = body["updates"]
    sent.clear()
    return statement["u"]


async def stored_by(how: str) -> Any:
    """A box, stored in one of many ways."""
    box = Box(label="a", items=[1])
    if how == "insert":
        await box.insert()
    elif how == "save":
        await box.save()
    elif how == "insert_one":
        box = await Box.insert_one({"label": "a", "items": [1]})
    elif how == "insert_many":
        [box], _ = await Box.insert_many([{"label": "a", "items": [1]}])
    elif how == "insert_all":
        await Box.insert_all(one for one in [box])
    elif how == "bulk":
        await Box.bulk([box])
    elif how == "copy":
        await box.insert()
        box = copy.deepcopy(copy.copy(box.model_copy(deep=True)))
    else:
        await box.insert()
        [box] = await Box.find()
    return box


HOW = (
    "insert",
    "save",
    "insert_one",
    "insert_many",
    "insert_all",
    "bulk",
    "copy",
    "find",
)


@pytest.mark.parametrize("how", HOW)
async def test_save_sends_only_what_changed(
    one_database: DataBase, sent: list[Any], how: str
) -> None:
    """However a document came about, save sends the changed keys, and no others."""
    box = await stored_by(how)
    sent.clear()
    await box.save()
    assert sent == []
    box.items.append(2)
    await box.save()
    assert changed(sent) == {"$set": {"items": [1, 2]}}
    box.label = "b"
    await box.save()
    assert changed(sent) == {"$set": {"l": "b"}}

    assert await Box.find() == [box]


@pytest.mark.parametrize("ordered", [True, False])
async def test_what_was_refused_is_not_taken_for_stored(
    one_database: DataBase, ordered: bool
) -> None:
    """Of several new documents, those that were refused are saved as a whole later."""
    await Slot.ensure_indexes()
    for write in (
        Slot.insert_all,
        lambda all, ordered: Slot.bulk(*all, ordered=ordered),
    ):
        await Slot.find().delete()
        slots = [Slot(number=number) for number in (1, 1, 2)]
        with pytest.raises(errors.BulkWriteError):
            await write(slots, ordered=ordered)
        slots[1].number = 3
        for one in slots:
            await one.save()

        assert sorted(await Slot.find().distinct("number")) == [1, 2, 3]


async def test_replacements_are_counted_and_dated(database: DataBase) -> None:
    """A replacement counts the version on, and keeps the date of creation."""
    made = await Counted(name="a").insert()
    stale = await Counted.get(made.id)
    assert stale is not None
    query = Counted.get(made.id)
    await query.replace(Counted(name="b"))
    second = await query.and_replace(Counted(name="c", version=7))
    third = await Counted.find_one_and_replace({"_id": made.id}, {"name": "d"})
    assert second is not None
    assert third is not None

    assert (second.version, third.version) == (3, 4)
    for one in (second, third):
        assert one.created_at == made.created_at  # type: ignore[attr-defined]
        assert one.updated_at > made.updated_at  # type: ignore[attr-defined]
    stale.size = 1
    with pytest.raises(errors.VersionConflictError) as caught:
        await stale.save()
    assert caught.value.current == third


async def test_replacements_may_make_a_document(database: DataBase) -> None:
    """An upserted replacement is the first version, with all of its dates."""
    query = Counted.find_one({"name": "new"})
    done = await query.replace(Counted(name="new", size=3), upsert=True)
    found = await query
    assert found is not None

    assert found.id == done.upserted_id
    assert (found.size, found.version) == (3, 1)
    assert found.created_at == found.updated_at is not None  # type: ignore[attr-defined]


async def test_a_patch_that_fails_leaves_nothing(one_database: DataBase) -> None:
    """After a refused value or a conflict, the document is as it was before."""
    made = await Counted(name="a").insert()
    stale = await Counted.get(made.id)
    assert stale is not None
    before, known = dict(stale.__dict__), set(stale.model_fields_set)
    await made.patch({"size": 2})
    with pytest.raises(errors.VersionConflictError) as caught:
        await stale.patch(Body(name="b", size=3))
    with pytest.raises(errors.FieldError, match=r"Counted\.size"):
        await stale.patch(Body(name="b", size="large"))
    with pytest.raises(errors.UnknownFieldError, match="nmae"):
        await stale.patch({"nmae": "b", "name": "b"})

    assert caught.value.current == made
    assert stale.__dict__ == before
    assert stale.model_fields_set == known


async def test_one_of_many_tasks_wins(database: DataBase) -> None:
    """Of tasks that save what they read, each conflict carries a later version."""
    made = await Counted(name="a").insert()
    read = [await Counted.get(made.id) for _ in range(8)]

    async def save(one: Any) -> Any:
        one.size += 1
        try:
            return await one.save()
        except errors.VersionConflictError as error:
            return error

    done = await asyncio.gather(*map(save, read))
    conflicts = [one for one in done if isinstance(one, errors.VersionConflictError)]

    assert len(conflicts) == 7
    assert {(one.current.version, one.current.size) for one in conflicts} == {(2, 1)}
    assert {one.version for one in read if one.size == 1} <= {1, 2}


async def test_bulk_takes_lists(one_database: DataBase) -> None:
    """Lists and generators of documents and writes stand for what is in them."""
    done = await Box.bulk(
        [Box(label="a"), Box(label="b")],
        (Box(label=one) for one in "cd"),
        [Box.find({"label": "a"}).delete(), [Box.find({"label": "b"}).delete()]],
    )

    assert (done.inserted, done.deleted) == (4, 2)


@pytest.mark.parametrize("odd", [3, "abc", {"label": "a"}, None])
def test_bulk_refuses_other_things(one_database: DataBase, odd: Any) -> None:
    """What is no write is refused by its type, and no value is shown."""
    with pytest.raises(errors.QueryError, match=f"a {type(odd).__name__} cannot be"):
        Box.bulk(odd)
    with pytest.raises(errors.QueryError, match="a Find cannot be"):
        Box.bulk([Box.find()])


@pytest.mark.parametrize("many", [Box.insert_all, Box.insert_many])
async def test_progress_knows_the_whole(one_database: DataBase, many: Any) -> None:
    """Progress is told how many are done, and of how many if it takes that, too."""
    told: list[Any] = []
    boxes = [Box(label=str(number)) for number in range(30)]

    await many(boxes, progress=lambda done, total: told.append((done, total)))
    await many([Box(), Box()], progress=told.append)
    await many([Box()], progress=lambda *all: told.append(all))
    assert told == [(30, 30), 2, (1, 1)]


async def test_progress_of_what_has_no_length(one_database: DataBase) -> None:
    """The number of documents that come one by one is not known."""
    told: list[Any] = []
    await Box.insert_all(
        (Box() for _ in range(3)), progress=lambda *all: told.append(all)
    )

    assert told == [(3, None)]


class Loose(Document):
    """Keeps what it does not declare, and so does what it embeds."""

    model_config = ConfigDict(extra="allow")
    size: int = 0
    part: Inside | None = None

    class Settings:
        name = "loose"


class Inside(BaseModel):
    """Keeps it, too."""

    model_config = ConfigDict(extra="allow")
    size: int = 0


Loose.model_rebuild()


async def test_what_is_unpickled_sends_only_changes(
    one_database: DataBase, sent: list[Any]
) -> None:
    """A document from a pickle knows what was read: its save sends what has changed."""
    box = await Box(label="a", meta={"x": 1}).insert()
    again = pickle.loads(pickle.dumps(await Box.get(box.id)))
    again.items.append(1)
    sent.clear()
    await again.save()

    assert [body["updates"][0]["u"] for body in sent] == [{"$set": {"items": [1]}}]


async def test_undeclared_keys_that_are_deleted_are_unset(database: DataBase) -> None:
    """Where undeclared keys are kept, one that is deleted is unset, at any depth."""
    part = Inside.model_validate({"size": 1, "old": 2, "with.dot": 3})
    made = await Loose.model_validate({"old": 1, "kept": 2, "part": part}).insert()
    loose = await Loose.get(made.id)
    assert loose is not None
    del loose.old  # type: ignore[attr-defined]
    del loose.part.old  # type: ignore[union-attr]
    await loose.save()
    stored = await Loose.get(made.id).raw()

    assert stored == {
        "_id": made.id,
        "size": 0,
        "kept": 2,
        "part": {"size": 1, "with.dot": 3},
    }


@pytest.mark.parametrize("known", [True, False], ids=["read", "not read"])
async def test_a_key_that_no_path_leads_to_is_not_stored_elsewhere(
    one_database: DataBase, known: bool
) -> None:
    """A changed key with a dot is refused by save, and stored by a replacement."""
    loose = await Loose.model_validate({"a.b": 1, "size": 1}).insert()
    changed = Loose.model_validate({"_id": loose.id, "a.b": 2, "size": 1})
    if known:
        changed = loose.model_copy()
        setattr(changed, "a.b", 2)
    with pytest.raises(errors.DocumentInsertError, match=r"Loose\.'a\.b' changed"):
        await changed.save()
    await Loose.get(loose.id).replace(changed)

    assert (await Loose.get(loose.id).raw() or {})["a.b"] == 2


async def test_a_bulk_stores_anew_what_is_gone(database: DataBase) -> None:
    """As save does, whole; what is still there is saved; nothing is stored twice."""
    boxes = [await Box(label=label, items=[1]).insert() for label in "abc"]
    await Box.get(boxes[1].id).delete()
    for box in boxes:
        box.meta = {"x": 1}
    done = await bulk(boxes)

    assert (done.matched, dict(done.upserted_ids)) == (2, {1: boxes[1].id})
    assert await Box.find().sort("label") == boxes


async def test_a_refused_save_in_a_bulk_is_not_taken_for_stored(
    database: DataBase,
) -> None:
    """The document whose save was refused sends its change again at the next one."""
    slots = [await Slot(number=number).insert() for number in (1, 2)]
    slots[0].number = 2
    with pytest.raises(errors.BulkWriteError) as caught:
        await bulk(slots)
    await Slot.get(slots[1].id).delete()
    await slots[0].save()

    assert caught.value.conflicts == {}
    assert [one.number for one in await Slot.find()] == [2]


@pytest.mark.parametrize("way", ["upsert", "update", "and_update", "replace", "bulk"])
async def test_indexes_are_there_before_the_first_document(
    database: DataBase, way: str
) -> None:
    """A class made after connect has its indexes, however it is first written."""

    class Late(Document):
        key: Annotated[str, Index(unique=True)]

        class Settings:
            name = f"late_{way}"

    one, made = Late.find({"key": "a"}).first(), Late(key="a")
    ways: dict[str, Any] = {
        "upsert": lambda: one.upsert(insert=made),
        "update": lambda: one.update({"key": "a"}, upsert=True),
        "and_update": lambda: one.and_update({"key": "a"}, upsert=True),
        "replace": lambda: one.replace(made, upsert=True),
        "bulk": lambda: bulk(made),
    }
    await ways[way]()

    found = await database.get_existing_indexes(f"late_{way}")
    assert sorted(found) == ["_id_", "key_1"]


async def boxes(count: int, bad: int | None = None) -> AsyncIterator[Box]:
    """Boxes that come one by one, one of them spoilt."""
    for number in range(count):
        box = Box(label=str(number))
        if number == bad:
            box.label = None  # type: ignore[assignment]
        yield box


async def test_documents_may_come_asynchronously(one_database: DataBase) -> None:
    """What is read with ``async for`` is stored as it comes."""
    done: list[int] = []
    ids = await Box.insert_all(boxes(10_500), progress=done.append)

    assert (len(ids), await Box.count(), done) == (10_500, 10_500, [10_000, 10_500])


async def test_a_document_that_cannot_be_encoded_is_numbered(
    one_database: DataBase,
) -> None:
    """The error says which of all it is, and what was stored before it."""
    with pytest.raises(errors.EncodeError) as caught:
        await Box.insert_all(boxes(10_200, bad=10_100))
    assert caught.value.__notes__[0] == "this is document 10100"
    assert "'nInserted': 10000" in caught.value.__notes__[1]

    spoilt = [one async for one in boxes(4, bad=2)]
    with pytest.raises(errors.EncodeError) as caught:
        await Box.insert_all(spoilt)
    assert caught.value.__notes__ == ["this is document 2"]
    assert await Box.count() == 10_000


@pytest.mark.parametrize("wrong", [{"size": 0}, {"size": "many"}, 5], ids=repr)
@pytest.mark.parametrize("insert", ["insert_many", "insert_all"])
async def test_a_document_that_is_none_is_numbered(
    one_database: DataBase, insert: str, wrong: Any
) -> None:
    """The error for what is no document says which of all it is; none is stored."""
    given = [Limited(), Limited(), wrong]
    with pytest.raises((ValueError, TypeError, errors.QueryError)) as caught:
        await getattr(Limited, insert)(given)

    assert caught.value.__notes__ == ["this is document 2"]
    assert await Limited.count() == 0


async def test_what_was_stored_before_documents_ended_is_told(
    one_database: DataBase,
) -> None:
    """An error of whoever gives the documents says how many were stored before."""

    def failing() -> Iterator[Box]:
        yield from (Box() for _ in range(10_001))
        raise LookupError("no more")

    with pytest.raises(LookupError) as caught:
        await Box.insert_all(failing())
    assert "'nInserted': 10000" in caught.value.__notes__[0]


async def test_a_taken_key_is_a_duplicate_however_it_is_written(
    database: DataBase,
) -> None:
    """Find-and-modify says so, too, whatever code a server has for it."""
    for number in (1, 2):
        await Slot(number=number).insert()
    one = Slot.find({"number": 1}).first()
    for write in (
        one.and_update({"number": 2}),
        one.and_replace(Slot(number=2)),
        one.update({"number": 2}),
    ):
        with pytest.raises(errors.DuplicateKeyError) as caught:
            await write
        assert caught.value.code == 11000


def test_a_replacement_is_a_document(one_database: DataBase) -> None:
    """A dict is refused: it would be stored without what the class makes of it."""
    one = Slot.find().first()
    for replace in (one.replace, one.and_replace):
        with pytest.raises(errors.QueryError, match="a Slot is needed"):
            replace({"number": 1})


async def test_a_bulk_shows_its_commands(
    one_database: DataBase, sent: list[Any]
) -> None:
    """One after another as they are sent; nothing is stored, or taken for stored."""
    kept = await Box(label="a").insert()
    kept.label = "b"
    writes = bulk(
        Box(label="c"),
        Box(label="d"),
        kept,
        Box.find(Box.path("label") == "d").update({"label": "e"}),
        Box.find(Box.path("label") == "e").delete(),
    )
    sent.clear()
    shown = writes.command()
    assert sent == []
    await writes

    names = ["insert", "update", "update", "delete"]
    assert [next(iter(body)) for body in sent] == names
    assert [next(iter(body)) for body in shown] == names
    assert [len(one) for one in map(_statements, shown)] == [2, 1, 1, 1]
    assert _statements(shown[1])[0]["u"] == {"$set": {"l": "b"}}
    assert {one.label for one in await Box.find()} == {"b", "c"}


def _statements(command: dict[str, Any]) -> list[Any]:
    kinds = ("documents", "updates", "deletes")
    return next(command[one] for one in kinds if one in command)


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda one: setattr(one, "size", 0), "size"),
        (lambda one: setattr(one, "name", "much too long"), "name"),
        (lambda one: setattr(one.limits[0], "least", -1), "limits.0.least"),
        (lambda one: setattr(one, "code", "ABC"), "code"),
    ],
    ids=["range", "length", "embedded", "validator"],
)
async def test_a_save_leaves_what_can_be_read(
    one_database: DataBase, spoil: Any, path: str
) -> None:
    """A save that nobody could read again is refused, and the document stays."""
    limited = await Limited().insert()
    spoil(limited)

    with pytest.raises(errors.EncodeError) as caught:
        await limited.save()

    assert caught.value.path == path
    assert (await Limited.get(limited.id)).name == ""


@pytest.mark.parametrize(
    "write",
    [
        lambda one: one.insert(),
        lambda one: one.save(),
        lambda one: Limited.insert_all([Limited(), one]),
        lambda one: Limited.bulk(one),
        lambda one: Limited.upsert(one, "code"),
        lambda one: Limited.find_one(Limited.code == "abc").replace(one),
    ],
    ids=["insert", "save", "insert_all", "bulk", "upsert", "replace"],
)
async def test_nothing_is_stored_that_could_not_be_read(
    one_database: DataBase, write: Any
) -> None:
    """Whatever way an instance goes, and nothing of it arrives."""
    limited = Limited()
    limited.size = 0

    with pytest.raises(errors.EncodeError) as caught:
        await write(limited)

    assert caught.value.path == "size"
    assert await Limited.count() == 0
