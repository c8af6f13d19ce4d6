"""Stored documents that do not fit, per query; and writes that cannot be meant."""

from __future__ import annotations

import json
import pickle
import traceback
from datetime import datetime
from typing import Annotated, Any

import pytest
from bson import DatetimeMS, MinKey, ObjectId, Regex, Timestamp
from pydantic import BaseModel, SecretStr

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocumentField,
    IntegerField,
    ListField,
    Mapped,
    Stored,
    StringField,
    bulk,
    errors,
    field,
)


class Item(Document):
    """Small and strict."""

    name: str
    size: int = 0
    tags: Mapped[list[str]] = field(default_factory=list)

    class Settings:
        name = "unfit_items"


class Short(BaseModel):
    """Another model."""

    size: int


OLD = {"_id": ObjectId("65f0c1d2e3a4b5c6d7e8f901"), "name": "old", "size": "large"}


@pytest.fixture
async def old(database: DataBase) -> DataBase:
    """A database with a document that does not fit, and one that does."""
    items = database.client[database.name]["unfit_items"]
    await items.insert_one(dict(OLD))
    await Item(name="new").insert()
    return database


async def test_very_many_problems_are_counted(database: DataBase) -> None:
    """A document of misfits gives a short error, not one that is larger than itself."""
    tags = [5] * 20_000
    await database.client[database.name]["unfit_items"].insert_one(
        {"_id": OLD["_id"], "name": "n", "tags": tags}
    )
    with pytest.raises(errors.DocumentDecodeError, match="20000 values") as e:
        await Item.find()

    assert e.value.document_id == OLD["_id"]
    assert e.value.__context__ is None


async def test_raised_with_id_path_and_value(old: DataBase) -> None:
    """Each way of reading raises with the document's id, the path and the value."""
    query = Item.find().sort("name")

    async def iterate() -> None:
        async for _ in Item.find():
            pass

    ways: list[Any] = [
        lambda: Item.find(),
        iterate,
        lambda: query.sort("-name").first(),
        lambda: Item.find_one({"name": "old"}),
        lambda: Item.get(OLD["_id"]),
        lambda: Item.find().project(Short),
        lambda: Item.pipeline([]).to(Item),
        lambda: Item.find().json(),
    ]
    for ask in ways:
        with pytest.raises(errors.DocumentDecodeError, match="size") as caught:
            await ask()
        found = caught.value
        assert (found.document_id, found.path, found.value) == (
            OLD["_id"], "size", "large",
        ) or ask is ways[5]  # fmt: skip
        assert "large" not in str(found)
        assert found.path == "size"


async def test_a_missing_field_has_no_value(database: DataBase) -> None:
    """A missing required field names its path, and None as what stands there."""
    items = database.client[database.name]["unfit_items"]
    await items.insert_one({"_id": OLD["_id"], "size": 1})
    with pytest.raises(errors.DocumentDecodeError, match="name") as caught:
        await Item.find()

    assert (caught.value.path, caught.value.value) == ("name", None)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (copied.path, copied.document_id) == ("name", OLD["_id"])


async def test_deep_values_have_their_path(database: DataBase) -> None:
    """A wrong item of a list is named with its number."""
    items = database.client[database.name]["unfit_items"]
    await items.insert_one({"name": "x", "tags": ["a", 5]})
    with pytest.raises(errors.DocumentDecodeError) as caught:
        await Item.find()

    assert (caught.value.path, caught.value.value) == ("tags.1", 5)


async def test_skipped_and_collected(old: DataBase) -> None:
    """What does not fit is left out, and each error collected once."""
    found: list[errors.DocumentDecodeError] = []
    query = Item.find().on_invalid("skip", found.append)
    rows = await query
    names = [one.name async for one in Item.find().on_invalid("skip")]

    assert [one.name for one in rows] == names == ["new"]
    assert [(one.document_id, one.value) for one in found] == [(OLD["_id"], "large")]
    assert await Item.find_one({"name": "old"}).on_invalid("skip") is None
    assert await Item.get(OLD["_id"]).on_invalid("skip") is None
    assert [one["name"] for one in json.loads(await query.json())] == ["new"]
    assert len(await Item.pipeline([]).to(Item).on_invalid("skip")) == 1
    assert await Item.find().project(Short).on_invalid("skip") == [Short(size=0)]


async def test_given_raw(old: DataBase) -> None:
    """What does not fit is given as it is stored, among the instances."""
    rows = await Item.find().sort("name").on_invalid("raw")
    listed = [one async for one in Item.find().sort("-name").on_invalid("raw")]

    assert isinstance(rows[0], Item)
    assert rows[1] == OLD
    assert listed[0] == OLD
    assert await Item.find_one({"name": "old"}).on_invalid("raw") == OLD
    assert OLD in await Item.pipeline([]).to(Item).on_invalid("raw")
    shown = json.loads(await Item.find().sort("-name").on_invalid("raw").json())
    assert [one["size"] for one in shown] == ["large", 0]


async def test_a_policy_before_the_model(old: DataBase) -> None:
    """A pipeline's policy holds whichever comes first; the last one counts."""
    pipeline = Item.pipeline([{"$sort": {"name": 1}}])

    assert len(await pipeline.on_invalid("skip").to(Item)) == 1
    assert OLD in await pipeline.on_invalid("skip").to(Item).on_invalid("raw")
    with pytest.raises(errors.DocumentDecodeError):
        await pipeline.to(Item).on_invalid("skip").on_invalid("raise")


async def test_find_and_modify(old: DataBase) -> None:
    """What was changed or removed and does not fit is not lost: the error has it."""
    query = Item.find_one({"name": "old"})
    assert await query.and_update({"size": 1}, new=False).on_invalid("raw") == OLD
    await old.client[old.name]["unfit_items"].update_one(
        {"_id": OLD["_id"]}, {"$set": {"size": "large"}}
    )
    found: list[Any] = []
    change = {"$set": {"tags": ["t"]}}
    assert await query.and_update(change).on_invalid("skip", found.append) is None
    with pytest.raises(errors.DocumentDecodeError, match="size") as caught:
        await query.and_delete()

    assert [one.path for one in found] == ["size"]
    assert caught.value.document == {**OLD, "tags": ["t"]}
    assert await Item.find_one({"name": "old"}) is None


SECRET = "s3cr3t-value"


class Told(Document):
    """Fields of each style, whose errors might quote a value."""

    name = StringField(max_length=5)
    sizes = ListField(IntegerField())
    part = EmbeddedDocumentField(Item)
    token: Annotated[SecretStr | None, Stored(secret="plain")] = None
    either: int | list[int] = 0
    at: datetime | None = None


@pytest.mark.parametrize(
    ("stored", "path"),
    [
        ({"name": SECRET}, "name"),
        ({"sizes": [1, SECRET]}, "sizes"),
        ({"part": {"name": "a", "size": SECRET}}, "part"),
        ({"token": {"a": SECRET}}, "token"),
        ({"either": SECRET}, "either"),
        ({"either": [1, SECRET]}, "either.1"),
        ({"at": SECRET}, "at"),
    ],
)
async def test_no_value_reaches_a_log(
    database: DataBase, stored: dict[str, Any], path: str
) -> None:
    """Neither message nor traceback quotes a stored value; the path leads to it."""
    await database.client[database.name]["told"].insert_one(dict(stored))
    with pytest.raises(errors.DocumentDecodeError) as caught:
        await Told.find()
    with pytest.raises(errors.DocumentDecodeError) as in_json:
        await Told.find().json()

    for error in (caught.value, in_json.value):
        assert SECRET not in "".join(traceback.format_exception(error))
        assert error.__cause__ is error.__context__ is None
        assert path in [where for where, _ in error.problems]
    assert caught.value.value is None or path != "token"


async def test_json_of_those_that_fit_stays(database: DataBase) -> None:
    """One that does not fit changes nothing in the JSON of the others."""

    class Free(Document):
        n: int
        seen: Any = None

        class Settings:
            name = "unfit_free"

    rows = database.client[database.name]["unfit_free"]
    await rows.insert_one({"n": 1, "seen": [OLD["_id"], 1.5]})
    (before,) = json.loads(await Free.find().json())
    await rows.insert_one({"n": "many"})
    query = Free.find().sort("n")

    assert json.loads(await query.on_invalid("skip").json()) == [before]
    assert json.loads(await query.on_invalid("raw").json())[0] == before


class Loose(Document):
    """Anything, beside a number."""

    number: float = 0.0
    anything: Any = None


class Looser(Loose):
    """Lets ``Loose`` be read as one of several classes."""


async def test_json_of_what_pydantic_reads(database: DataBase) -> None:
    """Values of BSON's own types have one form, whether or not the plan reads them."""
    values = [ObjectId(), Regex("a", "i"), Timestamp(1, 2), MinKey(), DatetimeMS(2**60)]
    raw = database.client[database.name]["loose"]
    for value in values:
        await raw.insert_one({"number": 1.0, "anything": [value, {"a": value}]})
    by_plan = json.loads(await Loose.find().raw().json())
    await raw.update_many({}, {"$set": {"number": "1"}})
    by_pydantic = json.loads(await Loose.find().json())
    leniently = json.loads(await Loose.find().on_invalid("skip").json())

    told = [one["anything"] for one in by_plan]
    assert [one["anything"] for one in by_pydantic] == told
    assert [one["anything"] for one in leniently] == told


@pytest.mark.parametrize("policy", ["ignore", "", None, "RAW"])
def test_unknown_policies(policy: Any) -> None:
    """A policy that is none is refused, by each kind of query."""
    for query in (Item.find(), Item.find_one({}), Item.pipeline([])):
        with pytest.raises(errors.QueryError, match="raise, skip or raw"):
            query.on_invalid(policy)


@pytest.mark.parametrize(
    "change",
    [
        {"$set": {"_id": ObjectId()}},
        {"$set": {"id": str(ObjectId())}},
        {"_id": ObjectId()},
        {"$inc": {"_id": 1}},
        {"$unset": {"_id": ""}},
        [{"$set": {"_id": 1}}],
        [{"$unset": "_id"}],
    ],
)
def test_updates_that_would_change_the_id(change: Any) -> None:
    """A change of _id is refused before anything is sent, by each kind of update."""
    query = Item.find()
    for ask in (query.update, query.first().update, query.first().and_update):
        with pytest.raises(errors.QueryError, match="_id"):
            ask(change)
    query.command()


async def test_replacements_keep_the_id(database: DataBase) -> None:
    """A replacement without an id keeps it; one with another id is refused."""
    item = await Item(name="a").insert()
    query = Item.find_one({"name": "a"})
    await query.replace(Item(name="a", size=2))
    assert await Item.get(item.id) == Item(id=item.id, name="a", size=2)
    for other in (
        query.replace(Item(id=ObjectId(), name="a")),
        query.and_replace(Item(id=ObjectId(), name="a")),
    ):
        with pytest.raises(errors.ServerError, match="_id"):
            await other

    await query.replace(Item(id=item.id, name="a", size=3))
    assert await Item.get(item.id) == Item(id=item.id, name="a", size=3)


async def test_unanswered_writes_take_no_hint(database: DataBase) -> None:
    """With write concern 0, hint, collation and array filters are refused by name."""
    query = Item.find().with_options(write_concern=0)
    tag = Item.tags.filtered("t")
    writes: dict[str, list[Any]] = {
        "hint": [
            lambda: query.hint("_id_").update({"size": 1}),
            lambda: query.hint("_id_").delete(),
            lambda: query.hint("_id_").first().and_delete(),
            lambda: bulk(query.hint("_id_").delete()),
        ],
        "collation": [
            lambda: query.collation("en").update({"size": 1}),
            lambda: query.collation("en").delete(),
        ],
        "arrayFilters": [
            lambda: query.update(tag.set("b"), array_filters=[tag == "a"])
        ],
    }
    for named, asks in writes.items():
        for ask in asks:
            with pytest.raises(errors.QueryError, match=named):
                await ask()
    assert (await query.update({"size": 1})).matched == 0
