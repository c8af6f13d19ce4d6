"""Inserts, updates, deletes, find-and-modify."""

from __future__ import annotations

import pytest
from bson import ObjectId

from mongolane.commands import Outcome
from mongolane.errors import (
    BulkWriteError,
    DuplicateKeyError,
    EncodeError,
    NetworkError,
    QueryError,
    WriteConcernError,
    WriteError,
)
from mongolane.queries import (
    BulkResult,
    Find,
    FindOne,
    Insert,
    InsertMany,
    UpdateResult,
    bulk,
)
from tests.queries.pretend import Limits, Person, PretendLane, path, people

AGE = path("age")
NAME = path("name")
DONE = {"n": 1, "ok": 1.0}
CLASH = {
    "index": 0,
    "code": 11000,
    "errmsg": "E11000 duplicate key error collection: t.people index: n_1 dup key",
    "keyValue": {"n": "Ann"},
}


def prepared(instance):
    """Give a person an id."""
    instance.id = instance.id or ObjectId()
    return instance.id


async def test_insert_gives_document():
    """Awaiting an insert gives the very instance, with its id filled in."""
    lane = PretendLane(DONE)
    ann = Person(None, "Ann")

    assert await Insert(people(lane, prepare=prepared), ann) is ann
    assert isinstance(ann.id, ObjectId)
    name, documents = lane.sent[0].sequence
    assert (name, len(documents)) == ("documents", 1)


async def test_insert_command_shows_documents():
    """The command of an insert shows its document."""
    found = Insert(people(PretendLane()), Person(1, "Ann")).command()

    assert found == {
        "insert": "people",
        "documents": [{"_id": 1, "n": "Ann", "age": 0}],
    }


async def test_duplicate_key_names_index():
    """A duplicate key is raised with the index and the value."""
    lane = PretendLane({"n": 0, "writeErrors": [CLASH], "ok": 1})

    with pytest.raises(DuplicateKeyError) as caught:
        await Insert(people(lane), Person(1, "Ann"))
    assert caught.value.index == "n_1"
    assert caught.value.key_value == {"n": "Ann"}


async def test_other_write_error():
    """Another refusal of a single write is a WriteError."""
    error = {"index": 0, "code": 121, "errmsg": "Document failed validation"}
    lane = PretendLane({"n": 0, "writeErrors": [error], "ok": 1})

    with pytest.raises(WriteError, match="validation"):
        await FindOne(people(lane)).update(AGE.inc(1))


async def test_write_concern_error():
    """A write that is not as safe as asked raises."""
    lane = PretendLane(
        {"n": 1, "writeConcernError": {"code": 64, "errmsg": "waiting"}, "ok": 1}
    )

    with pytest.raises(WriteConcernError, match="waiting"):
        await Insert(people(lane), Person(1, "Ann"))


async def test_insert_many_splits_and_reports():
    """Many documents go in as few commands as allowed, and progress is told."""
    lane = PretendLane(*[{"n": 2, "ok": 1}] * 3, limits=Limits(max_write_batch_size=2))
    told: list[int] = []
    persons = [Person(None, str(number)) for number in range(5)]

    ids = await InsertMany(
        people(lane, prepare=prepared), persons, progress=told.append
    )

    assert ids == [person.id for person in persons]
    assert [len(command.sequence[1]) for command in lane.sent] == [2, 2, 1]
    assert told == [2, 4, 5]


async def test_insert_many_failure_has_own_indexes():
    """A refusal carries its number among all documents; the rest is told, too."""
    lane = PretendLane(
        {"n": 2, "ok": 1},
        {"n": 1, "writeErrors": [{**CLASH, "index": 1}], "ok": 1},
        limits=Limits(max_write_batch_size=2),
    )
    persons = [Person(number, "x") for number in range(6)]

    with pytest.raises(BulkWriteError) as caught:
        await InsertMany(people(lane), persons)
    assert caught.value.details["nInserted"] == 3
    assert [error["index"] for error in caught.value.details["writeErrors"]] == [3]
    assert len(lane.sent) == 2


async def test_unordered_insert_goes_on():
    """Unordered inserts try all batches in spite of a refusal."""
    refused = {"n": 1, "writeErrors": [CLASH], "ok": 1}
    lane = PretendLane(refused, refused, limits=Limits(max_write_batch_size=2))
    persons = [Person(number, "x") for number in range(4)]

    with pytest.raises(BulkWriteError) as caught:
        await InsertMany(people(lane), persons, ordered=False)
    assert [error["index"] for error in caught.value.details["writeErrors"]] == [0, 2]
    assert lane.bodies[0]["ordered"] is False


async def test_partial_result_survives_network_error():
    """What had been done before the connection broke is told by the error's note."""
    lane = PretendLane(
        {"n": 2, "ok": 1}, NetworkError("broken"), limits=Limits(max_write_batch_size=2)
    )

    with pytest.raises(NetworkError) as caught:
        await InsertMany(people(lane), [Person(number, "x") for number in range(4)])
    assert "'nInserted': 2" in caught.value.__notes__[0]


async def test_generator_is_read_in_chunks():
    """Documents that come one by one are sent by the ten thousand."""
    lane = PretendLane(*[{"n": 1, "ok": 1}] * 3)
    persons = (Person(number, "x") for number in range(25_000))

    assert len(await InsertMany(people(lane), persons)) == 25_000
    assert [len(command.sequence[1]) for command in lane.sent] == [
        10_000,
        10_000,
        5_000,
    ]


async def test_too_large_document_stops_all():
    """A document that no command can carry is refused before anything is sent."""
    lane = PretendLane(limits=Limits(max_document_size=100))

    with pytest.raises(EncodeError, match="document 1 has"):
        await InsertMany(people(lane), [Person(1, "x"), Person(2, "x" * 200)])
    assert lane.sent == []


async def test_single_large_document_is_refused():
    """A document of 17 MB is refused with its size, before anything is sent."""
    lane = PretendLane()

    with pytest.raises(EncodeError, match=r"17,000,0\d\d bytes"):
        await Insert(people(lane), Person(1, "x" * 17_000_000))
    assert lane.sent == []


async def test_no_documents_send_nothing():
    """Inserting nothing sends nothing."""
    lane = PretendLane()

    assert await InsertMany(people(lane), []) == []
    assert lane.sent == []


async def test_update_results():
    """An update tells what it matched, changed and made."""
    lane = PretendLane(
        {"n": 3, "nModified": 2, "ok": 1},
        {"n": 1, "nModified": 0, "upserted": [{"index": 0, "_id": 5}], "ok": 1},
    )
    query = Find(people(lane), (AGE > 1,))

    assert await query.update(AGE.inc(1)) == UpdateResult(3, 2)
    assert await query.update({"name": "x"}, upsert=True) == UpdateResult(0, 0, 5)
    assert [body["updates"] for body in lane.bodies] == [
        [{"q": {"age": {"$gt": 1}}, "u": {"$inc": {"age": 1}}, "multi": True}],
        [{"q": {"age": {"$gt": 1}}, "u": {"$set": {"n": "x"}}, "multi": True,
          "upsert": True}],
    ]  # fmt: skip


async def test_update_options():
    """Array filters, hint, collation and sort go where the server wants them."""
    tags = path("tags")
    lane = PretendLane(DONE)

    await (
        FindOne(people(lane))
        .sort(-AGE)
        .hint("age_1")
        .comment("why")
        .update(tags.filtered("t").set("x"), array_filters=[tags.filtered("t") == "y"])
    )

    assert lane.bodies == [
        {"update": "people", "comment": "why", "updates": [
            {"q": {}, "u": {"$set": {"tags.$[t]": "x"}}, "hint": "age_1",
             "arrayFilters": [{"t": "y"}], "sort": {"age": -1}}]}
    ]  # fmt: skip


async def test_replace_keeps_id():
    """A replacement is a whole document without its _id."""
    lane = PretendLane(DONE)

    await FindOne(people(lane), ({"id": 1},)).replace(Person(1, "Ann", 4))

    assert lane.bodies[0]["updates"] == [{"q": {"_id": 1}, "u": {"n": "Ann", "age": 4}}]


async def test_pipeline_update():
    """A pipeline is sent as it is."""
    pipeline = [{"$set": {"n": {"$toUpper": "$n"}}}]
    lane = PretendLane(DONE)

    await FindOne(people(lane)).update(pipeline)

    assert lane.bodies[0]["updates"][0]["u"] == pipeline


async def test_deletes():
    """Deletes give how many were removed."""
    lane = PretendLane({"n": 3, "ok": 1}, DONE)

    assert await Find(people(lane), (AGE > 1,)).delete() == 3
    assert await FindOne(people(lane), (AGE > 1,)).delete() == 1
    assert [body["deletes"][0]["limit"] for body in lane.bodies] == [0, 1]


async def test_find_and_modify_forms():
    """One document is updated, replaced or removed, and given."""
    value = {"value": {"_id": 1, "n": "Ann", "age": 3}, "ok": 1}
    lane = PretendLane(value, value, value, {"value": None, "ok": 1})
    query = FindOne(people(lane), (AGE > 1,)).sort(NAME)

    assert await query.and_update(AGE.inc(1)) == Person(1, "Ann", 3)
    assert await query.and_replace(Person(1, "Bob"), new=False) is not None
    assert await query.and_delete() == Person(1, "Ann", 3)
    assert await query.and_delete() is None
    common = {
        "findAndModify": "people",
        "query": {"age": {"$gt": 1}},
        "sort": {"n": 1},
    }
    assert lane.bodies[:3] == [
        {**common, "update": {"$inc": {"age": 1}}, "new": True},
        {**common, "update": {"n": "Bob", "age": 0}},
        {**common, "remove": True},
    ]


@pytest.mark.parametrize("existing", [True, False])
async def test_upsert_is_one_command(existing):
    """An upsert is one findAndModify and tells whether the document was made."""
    lane = PretendLane(
        {
            "value": {"_id": 1, "n": "Ann", "age": 3},
            "lastErrorObject": {"n": 1} if existing else {"n": 1, "upserted": 1},
            "ok": 1,
        }
    )

    found = await Find(people(lane), (NAME == "Ann",)).upsert(
        AGE.inc(1), insert=Person(1, "ignored", 9)
    )

    assert found == (Person(1, "Ann", 3), not existing)
    assert lane.bodies == [
        {"findAndModify": "people", "query": {"n": "Ann"}, "new": True, "upsert": True,
         "update": {"$inc": {"age": 1}, "$setOnInsert": {"_id": 1}}}
    ]  # fmt: skip


async def test_upsert_race_is_repeated():
    """An upsert that loses a race against another one finds what that one made."""
    value = {"value": {"_id": 1}, "lastErrorObject": {"updatedExisting": True}, "ok": 1}
    lane = PretendLane(DuplicateKeyError("E11000", 11000), value)

    _, created = await FindOne(people(lane), (NAME == "x",)).upsert(AGE.set(1))

    assert created is False


async def test_unacknowledged_write_has_no_result():
    """With write concern 0 nothing is read from the reply."""
    lane = PretendLane({"ok": 1})
    query = Find(people(lane)).with_options(write_concern=0)

    assert await query.delete() == 0
    assert lane.sent[0].acknowledged is False


async def test_bulk_groups_commands():
    """A bulk sends neighbours of one kind together and numbers its results."""
    lane = PretendLane(
        {"n": 2, "ok": 1},
        {"n": 2, "nModified": 1, "upserted": [{"index": 1, "_id": 9}], "ok": 1},
        {"n": 4, "ok": 1},
    )
    source = people(lane, prepare=prepared)
    ann, bob = Person(None, "Ann"), Person(None, "Bob")

    found = await bulk(
        Insert(source, ann),
        Insert(source, bob),
        FindOne(source, (AGE > 1,)).update(AGE.inc(1)),
        FindOne(source, (AGE > 2,)).update(AGE.set(3), upsert=True),
        Find(source).delete(),
    )

    assert found == BulkResult(2, 1, 1, 4, {3: 9})
    assert [next(iter(body)) for body in lane.bodies] == ["insert", "update", "delete"]
    assert None not in (ann.id, bob.id)
    assert [command.retryable for command in lane.sent] == [True, True, False]


async def test_unordered_bulk_sends_less():
    """Without an order, all of one kind go together, under their own numbers."""
    lane = PretendLane(DONE, {"n": 1, "writeErrors": [{**CLASH, "index": 1}], "ok": 1})
    source = people(lane)
    writes = [
        Insert(source, Person(1, "a")),
        FindOne(source).delete(),
        Insert(source, Person(2, "b")),
    ]

    with pytest.raises(BulkWriteError) as caught:
        await bulk(writes, ordered=False)
    assert [next(iter(body)) for body in lane.bodies] == ["delete", "insert"]
    assert caught.value.details["nRemoved"] == caught.value.details["nInserted"] == 1
    assert [error["index"] for error in caught.value.details["writeErrors"]] == [2]


async def test_ordered_bulk_stops():
    """An ordered bulk stops at the first refusal."""
    lane = PretendLane({"n": 0, "writeErrors": [CLASH], "ok": 1})
    source = people(lane)

    with pytest.raises(BulkWriteError):
        await bulk(Insert(source, Person(1, "a")), FindOne(source).delete())
    assert len(lane.sent) == 1


def test_bulk_takes_writes_only():
    """A read cannot be part of a bulk."""
    query = FindOne(people(PretendLane()))
    query._used = True
    with pytest.raises(QueryError, match="cannot be part of a bulk"):
        bulk([query])


def test_nothing_done_is_a_result():
    """An empty outcome is an empty result."""
    assert BulkResult.of(Outcome()) == BulkResult()
