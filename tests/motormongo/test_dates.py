"""Dates that writes set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from mongolane import (
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    ListField,
    StringField,
)
from mongolane.documents.stamps import Clock, now
from tests.motormongo.people import Address, Person, raw


async def test_dates_are_set_by_writes(database: DataBase) -> None:
    """Each write of a document gives a strictly later date; creation stays."""
    person = await Person.insert_one(name="a")
    seen = [person.updated_at]
    for age in range(5):
        changed = await Person.update_one({"name": "a"}, {"age": age})
        assert changed is not None
        seen.append(changed.updated_at)
    for age in range(5, 10):
        changed.age = age
        await changed.save()
        seen.append(changed.updated_at)
    (changed,), _ = await Person.update_many({"name": "a"}, {"age": 50})
    seen.append(changed.updated_at)
    replaced = await Person.find_one_and_replace({"name": "a"}, {"name": "a"})
    assert replaced is not None
    seen.append(replaced.updated_at)

    assert all(one < other for one, other in pairwise(seen))
    assert replaced.created_at == person.created_at
    read = await Person.get(person.id)
    assert read is not None
    assert read.updated_at == seen[-1]
    assert person.created_at.microsecond % 1000 == 0


class Event(Document):
    """Dates that fields set."""

    name = StringField()
    created = DateTimeField(auto_now_add=True)
    changed = DateTimeField(auto_now=True)


async def test_auto_now_acts_at_writes_alone(database: DataBase) -> None:
    """Neither construction nor reading sets a date; each write does."""
    event = Event(name="e")
    assert (event.created, event.changed) == (None, None)
    await event.save()
    created, changed = event.created, event.changed
    read = await Event.find_one()
    assert read is not None
    assert (read.created, read.changed) == (created, changed)
    read.name = "f"
    await read.save()

    assert read.created == created
    assert read.changed > changed


async def test_each_save_is_dated(database: DataBase) -> None:
    """Also one without a change, by a field and by the settings alike."""
    event = Event(name="e")
    person: Any = await Person.insert_one(name="a")
    await event.save()
    for document, name in ((event, "changed"), (person, "updated_at")):
        seen = [getattr(document, name)]
        for _ in range(3):
            await document.save()
            seen.append(getattr(document, name))

        assert sorted(set(seen)) == seen
        assert await type(document).get(document.id) == document


@pytest.mark.parametrize("update", ["update_one", "update_many"])
@pytest.mark.parametrize("wrap", [dict, lambda fields: {"$set": fields}])
@pytest.mark.parametrize("query", [{}, {"name": "a"}])
async def test_a_date_of_change_alone(
    update: str, wrap: Any, query: dict[str, Any], database: DataBase
) -> None:
    """An update of nothing else dates the document, and leaves all that it holds."""

    class Visit(Document):
        name = StringField()

        class Meta:
            updated_at_timestamp = True

    visit: Any = await Visit.insert_one(name="a")
    old = visit.updated_at - timedelta(days=1)
    await getattr(Visit, update)(query, wrap({"updated_at": old}))
    (read,) = await Visit.find_many({})

    assert (read.id, read.name) == (visit.id, "a")
    assert read.updated_at > visit.updated_at


async def test_unset_dates_are_not_null(database: DataBase) -> None:
    """A class with timestamps stores dates by save, never nulls."""
    await Person(name="a").save()
    stored = await raw(database)

    assert isinstance(stored["created_at"], datetime)
    assert isinstance(stored["updated_at"], datetime)


class Step(EmbeddedDocument):
    """A part with dates, which holds another."""

    text = StringField()
    at = DateTimeField(auto_now=True)
    address = EmbeddedDocumentField(Address)


class Plan(Document):
    """Without dates of its own."""

    name = StringField()
    step = EmbeddedDocumentField(Step)
    steps = ListField(EmbeddedDocumentField(Step))


GIVEN = {"text": "t", "address": {"city": "c"}}


@pytest.mark.parametrize("update", ["update_one", "update_many", "find"])
@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"step": GIVEN}, "step"),
        ({"$set": {"steps": [GIVEN]}}, "steps"),
        ({"$push": {"steps": GIVEN}}, "steps"),
        ({"$push": {"steps": {"$each": [GIVEN], "$position": 0}}}, "steps"),
    ],
)
async def test_parts_given_to_updates_are_dated(
    update: str, change: Any, where: str, one_database: DataBase
) -> None:
    """A part that an update writes gets its dates as by an insert, at any depth."""
    await Plan.insert_one(name="a")
    if update == "find":
        await Plan.find({}).update(change)
    else:
        await getattr(Plan, update)({}, change)
    plan = await Plan.find_one()
    assert plan is not None
    part = plan.step if where == "step" else plan.steps[0]

    assert part.at == part.address.created_at == part.address.updated_at
    assert part.at.tzinfo is UTC


async def test_a_change_inside_a_part_dates_it(database: DataBase) -> None:
    """A path into a part dates all parts on its way, and no others."""
    made = await Plan.insert_one(step=GIVEN, steps=[GIVEN, GIVEN])
    plan = await Plan.update_one({}, {"step.address.city": "d"})
    assert plan is not None
    await Plan.update_many({}, {"$set": {"steps.1.text": "u"}})
    await Plan.update_one({}, {"name": "b"})
    read = await Plan.find_one()

    assert read is not None
    assert plan.step.at == plan.step.address.updated_at > made.step.at
    assert plan.step.address.created_at == made.step.address.created_at
    assert read.step == plan.step
    assert read.steps[0] == made.steps[0]
    assert read.steps[1].at > made.steps[1].at
    assert read.steps[1].address == made.steps[1].address


async def test_many_updates_do_not_run_ahead_of_the_time(database: DataBase) -> None:
    """Thousands of writes of different documents keep to the clock on the wall."""
    people, ids = await Person.insert_many([{"name": "a"} for _ in range(50)])
    clock = Clock()
    for number in range(20_000):
        clock.later(number, now())
    for one in ids:
        await Person.find({"_id": one}).update({"$set": {"age": 1}})
    last = await Person.get(ids[-1])

    assert clock.later("last", now()) <= now()
    assert last is not None
    assert people[-1].updated_at < last.updated_at <= now()


def test_a_clock_runs_ahead_by_a_second_at_most() -> None:
    """Writes of one document get later dates each; too many get equal ones at last."""
    clock = Clock()
    started = now()
    for dates in (
        [clock.later("a", now()) for _ in range(3000)],
        [clock.after(["a", "b"]) for _ in range(3000)],
        [clock.after_all() for _ in range(3000)],
    ):
        assert dates == sorted(dates)
        assert dates[-1] - now() <= timedelta(seconds=1)
    fresh = Clock()
    first = [fresh.later({"a": 1}, started) for _ in range(900)]

    assert len(set(first)) == 900
