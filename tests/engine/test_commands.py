"""Commands: what they answer, and what they refuse."""

import bson
import pymongo
import pymongo.errors
import pytest


def test_hello_names_one_member(client, engine):
    """The engine says that it is a replica set of one, and where."""
    hello = client.admin.command("hello")

    assert hello["isWritablePrimary"]
    assert [hello["me"]] == hello["hosts"] == [hello["primary"]]
    assert hello["me"] in engine.uri
    assert 30 == hello["logicalSessionTimeoutMinutes"]
    assert 21 <= hello["maxWireVersion"]


def test_discovery_finds_the_primary(engine):
    """A driver that discovers the replica set finds it."""
    uri = engine.uri.replace("directConnection=true", "replicaSet=mongolane")
    with pymongo.MongoClient(uri, serverSelectionTimeoutMS=5000) as client:
        client.admin.command("ping")

        assert "ReplicaSetWithPrimary" == client.topology_description.topology_type_name


def test_replies_carry_the_cluster_time(client):
    """Each write moves the cluster time on."""
    first = client.t.command("insert", "c", documents=[{}])
    second = client.t.command("insert", "c", documents=[{}])

    assert first["$clusterTime"]["clusterTime"] == first["operationTime"]
    assert first["operationTime"] < second["operationTime"]


REFUSED = [
    ({"foo": 1}, 59),
    ({"find": "c", "foo": 1}, 40415),
    ({"find": ""}, 73),
    ({"find": 1}, 73),
    ({"find": "c", "filter": 1}, 14),
    ({"find": "c", "limit": "x"}, 14),
    ({"find": "c", "skip": -1}, 51024),
    ({"find": ".c"}, 73),
    ({"find": "c", "collation": {"locale": "xx"}}, 2),
    ({"find": "c", "tailable": True}, 238),
    ({"find": "c", "sort": {"a": 2}}, 15975),
    ({"find": "c", "readConcern": {"level": "foo"}}, 2),
    ({"insert": "c", "documents": []}, 16),
    ({"insert": "c"}, 40414),
    ({"insert": "c", "documents": [{}], "ordered": "no"}, 14),
    ({"update": "c", "updates": [{"q": {}}]}, 40414),
    ({"update": "c", "updates": [{"q": 1, "u": {}}]}, 14),
    ({"update": "c", "updates": [{"q": {}, "u": 1}]}, 9),
    ({"delete": "c", "deletes": [{"q": {}}]}, 40414),
    ({"delete": "c", "deletes": [{"q": {}, "limit": 2}]}, 9),
    ({"aggregate": "c", "pipeline": [], "cursor": {"foo": 1}}, 40415),
    ({"insert": "c", "documents": [{}], "startTransaction": True}, 20),
    ({"update": "c", "updates": [{"q": {}, "u": {}, "foo": 1}]}, 40415),
    ({"getMore": 5, "collection": "c"}, 14),
    ({"getMore": bson.Int64(5), "collection": "c"}, 43),
    ({"create": "c", "capped": True, "size": 5}, 238),
    ({"create": "c", "validator": {"a": {"$foo": 1}}}, 2),
    ({"create": "c", "viewOn": "d", "pipeline": []}, 238),
    ({"atlasVersion": 1}, 8000),
    ({"ping": 1, "apiVersion": "2"}, 322),
    ({"distinct": "c", "key": "a", "apiVersion": "1", "apiStrict": True}, 323),
    ({"findAndModify": "c"}, 9),
    ({"listIndexes": "absent"}, 26),
    ({"dropIndexes": "absent", "index": "*"}, 26),
    ({"configureFailPoint": "failCommand", "mode": "off"}, 13),
]


@pytest.mark.parametrize(("command", "code"), REFUSED, ids=str)
def test_a_command_is_refused(database, command, code):
    """What the engine doesn't know or do is refused with MongoDB's code."""
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        database.command(command)

    assert code == caught.value.code
    assert caught.value.details["codeName"]


def test_collections_come_and_go(database, client):
    """Collections are listed from their making to their drop."""
    database.create_collection("a")
    database.b.insert_one({})
    with pytest.raises(pymongo.errors.CollectionInvalid):
        database.create_collection("a")

    assert ["a", "b"] == sorted(database.list_collection_names())
    assert ["b"] == database.list_collection_names(filter={"name": "b"})
    assert database.name in client.list_database_names()
    database.b.rename("c")
    database.drop_collection("a")
    assert ["c"] == database.list_collection_names()
    client.drop_database(database.name)
    assert database.name not in client.list_database_names()


def test_rename_refuses_a_taken_name(database):
    """A collection isn't renamed over another one unless that is asked for."""
    database.a.insert_one({"_id": 1})
    database.b.insert_one({"_id": 2})
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        database.a.rename("b")
    database.a.rename("b", dropTarget=True)

    assert 48 == caught.value.code
    assert [{"_id": 1}] == list(database.b.find())


def test_cursors_give_all(things):
    """A cursor gives every document once, in batches as asked for."""
    things.insert_many({"_id": i} for i in range(1000))
    found = [d["_id"] for d in things.find(batch_size=7)]

    assert list(range(1000)) == found


def test_a_killed_cursor_is_gone(things):
    """A cursor that was killed is not found again."""
    things.insert_many({"_id": i} for i in range(10))
    reply = things.database.command("find", things.name, batchSize=2)["cursor"]
    killed = things.database.command("killCursors", things.name, cursors=[reply["id"]])
    with pytest.raises(pymongo.errors.CursorNotFound):
        things.database.command("getMore", reply["id"], collection=things.name)

    assert [reply["id"]] == killed["cursorsKilled"]


def test_count_and_distinct(things):
    """Counting takes skip and limit, distinct opens arrays."""
    things.insert_many({"n": i % 3, "a": [i, 1]} for i in range(9))

    assert 3 == things.count_documents({"n": 1})
    assert 9 == things.estimated_document_count()
    assert 2 == things.count_documents({}, skip=1, limit=2)
    assert [0, 1, 2] == sorted(things.distinct("n"))
    assert list(range(9)) == sorted(things.distinct("a"))


def test_aggregation_reads_other_collections(database):
    """A pipeline matches, groups and looks other collections up."""
    database.a.insert_many({"_id": i, "k": i % 2} for i in range(6))
    database.b.insert_many([{"_id": 0, "t": "even"}, {"_id": 1, "t": "odd"}])
    found = database.a.aggregate(
        [
            {"$match": {"_id": {"$gt": 0}}},
            {"$group": {"_id": "$k", "n": {"$sum": 1}}},
            {
                "$lookup": {
                    "from": "b",
                    "localField": "_id",
                    "foreignField": "_id",
                    "as": "b",
                }
            },
            {"$sort": {"_id": 1}},
            {"$project": {"n": 1, "t": {"$first": "$b.t"}}},
        ]
    )

    assert [{"_id": 0, "n": 2, "t": "even"}, {"_id": 1, "n": 3, "t": "odd"}] == list(
        found
    )


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ({"$foo": 1}, 40324),
        ({"$changeStream": {}}, 238),
        ({"$unwind": ""}, 28812),
        ({"$facet": {"a.b": []}}, 16412),
    ],
    ids=str,
)
def test_an_unknown_stage_is_refused(things, stage, code):
    """A stage that the engine doesn't know, or can't do, is refused by name."""
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        list(things.aggregate([stage]))

    assert code == caught.value.code


def test_time_is_limited(things):
    """A command stops when its time is over."""
    things.insert_many({"_id": i, "s": "a" * 40} for i in range(20000))
    with pytest.raises(pymongo.errors.ExecutionTimeout):
        list(things.find({"s": {"$regex": "(a*)*b"}}).max_time_ms(1))


def test_unacknowledged_writes_are_done(engine, database):
    """A write that nobody waits for is done, and the connection goes on."""
    silent = database.get_collection("c", write_concern=pymongo.WriteConcern(w=0))
    with engine.client(maxPoolSize=1) as client:
        same = client[database.name].get_collection(
            "c", write_concern=pymongo.WriteConcern(w=0)
        )
        same.insert_one({"_id": 1})
        assert {"_id": 1} == client[database.name].c.find_one()
    assert not silent.insert_one({"_id": 2}).acknowledged


def test_too_wide_a_write_concern(database):
    """A write that shall reach two members is done, and says that it didn't."""
    concern = pymongo.WriteConcern(w=2, wtimeout=100)
    with pytest.raises(pymongo.errors.WriteConcernError) as caught:
        database.get_collection("c", write_concern=concern).insert_one({"_id": 1})

    assert 100 == caught.value.code
    assert 1 == database.c.count_documents({})


def test_a_number_that_comes_again(database):
    """A write that comes twice with one number is done once."""
    with database.client.start_session() as session:
        lsid = session.session_id
        command = {
            "update": "c",
            "updates": [{"q": {"_id": 1}, "u": {"$inc": {"n": 1}}, "upsert": True}],
            "txnNumber": bson.Int64(1),
            "lsid": lsid,
        }
        replies = [database.command(dict(command)) for _ in range(2)]
        with pytest.raises(pymongo.errors.OperationFailure) as caught:
            database.command({**command, "txnNumber": bson.Int64(0)})

    assert replies[0]["upserted"] == replies[1]["upserted"]
    assert {"_id": 1, "n": 1} == database.c.find_one()
    assert 225 == caught.value.code


@pytest.mark.parametrize(
    ("verbosity", "told"),
    [
        ("queryPlanner", False),
        ("executionStats", True),
        ("allPlansExecution", True),
    ],
)
def test_an_explanation_tells_what_was_asked_for(client, verbosity, told):
    """Figures of a run are told unless only the plan was asked for."""
    command = {"find": "explained", "filter": {"n": {"$gt": 1}}}
    client.t.explained.insert_many([{"n": n} for n in range(4)])
    answer = client.t.command("explain", command, verbosity=verbosity)
    client.t.explained.drop()

    assert command == {key: answer["command"][key] for key in command}
    assert "winningPlan" in answer["queryPlanner"]
    assert told == ("executionStats" in answer)
    assert not told or answer["executionStats"]["nReturned"] == 2


def test_an_unknown_verbosity_is_refused(client):
    """A verbosity that no server has is an error that names it."""
    with pytest.raises(pymongo.errors.OperationFailure, match="'loud'"):
        client.t.command("explain", {"find": "c"}, verbosity="loud")
