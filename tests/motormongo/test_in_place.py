"""Lists that were changed in place are checked, and hashed, before they are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mongolane import (
    BinaryField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    FloatField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    errors,
)


def hashed(password: str) -> bytes:
    """Reversed, so that hashing twice would show."""
    return b"hashed:" + password[::-1].encode()


WANTED = hashed("hush-hush")


class Key(EmbeddedDocument):
    """A part with secrets."""

    code = BinaryField(hash_function=hashed)
    codes = ListField(BinaryField(hash_function=hashed))


class Ring(Document):
    """Lists of all kinds."""

    name = StringField()
    sizes = ListField(IntegerField())
    grid = ListField(ListField(IntegerField()))
    codes = ListField(BinaryField(hash_function=hashed))
    nested = ListField(ListField(BinaryField(hash_function=hashed)))
    key = EmbeddedDocumentField(Key)
    keys = ListField(EmbeddedDocumentField(Key))
    friends = ListField(ReferenceField("self"))
    marks = ListField(IntegerField(min_value=0, max_value=9))
    weights = ListField(FloatField(max_value=1))
    texts = ListField(StringField(max_length=3))
    words = ListField(ListField(StringField(regex="[a-z]+$")))
    days = ListField(DateTimeField())


class Hinted(Document):
    """The part with secrets, by annotation."""

    keys: list[Key] = []  # noqa: RUF012 (pydantic copies it)


async def insert(ring: Any) -> None:
    await ring.insert()


async def insert_one(ring: Any) -> None:
    await type(ring).insert_one(ring)


async def insert_many(ring: Any) -> None:
    await type(ring).insert_many([ring])


async def save(ring: Any) -> None:
    await ring.save()


async def save_again(ring: Any) -> None:
    new = type(ring)()
    await new.save()
    for name, value in ring.__dict__.items():
        if name != "id" and value is not None:
            setattr(new, name, [] if isinstance(value, list) else value)
            if isinstance(value, list):
                getattr(new, name).extend(value)
    await new.save()
    await new.save()


async def replacement(ring: Any) -> None:
    await type(ring).insert_one()
    await type(ring).find_one_and_replace({}, ring)


WRITES = [insert, insert_one, insert_many, save, save_again, replacement]


def flat(value: Any) -> list[Any]:
    """The leaves of a document."""
    if isinstance(value, (dict, list)):
        items = value.values() if isinstance(value, dict) else value
        return [leaf for one in items for leaf in flat(one)]
    return [value]


@pytest.mark.parametrize("write", WRITES)
async def test_appended_secrets_are_hashed(write: Any, database: DataBase) -> None:
    """Text and dicts put into lists, at any depth, are stored as their hashes."""
    ring = Ring(codes=[], nested=[[]], key={"codes": []}, keys=[])
    ring.codes += ["hush-hush", b"hush-hush"]
    ring.nested[0].append("hush-hush")
    ring.key.codes.append("hush-hush")
    ring.keys.append({"code": "hush-hush", "codes": ["hush-hush"]})
    await write(ring)
    held = await database.client[database.name]["ring"].find_one({}, {"_id": 0})

    assert [bytes(leaf) for leaf in flat(held)] == [WANTED] * 6


@pytest.mark.parametrize("write", WRITES)
async def test_annotated_lists_are_hashed(write: Any, one_database: DataBase) -> None:
    """So is a dict in a list that an annotation declares."""
    hinted = Hinted(keys=[])
    hinted.keys.append({"code": "hush-hush"})  # type: ignore[arg-type]
    await write(hinted)
    held = await one_database.client[one_database.name]["hinted"].find_one(
        {}, {"_id": 0}
    )

    assert {bytes(one["code"]) for one in held["keys"]} == {WANTED}


BAD: list[Callable[[Ring], object]] = [
    lambda ring: ring.sizes.append("x"),
    lambda ring: ring.sizes.append(None),
    lambda ring: ring.grid[0].append("x"),
    lambda ring: ring.grid.append("x"),
    lambda ring: ring.keys.append(5),
    lambda ring: ring.friends.append("no id"),
    lambda ring: ring.marks.append(-1),
    lambda ring: ring.marks.__setitem__(0, 10),
    lambda ring: ring.weights.insert(0, 1.5),
    lambda ring: ring.texts.extend(["abc", "abcd"]),
    lambda ring: ring.words[0].append("A"),
]


@pytest.mark.parametrize("change", BAD)
async def test_what_does_not_fit_is_refused(
    change: Callable[[Ring], object], one_database: DataBase
) -> None:
    """No list is stored that could not be read again; nothing is written."""
    for made in (Ring(), await Ring.insert_one()):
        made.sizes, made.grid, made.keys, made.friends = [1], [[1]], [], []
        made.marks, made.weights, made.texts, made.words = [1], [1], ["a"], [["a"]]
        change(made)
        with pytest.raises(errors.DocumentInsertError) as caught:
            await made.save()

        assert isinstance(caught.value, errors.ListItemTypeError)
    (stored,) = await Ring.find_many({})
    assert stored.sizes is None


@pytest.mark.parametrize("write", [insert, insert_many, save, replacement])
async def test_appended_dates_are_held_as_they_are_read(
    write: Any, one_database: DataBase
) -> None:
    """Naive ones, and those with microseconds, equal what the database gives back."""
    moment = datetime(2024, 5, 1, 12, 0, 0, 123456)  # noqa: DTZ001
    ring = Ring(days=["2024-05-02"])
    ring.days.append(moment)
    await write(ring)
    read = await Ring.find_one()

    assert read is not None
    assert read.days == ring.days
    assert read.days[1] == moment.replace(microsecond=123000, tzinfo=UTC)


async def test_the_applications_list_stays_its_own(database: DataBase) -> None:
    """What was put in is converted in the same list, which can be appended to again."""
    ring = await Ring.insert_one(sizes=[1], codes=[], friends=[])
    codes, friends = ring.codes, ring.friends
    codes.append("hush-hush")
    friends.append(str(ring.id))
    await ring.save()
    codes.append("hush-hush")
    await ring.save()
    read = await Ring.find_one()

    assert read is not None
    assert ring.codes is codes
    assert codes == read.codes == [WANTED, WANTED]
    assert read.friends == friends == [ring.id]
    assert await read.friends == [read]
