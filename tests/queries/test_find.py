"""Finds: what is sent, and what comes of the reply."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mongolane.errors import (
    DocumentDecodeError,
    NotFoundError,
    QueryError,
    ServerError,
    UnknownFieldError,
)
from mongolane.expressions import desc, meta
from mongolane.queries import Find, FindOne, Source
from tests.queries.pretend import (
    Person,
    PretendDatabase,
    PretendLane,
    cursor,
    path,
    people,
)

AGE = path("age")
NAME = path("name")
ANN = {"_id": 1, "n": "Ann", "age": 3}
BOB = {"_id": 2, "n": "Bob", "age": 4}


def find(lane: PretendLane, *filters, **changed):
    return Find(people(lane, **changed), filters)


def find_one(lane: PretendLane, *filters, **changed):
    return FindOne(people(lane, **changed), filters)


async def test_find_gives_list():
    """Awaiting a find gives all documents of all batches, by the class's codec."""
    lane = PretendLane(cursor([ANN], 7), cursor([BOB], first=False))

    assert [Person(1, "Ann", 3), Person(2, "Bob", 4)] == await find(lane, AGE > 2)
    assert lane.bodies == [
        {"find": "people", "filter": {"age": {"$gt": 2}}},
        {"getMore": 7, "collection": "people"},
    ]
    assert lane.pins == [None, "the server"]


async def test_every_option_is_sent():
    """Each method sets one option, and the command shows what is sent."""
    query = (
        find(PretendLane(), {"name": "x"})
        .where(AGE > 3)
        .sort("-age", ("name", 1))
        .skip(2)
        .limit(5)
        .batch_size(3)
        .hint({"age": 1})
        .collation("de", strength=2)
        .comment("why")
        .max_time(timedelta(seconds=1.5))
        .let(x=1)
        .with_options(read_concern="majority", allow_disk_use=True)
    )

    assert query.command() == {
        "find": "people",
        "filter": {"n": "x", "age": {"$gt": 3}},
        "sort": {"age": -1, "n": 1},
        "skip": 2,
        "limit": 5,
        "batchSize": 3,
        "hint": {"age": 1},
        "collation": {"locale": "de", "strength": 2},
        "comment": "why",
        "maxTimeMS": 1500,
        "let": {"x": 1},
        "readConcern": {"level": "majority"},
        "allowDiskUse": True,
    }


def test_orders_of_other_kinds():
    """Two arguments may be a key and its direction; $natural and $meta are no names."""
    query = find(PretendLane())

    assert query.sort("age", -1).command()["sort"] == {"age": -1}
    assert query.sort("-$natural").command()["sort"] == {"$natural": -1}
    assert query.sort({"$natural": 1}).command()["sort"] == {"$natural": 1}
    assert query.hint({"$natural": 1}).command()["hint"] == {"$natural": 1}
    assert query.sort(meta("textScore"), AGE).command()["sort"] == {
        "textScore": {"$meta": "textScore"},
        "age": 1,
    }


def test_bounds_are_stored_values():
    """min and max name fields, and hold values in stored form."""
    query = find(PretendLane()).with_options(min={"name": "a"}, max={NAME: "b"})

    assert query.command()["min"] == {"n": "a"}
    assert query.command()["max"] == {"n": "b"}


@pytest.mark.parametrize(
    ("filters", "command"),
    [([AGE > 3], "aggregate"), ([{"age": {"$near": [1, 2]}}], "count"),
     ([AGE > 3, {"$or": [{"age": {"$nearSphere": [1, 2]}}]}], "count")],
)  # fmt: skip
async def test_count_of_what_no_pipeline_takes(filters, command):
    """What cannot stand in $match is counted by the command of that name."""
    answer = {"n": 2, "ok": 1} if command == "count" else cursor([{"n": 2}])
    lane = PretendLane(answer)

    assert await find(lane, *filters).skip(1).limit(4).count() == 2
    assert next(iter(lane.bodies[0])) == command


async def test_queries_are_immutable():
    """A query made of another one leaves that one as it was."""
    base = find(PretendLane(), AGE > 3)
    base.limit(1).sort(-AGE).command()

    assert base.command() == {"find": "people", "filter": {"age": {"$gt": 3}}}


@pytest.mark.parametrize(
    "orders",
    [(-AGE, NAME), ("-age", "name"), (desc(AGE), "+n"), ({"age": -1, "name": 1},),
     ([("age", -1), ("name", 1)],), ([(AGE, -1), (NAME, 1)],)],
)  # fmt: skip
def test_sort_takes_any_form(orders):
    """Orders come as paths, text, pairs, dicts and lists, and mean the same."""
    command = find(PretendLane()).sort(*orders).command()

    assert list(command["sort"].items()) == [("age", -1), ("n", 1)]


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda query: query.sort("nmae"), UnknownFieldError),
        (lambda query: query.sort(-3), QueryError),
        (lambda query: query.sort(("age", 2)), QueryError),
        (lambda query: query.sort("age", -AGE), QueryError),
        (lambda query: query.limit(-1), QueryError),
        (lambda query: query.skip("1"), QueryError),
        (lambda query: query.max_time("1"), QueryError),
        (lambda query: query.only(), QueryError),
        (lambda query: query.where({"nmae": 1}).command(), UnknownFieldError),
        (lambda query: query.where({"$where": "1"}).command(), QueryError),
        (lambda query: query.where(False).command(), QueryError),
        (lambda query: query.on_invalid("ignore"), QueryError),
        (lambda query: query.max_time(-1), QueryError),
        (lambda query: query.max_time(float("inf")), QueryError),
        (lambda query: query.explain("all"), QueryError),
        (lambda query: query.count().explain("all"), QueryError),
        (lambda query: query.with_options(min=3), QueryError),
        (lambda query: query.limit(3).delete(), QueryError),
        (lambda query: query.skip(3).update(AGE.inc(1)), QueryError),
        (bool, QueryError),
    ],
)
def test_bad_query_is_refused(make, error):
    """What cannot be meant is refused with our error, before anything is sent."""
    base = find(PretendLane())
    base._used = True
    with pytest.raises(error):
        make(base)


def test_javascript_may_be_allowed():
    """$where passes where the query, or the class, allows it."""
    found = find(PretendLane(), {"$where": "1"}).with_options(allow_javascript=True)

    assert found.command()["filter"] == {"$where": "1"}
    found = find(PretendLane(), {"$where": "1"}, allow_javascript=True)
    assert found.command()["filter"] == {"$where": "1"}


async def test_find_one_gives_none():
    """A find of one gives the document or None, and leaves no cursor."""
    lane = PretendLane(cursor([ANN]), cursor([]))

    assert await find_one(lane, NAME == "Ann") == Person(1, "Ann", 3)
    assert await find_one(lane, {"name": "Ann"}) is None
    expected = {"find": "people", "filter": {"n": "Ann"}, "limit": 1}
    assert lane.bodies == [{**expected, "singleBatch": True}] * 2


async def test_missing_one_raises():
    """or_raise and one_or_raise raise where nothing matches."""
    lane = PretendLane(cursor([]), cursor([]), cursor([ANN]))

    with pytest.raises(NotFoundError, match="no Person matches"):
        await find_one(lane).or_raise()
    with pytest.raises(NotFoundError):
        await find(lane).one_or_raise()
    assert (await find(lane).one_or_raise()).name == "Ann"


async def test_first_keeps_order():
    """first() is a find of one with the same filter and order."""
    lane = PretendLane(cursor([ANN]))

    await find(lane, AGE > 1).sort(-AGE).limit(7).first()

    assert lane.bodies == [
        {"find": "people", "filter": {"age": {"$gt": 1}}, "sort": {"age": -1},
         "limit": 1, "singleBatch": True}
    ]  # fmt: skip


async def test_count_exists_distinct():
    """Counts, existence and distinct values are single commands."""
    lane = PretendLane(
        cursor([{"_id": 1, "n": 4}]),
        cursor([]),
        cursor([ANN]),
        cursor([]),
        {"values": ["Ann"], "ok": 1},
    )
    query = find(lane, AGE > 1).sort(-AGE)

    assert await query.count() == 4
    assert await query.count() == 0
    assert await query.exists() is True
    assert await query.exists() is False
    assert await query.distinct(NAME) == ["Ann"]
    assert lane.bodies[0]["pipeline"][0] == {"$match": {"age": {"$gt": 1}}}
    assert lane.bodies[2]["projection"] == {"_id": 1}
    assert "sort" not in lane.bodies[2]
    assert lane.bodies[4] == {
        "distinct": "people",
        "key": "n",
        "query": {"age": {"$gt": 1}},
    }


async def test_explain_holds_command():
    """explain() sends the find inside of an explain."""
    lane = PretendLane({"queryPlanner": {}, "ok": 1})

    assert "queryPlanner" in await find(lane, AGE > 1).explain("queryPlanner")
    assert lane.bodies[0]["explain"] == {
        "find": "people",
        "filter": {"age": {"$gt": 1}},
    }


async def test_explain_of_one_and_of_pipeline():
    """A find of one and a pipeline are explained like any query."""
    lane = PretendLane({"plan": 1, "ok": 1}, {"plan": 2, "ok": 1})

    assert (await find_one(lane).explain())["plan"] == 1
    assert (await find(lane).aggregate([]).explain())["plan"] == 2
    assert [next(iter(body["explain"])) for body in lane.bodies] == [
        "find",
        "aggregate",
    ]


async def test_json_of_one():
    """The JSON of one document is an object, or None."""
    lane = PretendLane(cursor([ANN]), cursor([]))

    assert await find_one(lane).json() == b'{"name":"Ann"}'
    assert await find_one(lane).json() is None


async def test_projections_change_rows():
    """project, only, raw and bson change what rows are, and what is fetched."""
    lane = PretendLane(*[cursor([ANN])] * 5)
    query = find(lane)

    assert await query.project(Person) == ["Ann"]
    assert await query.only(NAME, "age") == [ANN]
    assert await query.raw() == [ANN]
    assert await query.bson() == [lane_bytes(ANN)]
    assert await find_one(lane).raw() == ANN
    assert [body.get("projection") for body in lane.bodies[:3]] == [
        {"n": 1, "_id": 0},
        {"n": 1, "age": 1, "_id": 0},
        None,
    ]


def lane_bytes(document):
    from mongolane import codec

    return codec.encode(document)


async def test_json_joins_batches():
    """json() gives one array of all batches, and an empty one of none."""
    lane = PretendLane(
        cursor([ANN], 7), cursor([], 7, first=False), cursor([BOB], first=False),
        cursor([]),
    )  # fmt: skip

    assert await find(lane).json() == b'[{"name":"Ann"},{"name":"Bob"}]'
    assert await find(lane).json() == b"[]"


async def test_unfit_documents_are_handled():
    """Documents that do not fit are raised, skipped, or given raw, and collected."""
    bad = {"_id": 9, "n": "Bad", "age": "?"}
    lane = PretendLane(*[cursor([ANN, bad, BOB])] * 3)
    errors: list[DocumentDecodeError] = []
    query = find(lane)

    with pytest.raises(DocumentDecodeError, match="_id 9"):
        await query
    skipped = await query.on_invalid("skip", errors.append)
    assert [person.name for person in skipped] == ["Ann", "Bob"]
    assert [error.document_id for error in errors] == [9]
    assert (await query.on_invalid("raw"))[1] == bad


async def test_policy_survives_refinement():
    """The policy for unfit documents holds for queries made of this one."""
    lane = PretendLane(cursor([{"_id": 9, "n": "Bad", "age": "?"}]))

    query = find(lane).on_invalid("skip").where(AGE > 1).sort(-AGE)

    assert await query.first() is None


async def test_source_options_apply():
    """A class's own options are sent by its finds unless the query says otherwise."""
    source = people(
        PretendLane(),
        options={"collation": {"locale": "de"}, "writeConcern": {"w": 1}},
        read_preference="secondary",
        scope={"_class": "Person"},
    )

    assert Find(source, (AGE > 1,)).command() == {
        "find": "people",
        "filter": {"age": {"$gt": 1}, "_class": "Person"},
        "collation": {"locale": "de"},
    }
    assert Find(source).collation("fr").command()["collation"] == {"locale": "fr"}
    assert FindOne(source).command()["filter"] == {"_class": "Person"}
    query = FindOne(source)
    assert query._command().read_preference == "secondary"
    other = query.with_options(read_preference="nearest")
    assert other._command().read_preference == "nearest"
    other.command()


def test_scope_cannot_be_lifted():
    """A filter on a key of the scope does not replace the scope."""
    source = people(PretendLane(), scope={"age": 1})

    assert Find(source, (AGE == 2,)).command()["filter"] == {
        "$and": [{"age": 2}, {"age": 1}]
    }


async def test_using_another_database():
    """A source may be pointed at another database."""
    lane = PretendLane(cursor([]))
    source = people(PretendLane()).using(PretendDatabase(lane, "other"))

    await Find(source)

    assert [command.database for command in lane.sent] == ["other"]


async def test_errors_pass_unchanged():
    """A server's error reaches the caller as the lane raised it."""
    with pytest.raises(ServerError, match="no"):
        await find(PretendLane(ServerError("no", 1)))


async def test_source_without_class_takes_any_name():
    """A source without a class gives dicts and knows no unknown names."""
    from mongolane.queries.reading import DICTS

    lane = PretendLane(cursor([ANN]))
    source = Source(PretendDatabase(lane), "people", DICTS)

    assert await Find(source, ({"any.name": 1},)) == [ANN]
    with pytest.raises(QueryError, match="cannot be projected"):
        Find(source).project(Person)
