"""Queries that were never awaited say so."""

from __future__ import annotations

import gc
import inspect
import warnings

import pytest

from mongolane.errors import QueryError
from mongolane.queries import Aggregate, Find, FindOne, Insert, bulk
from tests.queries.pretend import Person, PretendLane, cursor, path, people

AGE = path("age")


@pytest.mark.parametrize(
    "make",
    [
        lambda source: Find(source, (AGE > 3,)),
        lambda source: FindOne(source),
        lambda source: Find(source).sort("age").limit(3),
        lambda source: Find(source).count(),
        lambda source: Find(source).json(),
        lambda source: FindOne(source).update(AGE.inc(1)),
        lambda source: Find(source).delete(),
        lambda source: FindOne(source).and_delete(),
        lambda source: Insert(source, Person(1, "a")),
        lambda source: Aggregate(source, []),
        lambda source: bulk(Insert(source, Person(1, "a"))),
    ],
)
def test_forgotten_query_warns_with_line(make):
    """A query that was never awaited warns once, with the line that made it."""
    source = people(PretendLane())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make(source)
        gc.collect()

    assert [one.category for one in caught] == [RuntimeWarning]
    assert "never awaited" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert caught[0].lineno == inspect.getsourcelines(make)[1]


async def test_used_queries_are_silent():
    """Awaited, iterated, shown and derived queries warn of nothing."""
    lane = PretendLane(*[cursor([])] * 4)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        query = Find(people(lane))
        derived = query.limit(1)
        await derived
        await derived.first()
        async for _ in query:
            pass
        query.command()
        await query.count()
        del query, derived
        gc.collect()

    assert caught == []
    assert len(lane.sent) == 4


@pytest.mark.parametrize("cls", [Find, Insert, Aggregate])
def test_failed_constructor_is_silent(cls):
    """A query that could not be made warns of nothing but its own error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(TypeError):
            cls()
        gc.collect()

    assert caught == []


UNUSED = [
    lambda source: Find(source),
    lambda source: FindOne(source),
    lambda source: FindOne(source).update(AGE.inc(1)),
    lambda source: FindOne(source).and_update(AGE.inc(1)),
    lambda source: Find(source).delete(),
    lambda source: Find(source).json(),
    lambda source: Insert(source, Person(1, "a")),
    lambda source: Aggregate(source, []),
]


@pytest.mark.parametrize("make", UNUSED)
def test_field_of_query_names_await(make):
    """A field asked of any query is an AttributeError that names the missing await."""
    query = make(people(PretendLane()))

    with pytest.raises(AttributeError, match=r"'name' is a field of Person"):
        query.name  # noqa: B018
    with pytest.raises(AttributeError, match=r"write \(await \.\.\.\)\.name"):
        query.name  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'matched'.*\)\.matched"):
        query.matched  # noqa: B018
    assert not hasattr(query, "__fspath__")
    assert not hasattr(query, "_secret")


@pytest.mark.parametrize("make", [*UNUSED, lambda source: Find(source).count()])
def test_using_a_query_as_its_result_names_await(make):
    """A query taken for a list or a document is a TypeError that says what to write."""
    query = make(people(PretendLane()))

    with pytest.raises(TypeError, match=r"write \(await \.\.\.\)\[0\]"):
        query[0]
    with pytest.raises(TypeError, match="await it first"):
        list(query)
    with pytest.raises(TypeError, match="await it first"):
        len(query)
    with pytest.raises(QueryError, match="is an 'await' missing"):
        bool(query)


def test_a_loop_over_a_query_names_async_for():
    """A plain loop over a find or a pipeline is told of 'async for'."""
    for query in (Find(people(PretendLane())), Aggregate(people(PretendLane()), [])):
        with pytest.raises(TypeError, match="use 'async for'"):
            list(query)


def test_repr_shows_filter():
    """A query shows its class and its filter."""
    query = Find(people(PretendLane()), (AGE > 3,))
    query._used = True

    assert repr(query) == "<Find of Person: Person.age > 3>"


@pytest.mark.parametrize(
    "use",
    [
        lambda query: query.count() == 0,
        lambda query: query.count() != 0,
        lambda query: query.count() > 0,
        lambda query: query.count() >= 1,
        lambda query: query.count() < 2,
        lambda query: query.exists() <= True,
        lambda query: query == [],
    ],
)
def test_comparing_a_query_names_await(use):
    """A query never equals a value; comparing it with one says what is missing."""
    with pytest.raises(TypeError, match=r"write \(await \.\.\.\)"):
        use(Find(people(PretendLane())))


def test_queries_stand_in_containers():
    """Queries are found in lists and dicts as themselves."""
    query, other = Find(people(PretendLane())), Find(people(PretendLane()))
    query.command(), other.command()

    assert query in [other, query]
    assert {query: 1}[query] == 1
    assert query != other
    assert query != None  # noqa: E711


def test_misspelt_method_is_named():
    """A method that is nearly right is named, beside the missing await."""
    query = Find(people(PretendLane()))
    query.command()

    with pytest.raises(AttributeError, match="did you mean 'first'"):
        query.frist  # noqa: B018


def test_misspelt_field_of_a_query_is_named():
    """A field that is nearly right is named, beside the missing await."""
    query = Find(people(PretendLane()))
    query.command()

    with pytest.raises(AttributeError, match=r"did you mean 'name'.*not awaited"):
        query.nmae  # noqa: B018
