"""Rows of pipelines that are read as documents, changed, and saved."""

from __future__ import annotations

from typing import Any

import pytest

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntegerField,
    ListField,
    StringField,
)


class Part(EmbeddedDocument):
    """With a default."""

    size: int = 1
    colour: str = ""


class Native(Document):
    """In annotations."""

    name: str = ""
    count: int = 0
    part: Part | None = None
    parts: list[Part] = []  # noqa: RUF012 (pydantic copies it)


class OldPart(EmbeddedDocument):
    """With a default."""

    size = IntegerField(default=1)
    colour = StringField(default="")


class Old(Document):
    """In field objects."""

    name = StringField()
    count = IntegerField(default=0)
    part = EmbeddedDocumentField(OldPart)
    parts = ListField(EmbeddedDocumentField(OldPart), default=list)


def rows(cls: Any, *stages: dict[str, Any]) -> Any:
    if cls is Old:
        return cls.aggregate(list(stages), return_as_list=True)
    return cls.pipeline(list(stages)).to(cls)


PARTLY: list[dict[str, Any]] = [
    {"$project": {"name": 1}},
    {"$project": {"name": 1, "part.colour": 1, "parts.colour": 1}},
    {"$project": {"count": 0, "parts": 0}},
    {"$set": {"count": {"$add": ["$count", 1]}, "other": 1}},
    {"$match": {}},
]


@pytest.mark.parametrize("cls", [Native, Old])
@pytest.mark.parametrize("stage", PARTLY)
async def test_a_save_sends_what_was_changed(
    cls: Any, stage: dict[str, Any], one_database: DataBase
) -> None:
    """Not what was computed, nor defaults for what the pipeline left out."""
    big = {"size": 9, "colour": "red"}
    await cls.insert_one(name="a", count=5, part=big, parts=[big])
    raw = one_database.db[cls.get_collection_name()]
    before = await raw.find_one()
    [row] = await rows(cls, stage)
    row.name = "b"
    await row.save()
    row.count = 7
    await row.save()

    assert await raw.find_one() == {**before, "name": "b", "count": 7}


@pytest.mark.parametrize("cls", [Native, Old])
async def test_a_changed_part_is_sent(cls: Any, one_database: DataBase) -> None:
    """Only what was changed in it."""
    await cls.insert_one(name="a", part={"size": 9, "colour": "red"})
    [row] = await rows(cls, {"$project": {"part.colour": 1}})
    row.part.colour = "blue"
    await row.save()

    found = await cls.find_one()
    assert (found.name, found.part.size, found.part.colour) == ("a", 9, "blue")
