"""An instance belongs to the database that it came from."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
)
from tests.support.servers import Server


class Planet(Document):
    """Referred to."""

    name = StringField()


class Moon(Planet):
    """In a collection of its own."""


class Orbit(EmbeddedDocument):
    """Refers from inside."""

    around = ReferenceField(Planet)


class Probe(Document):
    """Refers in all ways."""

    name = StringField()
    visits = IntegerField()
    home = ReferenceField(Planet)
    seen = ListField(ReferenceField(Planet))
    orbit = EmbeddedDocumentField(Orbit)
    orbits = ListField(EmbeddedDocumentField(Orbit))

    class Meta:
        updated_at_timestamp = True


@pytest.fixture
async def other(database: DataBase, server: Server, lane: str) -> AsyncIterator[Any]:
    """Another database of the same server."""
    made = DataBase(server.uri, f"{database.name}_other", lane=lane)
    yield made
    await made.drop()
    await made.disconnect()


async def probe_in(other: DataBase) -> Probe:
    """A probe that refers to one planet in all ways, stored and read there."""
    planet = await Planet.using(other).insert_one(name="there")
    await Probe.using(other).insert_one(
        name="p", home=planet, seen=[planet], orbit={"around": planet},
        orbits=[{"around": planet}],
    )  # fmt: skip
    found = await Probe.using(other).find_one(name="p")
    assert found is not None
    return found


async def test_save_reload_and_delete_go_where_it_was_read(other: DataBase) -> None:
    """No operation of an instance touches the default database."""
    probe = await probe_in(other)
    probe.visits = 1
    await probe.save()
    await probe.patch({"visits": 2})
    await probe.reload()
    stored = await Probe.using(other).find_one()

    assert stored is not None
    assert (stored.visits, probe.visits) == (2, 2)
    assert await Probe.count() == 0
    await copy.deepcopy(probe).save()
    await probe.model_copy(update={"visits": 3}).save()
    assert await Probe.count() == 0
    await probe.delete()
    assert await Probe.using(other).count() == 0


async def test_references_lead_where_it_was_read(other: DataBase) -> None:
    """References of documents, lists and parts are looked up in their database."""
    probe = await probe_in(other)
    copied = copy.deepcopy(probe)
    probe.seen = [str(probe.home.id)]
    awaited = [
        await probe.home,
        *await probe.seen,
        *await copied.seen,
        await probe.orbit.around,
        await probe.orbits[0].around,
        await copied.orbit.around,
    ]

    assert [one and one.name for one in awaited] == ["there"] * 6
    await Planet.insert_one(name="here")
    assert (await awaited[0].reload()).name == "there"


async def test_every_way_to_get_an_instance(other: DataBase) -> None:
    """Found, iterated, projected, created or changed: its next save goes there."""
    home = Probe.using(other)
    await home.insert_many([{"name": "a"}, {"name": "b"}])
    made = [
        *await home.find_many(),
        *[one async for one in home.find(Probe.name == "a")],
        *[one async for one in home.find_many({}, return_as_list=False)],
        await home.update_one({"name": "a"}, {"visits": 1}),
        *(await home.update_many({"name": "a"}, {"visits": 2}))[0],
        (await home.find_one_or_create({"name": "c"}, {}))[0],
        await home.insert(Probe(name="d")),
        await home.insert_one(name="e"),
        *(await home.insert_many([{"name": "f"}]))[0],
        *await home.aggregate([{"$match": {}}], return_as_list=True),
    ]
    for one in made:
        assert one is not None
        await one.delete()

    assert await home.count() == 0


async def test_saving_elsewhere_moves_an_instance(other: DataBase) -> None:
    """save(using=...) stores all of it there, and there it belongs from then on."""
    probe = await Probe.insert_one(name="p", visits=1)
    await probe.save(using=other)
    probe.visits = 2
    await probe.save()
    here = await Probe.get(probe.id)
    there = await Probe.using(other).get(probe.id)
    assert here is not None
    assert there is not None

    assert (here.visits, there.name, there.visits) == (1, "p", 2)
    await probe.save(using=DataBase.get())
    assert await Probe.find_one(visits=2) is not None


async def test_prefetch_of_several_databases(other: DataBase) -> None:
    """Documents of two databases remember each what is in its own."""
    planet = await Planet.insert_one(name="here")
    probes = [await Probe.insert_one(name="h", home=planet), await probe_in(other)]
    await Probe.prefetch(probes, "home")

    assert [(await one.home).name for one in probes] == ["here", "there"]


async def test_dates_grow_in_any_database(other: DataBase) -> None:
    """Two writes within a millisecond are in order elsewhere, too."""
    await Probe.using(other).insert_one(name="p")
    seen = []
    for visits in range(5):
        one = await Probe.using(other).update_one({"name": "p"}, {"visits": visits})
        assert one is not None
        seen.append(one.updated_at)

    assert sorted(set(seen)) == seen


async def test_a_reference_to_a_base_finds_a_subclass(database: DataBase) -> None:
    """The referenced document may be in the collection of a subclass."""
    moon = await Moon.insert_one(name="m")
    probe = await Probe.insert_one(name="p", home=moon, seen=[moon])

    assert isinstance(await probe.home, Moon)
    assert [type(one) for one in await probe.seen] == [Moon]


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],
    ids=["copied", "deeply", "pickled"],
)
async def test_copies_and_pickles_belong_where_the_original_does(
    again: Any, database: DataBase, other: Any
) -> None:
    """They save there, and what they refer to is looked for there."""
    planet = await Planet.using(other).insert_one(name="Mars")
    made = {"home": planet, "seen": [planet], "orbit": {"around": planet}}
    probe = again(await Probe.using(other).insert_one(name="a", **made))
    probe.name = "b"
    await probe.save()
    read = await Probe.using(other).find_one()

    assert (read.name, await Probe.count()) == ("b", 0)
    assert await probe.home == planet
    assert await probe.seen == [planet]
    assert await probe.orbit.around == planet
    assert pickle.loads(pickle.dumps(other)) is other
    assert copy.deepcopy(other) is other


async def test_a_pickle_in_another_process_says_where_it_belongs(
    database: DataBase, other: Any
) -> None:
    """It goes nowhere by itself, the default database least of all."""
    planet = await Planet.using(other).insert_one(name="Mars")
    home = pickle.dumps(planet)
    program = (
        "import asyncio, pickle, sys\n"
        f"planet = pickle.loads({home!r})\n"
        "planet.name = 'Venus'\n"
        "try:\n"
        "    asyncio.run(planet.save())\n"
        "except RuntimeError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert f"belongs to '{other.name}'" in done.stdout
