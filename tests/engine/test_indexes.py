"""Indexes: what they enforce, and when they are used."""

import datetime
import time

import bson
import pymongo.errors
import pytest
from bson import Decimal128


def plan(things, given):
    """The stages of a query's plan, outermost first."""
    stage = things.find(given).explain()["queryPlanner"]["winningPlan"]
    names = []
    while stage:
        names.append(stage["stage"])
        stage = stage.get("inputStage")
    return names


def test_a_duplicate_names_index_and_value(things):
    """A duplicate's error tells the index and the value."""
    things.create_index("name", unique=True)
    things.insert_one({"name": "x"})
    with pytest.raises(pymongo.errors.DuplicateKeyError) as caught:
        things.insert_one({"name": "x"})

    details = caught.value.details
    assert {"name": 1} == details["keyPattern"]
    assert {"name": "x"} == details["keyValue"]
    assert details["errmsg"] == (
        f"E11000 duplicate key error collection: {things.full_name}"
        ' index: name_1 dup key: { name: "x" }'
    )


def test_an_update_may_not_duplicate(things):
    """An update that would make a duplicate changes nothing."""
    things.create_index("n", unique=True)
    things.insert_many([{"_id": 1, "n": 1}, {"_id": 2, "n": 2}])
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        things.update_one({"_id": 2}, {"$set": {"n": 1.0}})

    assert {"_id": 2, "n": 2} == things.find_one({"n": 2})


def test_a_unique_index_on_arrays(things):
    """No two documents may share an element, but one may have it twice."""
    things.create_index("a", unique=True)
    things.insert_one({"a": [1, 1, 2]})
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        things.insert_one({"a": [5, 2]})

    assert 0 == things.count_documents({"a": 5})


def test_sparse_and_partial_uniqueness(things):
    """What a sparse or partial index leaves out may be there twice."""
    things.create_index("s", unique=True, sparse=True)
    things.create_index("p", unique=True, partialFilterExpression={"p": {"$gt": 5}})
    things.insert_many([{"p": 1}, {"p": 1}, {"p": 6, "s": 1}])

    for document in ({"p": 6}, {"s": 1, "p": 2}):
        with pytest.raises(pymongo.errors.DuplicateKeyError):
            things.insert_one(document)
    assert 3 == things.count_documents({})


def test_a_compound_unique_index(things):
    """A compound index compares all its fields."""
    things.create_index([("a", 1), ("b", -1)], unique=True)
    things.insert_many([{"a": 1, "b": 1}, {"a": 1, "b": 2}])
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        things.insert_one({"a": 1, "b": 2})


def test_duplicates_forbid_the_index(things):
    """An index over duplicates isn't made."""
    things.insert_many([{"n": 1}, {"n": 1}])
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        things.create_index("n", unique=True)

    assert ["_id_"] == list(things.index_information())


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({"_id": 5}, True),
        ({"n": 5}, True),
        ({"n": {"$gt": 5, "$lt": 9}}, True),
        ({"n": {"$in": [1, 2]}}, True),
        ({"s": {"$regex": "^a1"}}, True),
        ({"s": {"$regex": "a1"}}, False),
        ({"$or": [{"n": 5}, {"m": 5}]}, False),
        ({"m": 5}, False),
        ({"b": 5}, False),
        ({"a": 1, "b": 5}, True),
    ],
    ids=str,
)
def test_an_index_is_used(things, given, used):
    """Equality and ranges on the leading field are answered by the index."""
    things.create_index("n")
    things.create_index("s")
    things.create_index([("a", 1), ("b", 1)])
    things.insert_many({"n": i, "s": f"a{i}", "a": 1, "b": i} for i in range(20))

    assert (["FETCH", "IXSCAN"] if used else ["COLLSCAN"]) == plan(things, given)


def test_conflicting_specifications(things):
    """A name or a key that is taken by another index is refused."""
    things.create_index("n", name="x")
    things.create_index("n", name="x")
    for arguments, code in (
        ({"keys": "m", "name": "x"}, 86),
        ({"keys": "n", "name": "y"}, 85),
        ({"keys": "n", "name": "x", "unique": True}, 86),
        ({"keys": [("g", "haystack")]}, 67),
        ({"keys": [("g", 0)]}, 67),
        ({"keys": "g", "foo": 1}, 197),
        ({"keys": "g", "name": "*"}, 2),
        ({"keys": "g", "partialFilterExpression": {"a": {"$regex": "x"}}}, 67),
        ({"keys": "g", "partialFilterExpression": {"a": {"$ne": 1}}}, 67),
    ):
        with pytest.raises(pymongo.errors.OperationFailure) as caught:
            things.create_index(**arguments)
        assert code == caught.value.code


def test_indexes_are_dropped(things):
    """Indexes go by name or by key, that of _id never."""
    things.create_index("n")
    things.create_index("m")
    things.drop_index("n_1")
    things.drop_index([("m", 1)])

    assert ["_id_"] == list(things.index_information())
    for name, code in (("_id_", 72), ("absent", 27)):
        with pytest.raises(pymongo.errors.OperationFailure) as caught:
            things.drop_index(name)
        assert code == caught.value.code


def test_documents_expire(things):
    """A document goes away when its time to live is over."""
    things.create_index("t", expireAfterSeconds=10)
    now = datetime.datetime.now(datetime.UTC)
    past = now - datetime.timedelta(seconds=11)
    things.insert_many([{"_id": 1, "t": past}, {"_id": 2, "t": now}, {"_id": 3}])
    end = time.monotonic() + 5
    while things.count_documents({}) == 3 and time.monotonic() < end:
        time.sleep(0.1)

    assert [2, 3] == [d["_id"] for d in things.find()]


def test_a_hint_is_followed(things):
    """A hint chooses the index, and one at no index is refused."""
    things.create_index("n")
    things.insert_many({"_id": -i, "n": i} for i in range(5))
    found = things.find({"_id": {"$lt": 0}}).hint("n_1")

    assert [-1, -2, -3, -4] == [d["_id"] for d in found]
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        things.find_one({}, hint="absent")
    assert 2 == caught.value.code


def test_an_index_is_changed(start, tmp_path):
    """collMod changes when documents expire and whether queries see an index."""
    running = start(tmp_path)
    with running.client() as client:
        things = client.t.c
        things.create_index("at", expireAfterSeconds=100)
        expiry = {"name": "at_1", "expireAfterSeconds": 50}
        first = client.t.command("collMod", "c", index=expiry)
        hiding = {"keyPattern": {"at": 1}, "hidden": True}
        second = client.t.command("collMod", "c", index=hiding)
        assert ["COLLSCAN"] == plan(things, {"at": 1})
    running.kill()
    with start(tmp_path).client() as client:
        information = client.t.c.index_information()["at_1"]

    assert (100, 50) == (
        first["expireAfterSeconds_old"],
        first["expireAfterSeconds_new"],
    )
    assert (False, True) == (second["hidden_old"], second["hidden_new"])
    assert 50 == information["expireAfterSeconds"]
    assert information["hidden"]


@pytest.mark.parametrize(
    ("collection", "index", "code"),
    [
        ("c", {"name": "nope", "hidden": True}, 27),
        ("absent", {"name": "n_1", "hidden": True}, 26),
        ("c", {"name": "n_1"}, 72),
        ("c", {"hidden": True}, 72),
        ("c", {"name": "_id_", "hidden": True}, 2),
        ("c", {"name": "n_1", "unique": True}, 40415),
        ("c", {"name": "n_1", "expireAfterSeconds": -1}, 72),
    ],
    ids=str,
)
def test_an_index_is_not_changed(database, collection, index, code):
    """What collMod can't change is refused with MongoDB's code."""
    database.c.create_index("n")
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        database.command("collMod", collection, index=index)

    assert code == caught.value.code


def test_an_index_gives_the_order(things):
    """A sort that an index has is taken from it, and stops at the limit."""
    things.create_index("n", name="by_n")
    things.create_index([("a", 1), ("b", 1)], name="by_a_b")
    things.insert_many({"n": i % 50, "a": i % 3, "b": -i} for i in range(200))

    def explained(find):
        found = find.explain()
        stage, names = found["queryPlanner"]["winningPlan"], []
        while stage:
            names.append(stage.get("indexName", stage["stage"]))
            stage = stage.get("inputStage")
        return names, found["executionStats"]["totalDocsExamined"]

    assert (["FETCH", "by_n"], 20) == explained(things.find().sort("n").limit(20))
    assert (["FETCH", "by_n"], 20) == explained(things.find().sort("n", -1).limit(20))
    by_b = things.find({"a": 1}).sort("b").limit(5)
    assert (["FETCH", "by_a_b"], 5) == explained(by_b)
    assert (["SORT", "COLLSCAN"], 200) == explained(things.find().sort("b").limit(5))
    mixed = things.find().sort([("a", 1), ("b", -1)])
    assert (["SORT", "COLLSCAN"], 200) == explained(mixed)
    ranged = things.find({"n": {"$gt": 47}}).sort("n", -1).limit(1)
    assert (["FETCH", "by_n"], 1) == explained(ranged)
    assert 49 == things.find_one({}, sort=[("n", -1)])["n"]


@pytest.mark.parametrize("direction", [1, -1])
def test_an_index_gives_the_same_order(things, direction):
    """The order of an index is that of a sort, for all types, and so are pipelines."""
    numbers = [1, 2.5, -3, 2**53, 2**53 + 1, Decimal128("2.5"), 0.1]
    others = [
        None,
        "a",
        "A",
        "",
        "ab",
        {"x": 1},
        {"x": "y"},
        True,
        datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
    ]
    values = [*numbers, *others, bson.ObjectId(), b"x", [], [4]]
    things.insert_many({"_id": i, "v": value} for i, value in enumerate(values * 2))
    things.insert_one({"_id": "missing"})

    def ids(**options):
        found = things.find({}, sort=[("v", direction)], **options)
        piped = things.aggregate(
            [{"$sort": {"v": direction}}, {"$limit": 15}], **options
        )
        updated = things.find_one_and_update(
            {}, {"$set": {"x": 1}}, sort=[("v", direction)]
        )
        return [
            [document["_id"] for document in found],
            [document["_id"] for document in piped],
            updated["_id"],
        ]

    def stages():
        plan = (
            things.find().sort("v", direction).explain()["queryPlanner"]["winningPlan"]
        )
        return [plan["stage"], plan["inputStage"]["stage"]]

    before = ids()
    things.create_index("v")
    assert (["FETCH", "IXSCAN"], before) == (stages(), ids())
    # Next to 0.1 as a double: only the values themselves tell which is less.
    things.insert_one({"_id": "decimal", "v": Decimal128("0.1")})
    assert ["SORT", "COLLSCAN"] == stages()
    things.insert_one({"_id": "many", "v": [1, "z"]})
    assert "many" in ids()[0]
