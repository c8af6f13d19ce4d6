"""Queries that are shown instead of sent."""

from __future__ import annotations

from typing import ClassVar

import pytest

from mongolane.queries import Aggregate, Find, FindOne, Insert, InsertMany, bulk
from tests.queries.pretend import Person, PretendLane, cursor, path, people

AGE = path("age")
ANN = {"_id": 1, "n": "Ann", "age": 0}


@pytest.mark.parametrize(
    ("make", "shown", "name"),
    [
        (lambda s: Find(s, (AGE > 3,)), "<Find of Person: Person.age > 3>", "find"),
        (lambda s: FindOne(s), "<FindOne of Person: >", "find"),
        (lambda s: Find(s).count(), "<a query that gives one value: aggregate>",
         "aggregate"),
        (lambda s: Find(s).json(), "<Json of Person>", "find"),
        (lambda s: Find(s).update(AGE.inc(1)).comment("x"),
         "<Update of Person documents>", "update"),
        (lambda s: FindOne(s).delete(), "<Delete of Person document>", "delete"),
        (lambda s: FindOne(s).and_delete(), "<FindAndModify of Person>",
         "findAndModify"),
        (lambda s: Insert(s, Person(1, "Ann")), "<Insert of one Person>", "insert"),
        (lambda s: InsertMany(s, [Person(1, "Ann")]), "<InsertMany of Person>",
         "insert"),
        (lambda s: Aggregate(s, []), "<Aggregate of Person>", "aggregate"),
    ],
)  # fmt: skip
def test_query_is_shown(make, shown, name):
    """Each query has a repr without values of documents, and shows its command."""
    query = make(people(PretendLane()))

    assert repr(query) == shown
    assert next(iter(query.command())) == name


async def test_projections_of_one():
    """A find of one is read as another model, in part, or raw."""
    lane = PretendLane(cursor([ANN]), cursor([ANN]), cursor([ANN]))
    query = FindOne(people(lane))

    assert await query.project(Person) == "Ann"
    assert await query.only(AGE) == ANN
    assert await query.raw() == ANN
    assert lane.bodies[1]["projection"] == {"age": 1, "_id": 0}


async def test_rows_as_json_and_lists():
    """Rows of a pipeline are JSON, too, and so are dicts without a class."""
    lane = PretendLane(cursor([ANN]), cursor([ANN]), cursor([ANN]))
    source = people(lane)

    assert await Aggregate(source, []).to_list() == [ANN]
    assert await Aggregate(source, []).to(Person).json() == b'[{"name":"Ann"}]'
    assert await Find(source).raw().json() == b'[{"_id":1,"n":"Ann","age":0}]'


async def test_many_in_bulk():
    """A bulk takes many new documents at once."""
    lane = PretendLane({"n": 2, "ok": 1})
    persons = [Person(1, "Ann"), Person(2, "Bob")]

    found = await bulk(InsertMany(people(lane), persons))

    assert found.inserted == 2


class Concern:
    """A concern as PyMongo has it."""

    document: ClassVar = {"w": 2}


def test_concerns_take_any_form():
    """Concerns are text, numbers, dicts or PyMongo's."""
    query = Find(people(PretendLane()))
    delete = query.with_options(write_concern=Concern()).delete()

    assert delete.command()["writeConcern"] == {"w": 2}
    shown = query.with_options(read_concern={"level": "local"}).command()
    assert shown["readConcern"] == {"level": "local"}


def test_upsert_of_alternatives():
    """What a filter compares for equality inside of $and is not set again."""
    query = FindOne(people(PretendLane()), ({"$and": [{"name": "x"}]},))
    shown = query.upsert(AGE.inc(1), insert=Person(7, "ignored")).command()

    assert shown["update"] == {"$inc": {"age": 1}, "$setOnInsert": {"_id": 7}}
