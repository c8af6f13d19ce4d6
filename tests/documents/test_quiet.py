"""What a write finds to do inside of documents, and where it need not look."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from mongolane import (
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    IntegerField,
    ListField,
)
from mongolane.documents.quiet import is_quiet, quiet_parts
from mongolane.schema import describe


class Plain(BaseModel):
    """Has nothing that a write sets."""

    name: str = ""
    inner: Plain | None = None


class Dated(EmbeddedDocument):
    """Has a date of its own."""

    at = DateTimeField(auto_now=True)


class Listed(EmbeddedDocument):
    """Says what is in its list."""

    numbers = ListField(IntegerField())


class Deep(BaseModel):
    """Embeds what has a date."""

    parts: dict[str, list[Dated]] = {}


@pytest.mark.parametrize(
    ("held", "quiet"),
    [
        (Plain | None, True),
        (list[Plain], True),
        (dict[str, Plain | int], True),
        (int | str | None, True),
        (Dated | None, False),
        (list[Deep], False),
        (Listed | None, False),
        (Any, False),
    ],
)
def test_quiet_classes(held: Any, quiet: bool) -> None:
    """A class is quiet unless something could be set in what it declares to embed."""
    made: Any = type(Document)(
        "Made",
        (Document,),
        {"__annotations__": {"held": held}, "held": None, "__module__": __name__},
    )

    assert is_quiet(quiet_parts(describe(made))) is quiet


async def test_a_subclass_ends_the_quiet(one_database: DataBase) -> None:
    """An instance of a later subclass gets its dates, although its base has none."""

    class Base(EmbeddedDocument):
        name: str = ""

    class Owner(Document):
        part: Base | None = None

    await Owner.insert_all([Owner(part=Base(name="a"))])

    class Later(Base):
        at = DateTimeField(auto_now=True)

    later: Any = Later(name="b")
    await Owner.insert_all([Owner(part=later)])
    assert later.at is not None


@pytest.mark.parametrize("many", [1, 30])
async def test_many_are_prepared_like_one(one_database: DataBase, many: int) -> None:
    """Documents that are inserted together get what each would get alone."""

    class Kind(Document):
        numbers = ListField(IntegerField())
        at = DateTimeField(auto_now_add=True)

    class Bare(Document):
        name: str = ""

    kinds: list[Any] = [Kind(numbers=[1]) for _ in range(many)]
    bare = [Bare(name=str(number)) for number in range(many)]
    assert await Kind.insert_all(kinds) == [one.id for one in kinds]
    assert await Bare.insert_all(bare) == [one.id for one in bare]

    assert all(one.at is not None for one in kinds)
    assert len({one.id for one in bare}) == many
    assert {"id"} <= bare[0].model_fields_set
    assert await Bare.count() == many


async def test_keys_of_any_type(one_database: DataBase) -> None:
    """A dict with keys that are no text is stored by those that name fields."""

    class Keyed(Document):
        name: str = ""

    odd: Any = {1: "x", "name": "a", None: 3}
    [made], _ = await Keyed.insert_many([odd])

    assert made.name == "a"
    raw = one_database.client[one_database.name]["keyed"]
    assert set(await raw.find_one()) == {"_id", "name"}
