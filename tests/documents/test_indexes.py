"""Indexes are created, and never dropped unless asked."""

from __future__ import annotations

import gc
from typing import Annotated, Any

import pytest

from mongolane import DataBase, Document, Index, StringField, errors
from tests.support.servers import Server


class Base(Document):
    """Declares what its subclass inherits."""

    code = StringField(unique=True)

    class Meta:
        collection = "indexed"
        indexes = (
            {"fields": ["name", ("age", -1)], "unique": False},
            {"fields": ["seen"], "expireAfterSeconds": 60},
            Index("-age", name="by_age"),
        )

    name: Annotated[str, Index(unique=True)] = ""
    age: int = 0
    seen: str = ""


class Child(Base):
    """Has a collection of its own with the same indexes."""

    class Meta:
        collection = "children"


async def existing(database: DataBase, name: str = "indexed") -> dict[str, Any]:
    """The indexes on the server."""
    found = await DataBase.get_existing_indexes(name)
    return {key: one for key, one in found.items() if key != "_id_"}


async def test_indexes_at_connect(database: DataBase) -> None:
    """Unique fields, annotated and Meta indexes exist after connecting."""
    found = await existing(database)

    assert set(found) == {
        "code_unique", "name_1", "name_1_age_-1", "seen_1", "by_age",
    }  # fmt: skip
    assert found["code_unique"]["unique"] is True
    assert found["seen_1"]["expireAfterSeconds"] == 60
    assert set(await existing(database, "children")) == {"code_unique", "name_1"}


async def test_every_start_leaves_the_same(engine: Server, database_name: str) -> None:
    """Start after start, declared indexes stay, and so do those of others."""
    seen = []
    for _ in range(3):
        await DataBase.connect(uri=engine.uri, db=database_name)
        seen.append(set(await existing(DataBase.get())))
        indexed = DataBase.db["indexed"]
        await indexed.create_index("foreign", name="foreign")
        await DataBase.close()

    assert seen[1] == seen[2] == seen[0] | {"foreign"}


async def test_a_shared_collection_is_looked_at_once(
    one_database: DataBase, sent: list[Any]
) -> None:
    """Classes on one collection cost one look at it, and one creation an index."""

    class Shown(Document):
        code = StringField(unique=True)

        class Meta:
            collection = "shared"

    class Hidden(Shown):
        nick: Annotated[str, Index()] = ""

        class Meta:
            collection = "shared"

    await one_database.indexes.ensure_all([Shown, Hidden], one_database)

    assert [next(iter(body)) for body in sent] == [
        "listIndexes",
        *["createIndexes"] * 2,
    ]
    assert set(await existing(one_database, "shared")) == {"code_unique", "nick_1"}


async def test_before_the_first_write_of_a_later_class(database: DataBase) -> None:
    """A class defined after connect has its indexes at its first write."""

    class Late(Document):
        code = StringField(unique=True)

    await Late.insert_one(code="a")
    with pytest.raises(errors.DuplicateKeyError, match="code"):
        await Late.insert_one(code="a")


async def test_dropped_only_when_asked(database: DataBase) -> None:
    """remove_outdated_indexes drops what is not named, but for that of _id."""
    present = await DataBase.get_existing_indexes("indexed")
    await DataBase.remove_outdated_indexes(Base, {"by_age": 1}, present)

    assert set(await existing(database)) == {"by_age"}


def test_a_bad_index_stops_the_class() -> None:
    """An index without fields, or with a wrong direction, is refused and shown."""
    with pytest.raises(errors.ConfigurationError, match="names its fields"):

        class Bad(Document):
            class Meta:
                indexes = ({"unique": True},)

    with pytest.raises(errors.ConfigurationError, match="sideways"):
        Index(direction="sideways")


async def test_an_index_on_an_unknown_field(engine: Server, database_name: str) -> None:
    """An index of an unknown field is refused with the near name."""

    class Odd(Document):
        name: str = ""

        class Meta:
            indexes = ({"fields": ["nam"]},)

    from mongolane.documents.index_specs import declared_indexes
    from mongolane.schema import describe

    with pytest.raises(errors.ConfigurationError, match="'name'"):
        declared_indexes(describe(Odd))
    del Odd
    gc.collect()


async def test_an_index_on_what_documents_hold_undeclared(
    engine: Server, database_name: str
) -> None:
    """A class of field objects may name keys that it does not declare."""

    class Loose(Document):
        title = StringField()

        class Meta:
            indexes = ({"fields": ["temp", ("extra.size", -1)]},)

    await DataBase.connect(uri=engine.uri, db=database_name)
    await Loose.insert_one(title="a")
    found = await DataBase.db["loose"].index_information()
    await DataBase.close()

    assert "temp_1_extra.size_-1" in found
