"""Indexes of every kind; what is declared against what the server has."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import pymongo
import pytest
from pydantic import BaseModel

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    Index,
    IntegerField,
    Stored,
    StringField,
    errors,
)
from mongolane.documents.index_plan import planned
from mongolane.documents.index_specs import declared_indexes
from mongolane.schema import describe


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Classes of a test are gone after it."""
    yield
    gc.collect()


def specs(cls: Any) -> dict[str, dict[str, Any]]:
    """What a class declares, by name."""
    return {one["name"]: one for one in declared_indexes(describe(cls))}


def test_every_kind_from_annotations() -> None:
    """Each kind of index can be declared on a field, at any depth of embedding."""

    class Address(EmbeddedDocument):
        city: Annotated[str, Stored("c"), Index()] = ""

    class Kinds(Document):
        up: Annotated[int, Index()] = 0
        down: Annotated[int, Index(direction=-1)] = 0
        body: Annotated[str, Index(direction="text", weights={"body": 3})] = ""
        place: Annotated[Any, Index(direction="2dsphere")] = None
        flat: Annotated[Any, Index(direction="2d", min=-10, max=10)] = None
        shard: Annotated[str, Stored("s"), Index(direction="hashed")] = ""
        seen: Annotated[Any, Index(expire_after_seconds=timedelta(hours=1))] = None
        code: Annotated[str, Index(unique=True, sparse=True)] = ""
        nick: Annotated[
            str, Index(collation={"locale": "pt", "strength": 1}, hidden=True)
        ] = ""
        home: Address | None = None
        homes: list[Address] = []  # noqa: RUF012 (pydantic copies it)
        level = IntegerField(unique=True, index=Index(direction=-1))

    found = specs(Kinds)

    assert {name: one["key"] for name, one in found.items()} == {
        "up_1": {"up": 1},
        "down_-1": {"down": -1},
        "body_text": {"body": "text"},
        "place_2dsphere": {"place": "2dsphere"},
        "flat_2d": {"flat": "2d"},
        "s_hashed": {"s": "hashed"},
        "seen_1": {"seen": 1},
        "code_1": {"code": 1},
        "nick_1": {"nick": 1},
        "home.c_1": {"home.c": 1},
        "homes.c_1": {"homes.c": 1},
        "level_unique": {"level": -1},
    }
    assert found["body_text"]["weights"] == {"body": 3}
    assert found["seen_1"]["expireAfterSeconds"] == 3600
    assert found["code_1"]["unique"] is found["code_1"]["sparse"] is True
    assert found["nick_1"]["hidden"] is True
    assert found["nick_1"]["collation"]["strength"] == 1


def test_every_kind_from_settings() -> None:
    """Compound, partial and wildcard indexes are declared by names; keys are stored."""

    class Kinds(Document):
        name: Annotated[str, Stored("n")] = ""
        age: Annotated[int, Stored("a")] = 0
        extra: dict[str, Any] = {}  # noqa: RUF012 (pydantic copies it)

        class Settings:
            indexes = (
                "name",
                Index("name", "-age", unique=True),
                Index(("name", "text"), ("age", 1)),
                Index("age", partial_filter_expression={"age": {"$gt": 17}}),
                Index("$**", wildcardProjection={"extra": 1}),
                Index("extra.$**"),
            )

    found = specs(Kinds)

    assert list(found) == [
        "n_1", "n_1_a_-1", "n_text_a_1", "a_1", "$**_1", "extra.$**_1",
    ]  # fmt: skip
    assert found["n_1_a_-1"]["unique"] is True
    assert found["a_1"]["partialFilterExpression"] == {"a": {"$gt": 17}}


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Index(direction="sideways"), "sideways"),
        (lambda: Index("a", uniqe=True), "uniqe"),
        (lambda: Index("a", "b", expireAfterSeconds=5), "expireAfterSeconds"),
        (lambda: Index("a", expireAfterSeconds="soon"), "soon"),
        (lambda: Index("a", expireAfterSeconds=-1), "-1"),
        (lambda: Index(("a", "hashed"), unique=True), "hashed"),
        (lambda: Index("a", "-a"), "twice"),
        (lambda: Index(""), "no name"),
        (lambda: Index(5), "5"),
        (lambda: Index("a", unique="yes"), "unique is True or False, not 'yes'"),
        (lambda: Index("a", sparse=1), "sparse"),
        (lambda: Index("a", hidden="no"), "hidden"),
        (lambda: Index("a", name=""), "name of an index"),
        (lambda: Index("a", name=3), "name of an index"),
        (lambda: Index("a", name="_id_"), "_id_"),
        (lambda: Index("a", partialFilterExpression=3), "partialFilterExpression"),
        (lambda: Index("a", sparse=True, partialFilterExpression={}), "not both"),
        (lambda: Index("a", collation={"strength": 2}), "locale"),
        (lambda: Index("a", weights={"a": 2}), "direction 'text'"),
        (lambda: Index(("a", "text"), weights={"a": 0}), "weights"),
        (lambda: Index(("a", "text"), weights="a"), "weights"),
        (lambda: Index(("a", "text"), collation="de"), "simple collation"),
        (lambda: Index("a", bits=3), "direction '2d'"),
        (lambda: Index("a", default_language="de"), "direction 'text'"),
        (lambda: Index(("a", "hashed"), ("b", "hashed")), "one hashed"),
        (lambda: Index(("a", "2dsphere"), expireAfterSeconds=3), "direction 1 or -1"),
        (lambda: Index("a", expireAfterSeconds=2**31), "number of seconds"),
        (lambda: Index("$**", unique=True), "wildcard index takes no unique"),
        (lambda: Index("a.$**", expireAfterSeconds=3), "wildcard"),
        (lambda: Index(("$**", "hashed")), "wildcard"),
        (lambda: Index("a", wildcardProjection={"b": 1}), "wildcardProjection"),
        (lambda: Index("_id", unique=True), "index of _id"),
        (lambda: Index("-id"), "index of _id"),
    ],
)
def test_invalid_indexes_are_refused(make: Any, named: str) -> None:
    """An index that no server would take is refused where it is declared."""
    with pytest.raises(errors.ConfigurationError, match=named):
        make()


@pytest.mark.parametrize(
    ("indexes", "named"),
    [
        ("name", "is a list"),
        ({"fields": ["name"]}, "is a list"),
        ([3], "3 is no index"),
        ([{"unique": True}], "names its fields"),
        ([{"fields": ["name"], "uniqe": True}], "uniqe"),
        ([("name", {"unique": True})], "Odd: "),
        ([Index()], "names its fields"),
        ([{"fields": ["name"], "unique": 1}], "unique is True or False"),
    ],
)
def test_invalid_settings_name_the_class(indexes: Any, named: str) -> None:
    """Indexes in settings that cannot be meant stop the class, with its name."""
    with pytest.raises(errors.ConfigurationError, match=f"Odd: .*{named}|{named}"):

        class Odd(Document):
            name: str = ""
            Settings = type("Settings", (), {"indexes": indexes})

    with pytest.raises(errors.ConfigurationError, match=r"^Odd: "):

        class Odd(Document):  # type: ignore[no-redef]
            name: str = ""
            Settings = type("Settings", (), {"indexes": indexes})


def test_annotated_indexes_of_several_fields() -> None:
    """An annotated index may name its fields; a wildcard is of what is below."""

    class Place(EmbeddedDocument):
        city: Annotated[str, Stored("c"), Index("city", "-zip")] = ""
        zip: str = ""

    class Several(Document):
        name: Annotated[str, Stored("n"), Index("name", "-age", unique=True)] = ""
        age: int = 0
        extra: Annotated[dict[str, Any], Stored("x"), Index("$**")] = {}  # noqa: RUF012
        place: Place | None = None

    assert {name: one["key"] for name, one in specs(Several).items()} == {
        "n_1_age_-1": {"n": 1, "age": -1},
        "x.$**_1": {"x.$**": 1},
        "place.c_1_place.zip_-1": {"place.c": 1, "place.zip": -1},
    }


def test_other_ways_to_write_an_index() -> None:
    """PyMongo's models, the server's own form, and a locale are understood."""

    class Ways(Document):
        a: int = 0
        b: Annotated[str, Stored("bb")] = ""

        class Settings:
            indexes = (
                pymongo.IndexModel([("a", -1)], name="model", sparse=True),
                {"key": {"b": 1, "a": 1}, "name": "own"},
                Index("b", collation="de"),
            )

    found = specs(Ways)

    assert found["model"] == {"key": {"a": -1}, "name": "model", "sparse": True}
    assert found["own"]["key"] == {"bb": 1, "a": 1}
    assert found["bb_1"]["collation"] == {"locale": "de"}


async def test_a_rebuild_that_fails_leaves_what_was(one_database: DataBase) -> None:
    """An index that cannot be rebuilt is put back, and nothing else is dropped."""

    class Twice(Document):
        a: Annotated[int, Index(unique=True)] = 0

        class Settings:
            name = "twice"

    twice = one_database.client[one_database.name]["twice"]
    await twice.create_index("a")
    await twice.create_index("b", name="other")
    await twice.insert_many([{"a": 1}, {"a": 1}])
    with pytest.raises(errors.DuplicateKeyError) as caught:
        await one_database.sync_indexes(Twice, drop=True)

    assert "rebuild a_1" in caught.value.__notes__[0]
    left = await one_database.indexes.existing("twice", one_database)
    assert set(left) == {"_id_", "a_1", "other"}
    assert "unique" not in left["a_1"]


def test_what_the_server_adds_is_no_difference() -> None:
    """Versions, defaults and a text index's own keys make no difference."""
    wanted = [
        {"key": {"b": "text"}, "name": "b_text", "weights": {"b": 2}},
        {"key": {"c": 1}, "name": "c_1", "collation": {"locale": "pt"}},
        {"key": {"d": 1}, "name": "d_1", "unique": False},
    ]
    existing = [
        {"v": 2, "key": {"_id": 1}, "name": "_id_"},
        {
            "v": 2, "key": {"_fts": "text", "_ftsx": 1}, "name": "b_text",
            "weights": {"b": 2}, "default_language": "english",
            "language_override": "language", "textIndexVersion": 3,
        },
        {
            "v": 2, "key": {"c": 1}, "name": "c_1",
            "collation": {"locale": "pt", "strength": 3, "caseLevel": False},
        },
        {"v": 2, "key": {"d": 1}, "name": "other name", "ns": "x.y"},
    ]  # fmt: skip

    assert planned("things", wanted, existing) == []
    changed = [{**wanted[0], "weights": {"b": 9}}, *wanted[1:]]
    (step,) = planned("things", changed, existing)
    assert step.action == "rebuild"
    assert "weights" in str(step)


def test_projections_of_wildcards_are_the_same_however_they_are_spelt() -> None:
    """Paths or nested documents, numbers or booleans, with the usual _id or without."""
    wanted = {"key": {"$**": 1}, "name": "w", "wildcardProjection": {"a": 0, "b.c": 0}}
    listed = {"a": False, "b": {"c": False}, "_id": False}

    assert planned("c", [wanted], [{**wanted, "wildcardProjection": listed}]) == []
    for other in ({"a": 0}, {"a": 1, "b.c": 1}, {"a": 0, "b.c": 0, "_id": 1}):
        (step,) = planned("c", [wanted], [{**wanted, "wildcardProjection": other}])
        assert step.action == "rebuild"


def test_options_of_embedded_indexes_lie_where_the_class_lies() -> None:
    """Names in options are the class's; each place of a class has its own index."""

    class Spot(EmbeddedDocument):
        city: Annotated[
            str,
            Stored("c"),
            Index(
                name="by_city",
                partialFilterExpression={"city": {"$gt": ""}, "$or": [{"zip": "1"}]},
            ),
        ] = ""
        zip: Annotated[str, Stored("z")] = ""
        note = StringField(index=True)
        once = StringField(unique=True)

    class Text(BaseModel):
        body: Annotated[
            str, Stored("b"), Index(direction="text", weights={"body": 4})
        ] = ""

    class Mover(Document):
        old: Spot
        new: Annotated[list[Spot], Stored("n")]
        about: Text | int
        name: Annotated[str, Stored("nm")]

        class Settings:
            indexes = [Index("$**", wildcardProjection={"name": 1, "old.city": 1})]  # noqa: RUF012

    found = specs(Mover)
    partial = {"n.c": {"$gt": ""}, "$or": [{"n.z": "1"}]}
    assert found["n.by_city"] == {
        "key": {"n.c": 1}, "name": "n.by_city", "partialFilterExpression": partial,
    }  # fmt: skip
    assert found["about.b_text"]["weights"] == {"about.b": 4}
    assert found["$**_1"]["wildcardProjection"] == {"nm": 1, "old.c": 1}
    assert set(found) == {
        "old.by_city", "n.by_city", "old.note_1", "n.note_1", "about.b_text", "$**_1",
    }  # fmt: skip


def test_weights_of_a_class_have_its_names() -> None:
    """A text index of several fields takes attributes' names in its weights."""

    class Page(Document):
        title: Annotated[str, Stored("t")]
        body: Annotated[str, Stored("b")]

        class Settings:
            indexes = [  # noqa: RUF012
                Index(("title", "text"), ("body", "text"), weights={"title": 3})
            ]

    assert specs(Page)["t_text_b_text"]["weights"] == {"t": 3}


async def test_a_plan_is_shown_before_it_is_done(database: DataBase) -> None:
    """The plan tells what is created, changed and dropped, and does nothing."""

    class Thing(Document):
        name: Annotated[str, Index(unique=True)] = ""
        seen: Annotated[Any, Index(expireAfterSeconds=3600)] = None
        age: Annotated[int, Index()] = 0

        class Settings:
            name = f"planned_things_{database.name}"

    things = database.client[database.name][f"planned_things_{database.name}"]
    await things.create_index("seen", expireAfterSeconds=60)
    await things.create_index("age", unique=True)
    await things.create_index("foreign")
    plan = await database.plan_indexes(Thing)

    assert [(one.action, one.name) for one in plan] == [
        ("create", "name_1"),
        ("modify", "seen_1"),
        ("rebuild", "age_1"),
        ("drop", "foreign_1"),
    ]
    assert str(plan).splitlines() == [
        f"planned_things_{database.name}",
        "  + create  name_1  {name: 1} unique",
        "  ~ modify  seen_1  {seen: 1} expireAfterSeconds: 60 -> 3600",
        "  ! rebuild age_1  {age: 1} unique: True -> False",
        "  - drop    foreign_1  {foreign: 1}",
    ]
    again = await database.plan_indexes(Thing)
    assert again == plan


async def test_a_sync_shows_its_plan_first(one_database: DataBase) -> None:
    """Whoever is shown the plan sees it before anything is done, and may stop it."""

    class Shown(Document):
        name: Annotated[str, Index()] = ""

        class Settings:
            name = "shown"

    def refuse(plan: Any) -> None:
        raise InterruptedError(str(plan))

    with pytest.raises(InterruptedError, match="create  name_1"):
        await one_database.sync_indexes(Shown, show=refuse)
    assert await one_database.plan_indexes(Shown)
    told: list[bool] = []
    await one_database.sync_indexes(Shown, show=lambda plan: told.append(bool(plan)))
    await one_database.sync_indexes(Shown, show=lambda plan: told.append(bool(plan)))
    assert told == [True, False]


async def test_sync_drops_only_when_told(database: DataBase) -> None:
    """Without consent nothing is dropped; with it, the server is as declared."""

    class Thing(Document):
        name: Annotated[str, Index(unique=True)] = ""
        age: Annotated[int, Index()] = 0
        seen: Annotated[Any, Index(expireAfterSeconds=3600)] = None

        class Settings:
            name = f"synced_things_{database.name}"

    things = database.client[database.name][f"synced_things_{database.name}"]
    await things.create_index("age", unique=True)
    await things.create_index("foreign")
    await things.create_index("seen", expireAfterSeconds=60)
    first = await database.sync_indexes(Thing)
    kept = await things.index_information()

    left = {one.name for one in first.left}
    assert {"age_1", "foreign_1"} <= left <= {"age_1", "foreign_1", "seen_1"}
    assert {"name_1", "age_1", "foreign_1", "seen_1"} <= set(kept)
    assert kept["age_1"]["unique"] is True

    second = await database.sync_indexes(Thing, drop=True)
    now = await things.index_information()
    assert second.left == ()
    assert set(now) == {"_id_", "name_1", "age_1", "seen_1"}
    assert now["seen_1"]["expireAfterSeconds"] == 3600
    assert not now["age_1"].get("unique")
    assert not await database.plan_indexes(Thing)
    assert str(await database.plan_indexes(Thing)) == "all indexes are as declared"


async def test_classes_of_one_collection_share_its_indexes(database: DataBase) -> None:
    """What another class on the collection declares is not dropped."""

    class One(Document):
        a: Annotated[int, Index()] = 0

        class Settings:
            name = f"shared_indexes_{database.name}"

    class Other(Document):
        b: Annotated[int, Index()] = 0

        class Settings:
            name = f"shared_indexes_{database.name}"

    await database.sync_indexes(One, drop=True)
    await database.sync_indexes(Other, drop=True)
    found = await DataBase.get_existing_indexes(f"shared_indexes_{database.name}")

    assert set(found) == {"_id_", "a_1", "b_1"}


async def test_clashing_indexes_name_both_classes(
    database: DataBase, caplog: pytest.LogCaptureFixture
) -> None:
    """Two classes that want what excludes itself are named, and nothing is sent."""

    class One(Document):
        a: Annotated[int, Index(unique=True)] = 0

        class Settings:
            name = f"clash_{database.name}"

    class Other(Document):
        a: Annotated[int, Index(expireAfterSeconds=5)] = 0

        class Settings:
            name = f"clash_{database.name}"

    for ask in (database.plan_indexes, database.sync_indexes):
        with pytest.raises(errors.ConfigurationError, match=r"clash.*One.*Other"):
            await ask(One)
    assert await DataBase.get_existing_indexes(f"clash_{database.name}") == {}
    with pytest.raises(errors.ConfigurationError, match=r"clash.*One.*Other"):
        await One.ensure_indexes()

    with caplog.at_level(logging.WARNING, "mongolane"):
        await One(a=1).insert()
        await Other(a=2).insert()
    assert "clash" in caplog.text


async def test_unique_indexes_hold(database: DataBase) -> None:
    """A unique index of an embedded field refuses a second value."""

    class Owner(EmbeddedDocument):
        tax: Annotated[str, Index(unique=True)]

    class Shop(Document):
        owner: Owner
        title = StringField()

    await Shop(owner=Owner(tax="1")).insert()
    with pytest.raises(errors.DuplicateKeyError):
        await Shop(owner=Owner(tax="1")).insert()
