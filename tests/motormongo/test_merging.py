"""A save keeps the keys that embedded classes do not declare, wherever they are."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    ListField,
    StringField,
)


class Lock(EmbeddedDocument):
    """The innermost."""

    maker = StringField()


class Door(EmbeddedDocument):
    """Has parts of its own."""

    colour = StringField()
    lock = EmbeddedDocumentField(Lock)
    locks = ListField(EmbeddedDocumentField(Lock))


class Plain(BaseModel):
    """Remembers nothing of what it was read from."""

    colour: str


class House(Document):
    """Of doors."""

    name = StringField()
    door = EmbeddedDocumentField(Door)
    doors = ListField(EmbeddedDocumentField(Door))
    plain = ListField(EmbeddedDocumentField(Plain))


class Street(Document):
    """Parts in a dict, by annotation."""

    doors: dict[str, Door] = {}  # noqa: RUF012 (pydantic copies it)


async def stored(database: DataBase, name: str = "house") -> dict[str, Any]:
    """The one document, as the server holds it."""
    found = await database.client[database.name][name].find_one()
    assert found is not None
    return dict(found)


async def with_more(database: DataBase, **more: Any) -> None:
    """What another application writes into the one house."""
    house = database.client[database.name]["house"]
    await house.update_one(
        {}, {"$set": {key.replace("__", "."): more[key] for key in more}}
    )


async def three_doors(database: DataBase, field: str) -> House:
    """A house with doors a, b and c, each with a number that no class knows."""
    await House.insert_one({field: [{"colour": one} for one in "abc"]})
    more = {f"{field}__{at}__number": at for at in range(3)}
    await with_more(database, **more)
    found = await House.find_one()
    assert found is not None
    return found


def without(at: int) -> Callable[[list[Any]], object]:
    return lambda doors: doors.pop(at)


def painted(at: int, colour: str) -> Callable[[list[Any]], object]:
    return lambda doors: setattr(doors[at], "colour", colour)


CHANGES: list[tuple[Callable[[list[Any]], object], list[tuple[str, int | None]]]] = [
    (painted(1, "x"), [("a", 0), ("x", 1), ("c", 2)]),
    (without(0), [("b", 1), ("c", 2)]),
    (lambda doors: doors.reverse(), [("c", 2), ("b", 1), ("a", 0)]),
    (
        lambda doors: doors.append(type(doors[0])(colour="d")),
        [("a", 0), ("b", 1), ("c", 2), ("d", None)],
    ),
    (
        lambda doors: doors.insert(0, type(doors[0])(colour="d")),
        [("d", None), ("a", 0), ("b", 1), ("c", 2)],
    ),
]


@pytest.mark.parametrize("field", ["doors", "plain"])
@pytest.mark.parametrize(("change", "wanted"), CHANGES)
async def test_items_of_lists_keep_their_keys(
    field: str, change: Any, wanted: Any, database: DataBase
) -> None:
    """Changed, moved or removed: what no class knows stays with its item."""
    house = await three_doors(database, field)
    change(getattr(house, field))
    await house.save()
    await house.save()
    house.name = "saved again"
    getattr(house, field).append({"colour": "z"})
    await house.save()
    held = (await stored(database))[field]

    found = [(one["colour"], one.get("number")) for one in held]
    assert found == [*wanted, ("z", None)]


async def test_an_item_that_moves_and_changes(database: DataBase) -> None:
    """An embedded document takes its keys along, whatever is changed around it."""
    house = await three_doors(database, "doors")
    house.doors = [Door(colour="new"), house.doors[2], house.doors[0]]
    house.doors[1].colour = "x"
    await house.save()

    assert (await stored(database))["doors"] == [
        {"colour": "new"},
        {"colour": "x", "number": 2},
        {"colour": "a", "number": 0},
    ]


async def test_a_save_without_a_change_sends_nothing(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys that no class knows are no change."""
    house = await three_doors(one_database, "doors")
    sent: list[str] = []
    run = type(one_database.lane).run

    async def counted(self: Any, command: Any, pin: Any = None) -> Any:
        sent.append(command.name)
        return await run(self, command, pin)

    monkeypatch.setattr(type(one_database.lane), "run", counted)
    await house.save()

    assert sent == []


async def test_keys_at_any_depth(database: DataBase) -> None:
    """Parts of parts, and lists in the items of lists, are kept as well."""
    lock = {"maker": "m"}
    door = {"colour": "a", "lock": lock, "locks": [lock]}
    await House.insert_one(door=door, doors=[door])
    await with_more(
        database, door__lock__key=1, doors__0__lock__key=2, doors__0__locks__0__key=3
    )
    house = await House.find_one()
    assert house is not None
    for one in (house.door, house.doors[0]):
        one.lock.maker = one.locks[0].maker = "n"
    await house.save()
    held = await stored(database)

    assert held["door"]["lock"] == {"maker": "n", "key": 1}
    assert held["doors"][0]["lock"] == {"maker": "n", "key": 2}
    assert held["doors"][0]["locks"] == [{"maker": "n", "key": 3}]


async def test_parts_in_dicts(database: DataBase) -> None:
    """By the keys of the dict."""
    await Street(doors={"a": Door(colour="a"), "b": Door(colour="b")}).save()
    streets = database.client[database.name]["street"]
    await streets.update_one({}, {"$set": {"doors.a.number": 1, "doors.b.number": 2}})
    street = await Street.find().first()
    assert street is not None
    street.doors["a"].colour = "x"
    del street.doors["b"]
    await street.save()

    assert (await stored(database, "street"))["doors"] == {
        "a": {"colour": "x", "number": 1}
    }


@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        lambda house: pickle.loads(pickle.dumps(house)),
        lambda house: House(**house.model_dump()),
    ],
    ids=["copied", "deeply", "pickled", "built"],
)
async def test_copies_keep_them_as_well(again: Any, database: DataBase) -> None:
    """So does a document that was built around an id: it is read before it is saved."""
    await House.insert_one(door={"colour": "a"}, doors=[{"colour": "b"}])
    await with_more(database, door__number=1, doors__0__number=2, owner="o")
    house = again(await House.find_one())
    house.door.colour, house.doors[0].colour = "x", "y"
    await house.save()
    held = await stored(database)

    assert held["door"] == {"colour": "x", "number": 1}
    assert held["doors"] == [{"colour": "y", "number": 2}]
    assert held["owner"] == "o"
