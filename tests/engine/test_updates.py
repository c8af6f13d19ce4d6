"""What updates make of documents."""

import threading

import bson
import pymongo
import pymongo.errors
import pytest

CASES = [
    ({"a": 1}, {"$set": {"a": 2, "b.c": 3}}, {"a": 2, "b": {"c": 3}}),
    ({}, {"$set": {"z": 1, "b": 2}}, {"b": 2, "z": 1}),
    ({"a": [1, 2]}, {"$set": {"a.1": 9}}, {"a": [1, 9]}),
    ({"a": [1]}, {"$set": {"a.3": 9}}, {"a": [1, None, None, 9]}),
    ({"a": 1, "b": 2}, {"$unset": {"a": ""}}, {"b": 2}),
    ({"a": [1, 2]}, {"$unset": {"a.0": ""}}, {"a": [None, 2]}),
    ({"a": 1}, {"$inc": {"a": 2, "b": 5}}, {"a": 3, "b": 5}),
    ({"a": 2147483647}, {"$inc": {"a": 1}}, {"a": 2147483648}),
    ({"a": 1}, {"$inc": {"a": 0.5}}, {"a": 1.5}),
    ({"a": 3}, {"$mul": {"a": 2, "b": 5}}, {"a": 6, "b": 0}),
    ({"a": 3}, {"$min": {"a": 2, "b": 5}}, {"a": 2, "b": 5}),
    ({"a": 3}, {"$max": {"a": 2}}, {"a": 3}),
    ({"a": 3}, {"$max": {"a": "x"}}, {"a": "x"}),
    ({"a": [1]}, {"$push": {"a": 2, "b": 3}}, {"a": [1, 2], "b": [3]}),
    ({"a": [1]}, {"$push": {"a": [2]}}, {"a": [1, [2]]}),
    ({"a": [1]}, {"$push": {"a": {"$each": [3, 2], "$sort": 1}}}, {"a": [1, 2, 3]}),
    ({"a": [1]}, {"$push": {"a": {"$each": [3], "$slice": -1}}}, {"a": [3]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [3], "$position": 1}}}, {"a": [1, 3, 2]}),
    (
        {"a": [{"x": 2}]},
        {"$push": {"a": {"$each": [{"x": 1}, {"x": 3}], "$sort": {"x": -1}}}},
        {"a": [{"x": 3}, {"x": 2}, {"x": 1}]},
    ),
    ({"a": [1, 2]}, {"$addToSet": {"a": {"$each": [2, 3]}}}, {"a": [1, 2, 3]}),
    ({"a": [1.0]}, {"$addToSet": {"a": 1}}, {"a": [1.0]}),
    ({"a": [1, 2, 3]}, {"$pop": {"a": 1}}, {"a": [1, 2]}),
    ({"a": [1, 2, 3]}, {"$pop": {"a": -1}}, {"a": [2, 3]}),
    ({"a": [1, 2, 1]}, {"$pull": {"a": 1}}, {"a": [2]}),
    ({"a": [1, 5, 9]}, {"$pull": {"a": {"$gte": 5}}}, {"a": [1]}),
    (
        {"a": [{"x": 1, "y": 2}, {"x": 2}]},
        {"$pull": {"a": {"x": 1}}},
        {"a": [{"x": 2}]},
    ),
    ({"a": [1, 2, 3]}, {"$pullAll": {"a": [1, 3]}}, {"a": [2]}),
    ({"a": 1}, {"$rename": {"a": "b.c"}}, {"b": {"c": 1}}),
    ({"a": 1}, {"$setOnInsert": {"b": 1}}, {"a": 1}),
    ({"a": 13}, {"$bit": {"a": {"and": 10}}}, {"a": 8}),
    ({"a": 1}, {"$set": {}}, {"a": 1}),
    (
        {"a": [{"x": 1}, {"x": 2}]},
        {"$inc": {"a.$[].x": 1}},
        {"a": [{"x": 2}, {"x": 3}]},
    ),
    (
        {"a": 1, "b": 1},
        [{"$set": {"c": {"$add": ["$a", "$b"]}}}],
        {"a": 1, "b": 1, "c": 2},
    ),
    ({"a": 1, "b": 1}, [{"$unset": "b"}], {"a": 1}),
    ({"a": {"x": 1}}, [{"$replaceWith": "$a"}], {"x": 1}),
]


@pytest.mark.parametrize(("before", "update", "after"), CASES, ids=str)
def test_an_update_makes(things, before, update, after):
    """An update makes of a document what MongoDB would make of it."""
    things.insert_one({"_id": 1, **before})
    result = things.update_one({"_id": 1}, update)

    found = things.find_one({"_id": 1})
    assert {"_id": 1, **after} == found
    assert ["_id", *after] == list(found)
    assert 1 == result.matched_count
    assert int(before != after) == result.modified_count


def test_the_positional_operator(things):
    """The positional operator changes the element that the filter met."""
    things.insert_one({"_id": 1, "a": [1, 5, 9], "o": [{"x": 1}, {"x": 2}]})
    things.update_one({"a": {"$gt": 4}}, {"$set": {"a.$": 0}})
    things.update_one({"o.x": 2}, {"$set": {"o.$.y": 1}})

    expected = {"_id": 1, "a": [1, 0, 9], "o": [{"x": 1}, {"x": 2, "y": 1}]}
    assert expected == things.find_one()


def test_array_filters(things):
    """Array filters choose the elements that are changed."""
    things.insert_one({"_id": 1, "a": [{"x": 1, "l": [1, 8]}, {"x": 5, "l": [9]}]})
    things.update_one(
        {},
        {"$set": {"a.$[big].y": True, "a.$[].l.$[high]": 0}},
        array_filters=[{"big.x": {"$gte": 5}}, {"high": {"$gt": 7}}],
    )

    expected = [{"x": 1, "l": [1, 0]}, {"x": 5, "l": [0], "y": True}]
    assert expected == things.find_one()["a"]


REFUSED = [
    ({"$foo": {"a": 1}}, 9),
    ({"$set": 1}, 9),
    ({"$set": {"a": 1, "a.b": 2}}, 40),
    ({"$set": {"a": 1}, "$inc": {"a": 2}}, 40),
    ({"$set": {"_id": 2}}, 66),
    ({"$unset": {"_id": 1}}, 66),
    ({"$inc": {"s": 1}}, 14),
    ({"$inc": {"n": "x"}}, 14),
    ({"$push": {"n": 1}}, 2),
    ({"$addToSet": {"n": 1}}, 2),
    ({"$pop": {"n": 1}}, 14),
    ({"$pop": {"a": 2}}, 9),
    ({"$pull": {"n": 1}}, 2),
    ({"$set": {"n.x": 1}}, 28),
    ({"$set": {"a.x": 1}}, 28),
    ({"$set": {"": 1}}, 56),
    ({"$set": {"a.$[x]": 1}}, 2),
    ({"$set": {"a.$": 1}}, 2),
    ({"$set": {"a.$.x.$": 1}}, 2),
    ({"$push": {"a": {"$each": 1}}}, 14),
    ({"$push": {"a": {"$each": [], "$foo": 1}}}, 2),
    ({"$rename": {"n": "n"}}, 2),
    ({"$currentDate": {"n": {"$type": "x"}}}, 2),
    ({"$bit": {"n": {"foo": 1}}}, 2),
    ([{"$match": {}}], 72),
    ([{"$foo": {}}], 40324),
]


@pytest.mark.parametrize(("update", "code"), REFUSED, ids=str)
def test_a_wrong_update_is_refused(things, update, code):
    """An update that can't be is refused with MongoDB's code, and changes nothing."""
    before = {"_id": 1, "n": 1, "s": "x", "a": [1]}
    things.insert_one(before)
    with pytest.raises(pymongo.errors.WriteError) as caught:
        things.update_one({}, update)

    assert code == caught.value.code
    assert before == things.find_one()


def test_replacement_keeps_the_id(things):
    """A replacement keeps the _id, and may not change it."""
    things.insert_one({"_id": 1, "a": 1})
    things.replace_one({"a": 1}, {"b": 2})

    assert {"_id": 1, "b": 2} == things.find_one()
    with pytest.raises(pymongo.errors.WriteError) as caught:
        things.replace_one({}, {"_id": 2})
    assert 66 == caught.value.code


UPSERTS = [
    ({"_id": 1, "a": 2}, {"$set": {"b": 3}}, {"_id": 1, "a": 2, "b": 3}),
    (
        {"_id": 1, "a.b": {"$eq": 2}},
        {"$set": {"c": 3}},
        {"_id": 1, "a": {"b": 2}, "c": 3},
    ),
    ({"_id": 1, "a": {"$gt": 2}}, {"$setOnInsert": {"b": 1}}, {"_id": 1, "b": 1}),
    ({"$and": [{"_id": 1}, {"a": 2}]}, {"$inc": {"a": 1}}, {"_id": 1, "a": 3}),
    ({"_id": 1, "a": {"$in": [4]}}, {"$set": {"b": 1}}, {"_id": 1, "a": 4, "b": 1}),
    ({"_id": 1, "a": 2}, [{"$set": {"b": "$a"}}], {"_id": 1, "a": 2, "b": 2}),
]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"a": 1, "$and": [{"a": 2}]}, 54),
        ({"a": {"b": 1}, "a.c": 2}, 54),
        ({"$expr": {"$eq": ["$a", 1]}}, 224),
        ({"_id": [1]}, 53),
    ],
    ids=str,
)
def test_an_upsert_without_a_clear_start(things, given, code):
    """A filter that doesn't say one document is refused for an upsert."""
    with pytest.raises(pymongo.errors.WriteError) as caught:
        things.update_one(given, {"$set": {"z": 1}}, upsert=True)

    assert code == caught.value.code
    assert 0 == things.count_documents({})


@pytest.mark.parametrize(("given", "update", "expected"), UPSERTS, ids=str)
def test_an_upsert_starts_from_its_filter(things, given, update, expected):
    """What the filter says equals something is in the new document."""
    result = things.update_one(given, update, upsert=True)

    assert 1 == result.upserted_id
    assert expected == things.find_one()


def test_an_upsert_by_replacement(things):
    """A replacement that is inserted takes only the _id of its filter."""
    things.replace_one({"_id": 1, "a": 2}, {"b": 3}, upsert=True)
    made = things.replace_one({"a": 2}, {"c": 3}, upsert=True).upserted_id

    assert [{"_id": 1, "b": 3}, {"_id": made, "c": 3}] == list(things.find())
    assert isinstance(made, bson.ObjectId)


def test_many_are_updated(things):
    """An update of many counts the matched and the changed apart."""
    things.insert_many({"_id": i, "n": i % 2} for i in range(10))
    result = things.update_many({"_id": {"$lt": 6}}, {"$set": {"n": 1}})

    assert (6, 3) == (result.matched_count, result.modified_count)


FIND_AND_MODIFY = [
    ({"update": {"$inc": {"n": 1}}}, {"_id": 1, "n": 5}),
    ({"update": {"$inc": {"n": 1}}, "new": True}, {"_id": 1, "n": 6}),
    ({"update": {"m": 1}, "new": True}, {"_id": 1, "m": 1}),
    ({"remove": True}, {"_id": 1, "n": 5}),
    ({"remove": True, "sort": {"n": -1}}, {"_id": 2, "n": 7}),
    ({"remove": True, "fields": {"n": 1, "_id": 0}}, {"n": 5}),
    ({"query": {"n": 9}, "update": {"$set": {"k": 1}}}, None),
    (
        {
            "query": {"_id": 9},
            "update": {"$set": {"k": 1}},
            "upsert": True,
            "new": True,
        },
        {"_id": 9, "k": 1},
    ),
    ({"query": {"_id": 9}, "update": {"$set": {"k": 1}}, "upsert": True}, None),
]


@pytest.mark.parametrize(("command", "expected"), FIND_AND_MODIFY, ids=str)
def test_find_and_modify_gives(things, command, expected):
    """The document comes back as it was, or as it is where that is asked for."""
    things.insert_many([{"_id": 1, "n": 5}, {"_id": 2, "n": 7}])
    reply = things.database.command("findAndModify", things.name, **command)

    assert expected == reply["value"]


def test_unordered_writes_go_on(things):
    """Unordered inserts go on behind a duplicate, ordered ones stop."""
    things.insert_one({"_id": 2})
    for ordered, count in ((True, 1), (False, 2)):
        documents = [{"_id": 1}, {"_id": 2}, {"_id": 3}]
        with pytest.raises(pymongo.errors.BulkWriteError) as caught:
            things.insert_many(documents, ordered=ordered)
        assert count == caught.value.details["nInserted"]
        assert [1] == [e["index"] for e in caught.value.details["writeErrors"]]
        things.delete_many({"_id": {"$ne": 2}})


def test_a_bulk_of_everything(things):
    """A mixed bulk counts each kind of write."""
    result = things.bulk_write(
        [
            pymongo.InsertOne({"_id": 1}),
            pymongo.UpdateOne({"_id": 1}, {"$set": {"a": 1}}),
            pymongo.ReplaceOne({"_id": 2}, {"b": 1}, upsert=True),
            pymongo.DeleteOne({"_id": 1}),
        ]
    )

    assert (1, 1, 1, 1) == (
        result.inserted_count,
        result.modified_count,
        result.upserted_count,
        result.deleted_count,
    )


def test_a_document_too_large(things):
    """A document over 16 MB is refused, and so is one that grows over it."""
    things.insert_one({"_id": 1, "a": "x" * 9_000_000})
    with pytest.raises(pymongo.errors.WriteError) as caught:
        things.update_one({}, {"$set": {"b": "x" * 9_000_000}})

    assert 10334 == caught.value.code


def test_concurrent_upserts_make_one(engine, things):
    """Upserts of one filter at the same time make one document."""

    def work():
        with engine.client() as client:
            same = client[things.database.name].things
            for number in range(50):
                same.update_one({"k": number}, {"$inc": {"n": 1}}, upsert=True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [4] * 50 == [d["n"] for d in things.find()]
