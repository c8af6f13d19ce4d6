"""Indexes of every kind: how they are listed, what they enforce, what is refused."""

import pymongo
import pymongo.errors
import pytest

KINDS = [
    ({"a": 1}, {}, {}),
    ({"a": -1, "b": 1}, {"unique": True}, {"unique": True}),
    ({"a": 1}, {"sparse": True, "hidden": True}, {"sparse": True, "hidden": True}),
    ({"a": 1}, {"unique": False, "hidden": False}, {}),
    ({"a": 1}, {"expireAfterSeconds": 3600.0}, {"expireAfterSeconds": 3600}),
    (
        {"a": 1},
        {"partialFilterExpression": {"b": {"$gt": 5}}},
        {"partialFilterExpression": {"b": {"$gt": 5}}},
    ),
    ({"a": "hashed"}, {}, {}),
    ({"b": 1, "a": "hashed"}, {}, {}),
    (
        {"a": "2d"},
        {"bits": 20, "min": -10, "max": 10},
        {"min": -10, "max": 10, "bits": 20},
    ),
    ({"a": "2dsphere"}, {}, {"2dsphereIndexVersion": 3}),
    (
        {"a": "2dsphere", "b": 1},
        {"2dsphereIndexVersion": 2},
        {"2dsphereIndexVersion": 2},
    ),
    ({"$**": 1}, {}, {}),
    ({"a.$**": -1}, {}, {}),
    (
        {"$**": 1},
        {"wildcardProjection": {"a": 1, "b.c": 1}},
        {"wildcardProjection": {"a": 1, "b.c": 1}},
    ),
    ({"b": 1, "a.$**": 1}, {}, {}),
]


@pytest.mark.parametrize(("keys", "options", "listed"), KINDS, ids=str)
def test_an_index_is_listed_as_it_was_made(things, keys, options, listed):
    """Each kind is listed with its key and options, and made again changes nothing."""
    things.insert_one({"_id": 1, "b": 6, "c": "x"})
    index = {"key": keys, "name": "x", **options}
    things.database.command({"createIndexes": things.name, "indexes": [index]})
    again = things.database.command({"createIndexes": things.name, "indexes": [index]})

    assert "all indexes already exist" == again["note"]
    found = dict(list(things.list_indexes())[1])
    assert list(keys.items()) == list(found.pop("key").items())
    assert {"v": 2, "name": "x", **listed} == found
    assert list(keys) == [key for key, _ in things.index_information()["x"]["key"]]


REFUSED = [
    ({"key": {"a": 1}}, 9),
    ({"name": "x"}, 9),
    ({"key": {}, "name": "x"}, 67),
    ({"key": {"a": 1}, "name": ""}, 67),
    ({"key": {"a": 1}, "name": "*"}, 2),
    ({"key": {"a": 1}, "name": 5}, 14),
    ({"key": 1, "name": "x"}, 14),
    ({"key": {"a": 0}, "name": "x"}, 67),
    ({"key": {"a": True}, "name": "x"}, 67),
    ({"key": {"a": "foo"}, "name": "x"}, 67),
    ({"key": {"a": ""}, "name": "x"}, 67),
    ({"key": {"a..b": 1}, "name": "x"}, 67),
    ({"key": {"$a": 1}, "name": "x"}, 67),
    ({"key": {"a.$ref": 1}, "name": "x"}, None),
    ({"key": {"a": 1}, "name": "x", "foo": 1}, 197),
    ({"key": {"a": 1}, "name": "x", "v": 3}, 67),
    ({"key": {"a": 1}, "name": "x", "unique": "yes"}, 14),
    ({"key": {"a": 1}, "name": "x", "hidden": 1}, 14),
    ({"key": {"a": 1}, "name": "x", "partialFilterExpression": 1}, 14),
    ({"key": {"a": 1}, "name": "x", "partialFilterExpression": {"a": {"$foo": 1}}}, 2),
    (
        {
            "key": {"a": 1},
            "name": "x",
            "partialFilterExpression": {"a": {"$regex": "x"}},
        },
        67,
    ),
    (
        {
            "key": {"a": 1},
            "name": "x",
            "partialFilterExpression": {"a": 1},
            "sparse": True,
        },
        67,
    ),
    ({"key": {"a": 1}, "name": "x", "expireAfterSeconds": -1}, 67),
    ({"key": {"a": 1}, "name": "x", "expireAfterSeconds": "1"}, 67),
    ({"key": {"a": 1, "b": 1}, "name": "x", "expireAfterSeconds": 1}, 67),
    ({"key": {"a": 1}, "name": "x", "collation": {}}, 2),
    ({"key": {"a": 1}, "name": "x", "collation": "en"}, 14),
    ({"key": {"a": "hashed"}, "name": "x", "unique": True}, 16764),
    ({"key": {"a": "hashed", "b": "hashed"}, "name": "x"}, 31303),
    ({"key": {"a": "hashed", "b": "2d"}, "name": "x"}, 67),
    ({"key": {"a": "2d"}, "name": "x", "collation": {"locale": "en"}}, 67),
    ({"key": {"$**": 1}, "name": "x", "unique": True}, 67),
    ({"key": {"$**": 1}, "name": "x", "sparse": True}, 67),
    ({"key": {"$**": 1}, "name": "x", "expireAfterSeconds": 1}, 67),
    ({"key": {"$**": 1, "a": 1}, "name": "x"}, 67),
    ({"key": {"a.$**": 1, "b.$**": 1}, "name": "x"}, 67),
    ({"key": {"$**": "hashed"}, "name": "x"}, 67),
    ({"key": {"$**": 1}, "name": "x", "wildcardProjection": {}}, 9),
    ({"key": {"$**": 1}, "name": "x", "wildcardProjection": {"a": 1, "b": 0}}, 31254),
    ({"key": {"a.$**": 1}, "name": "x", "wildcardProjection": {"a": 1}}, 9),
    ({"key": {"a": 1}, "name": "x", "wildcardProjection": {"a": 1}}, 2),
    ({"key": {"_id": 1}, "name": "_id_", "unique": True}, 197),
    ({"key": {"_id": 1}, "name": "_id_", "expireAfterSeconds": 5}, 197),
]


@pytest.mark.parametrize(("index", "code"), REFUSED, ids=str)
def test_a_bad_definition_is_refused(things, index, code):
    """What is no index is refused with MongoDB's code."""
    command = {"createIndexes": things.name, "indexes": [index]}
    if code is None:
        things.database.command(command)
        return
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        things.database.command(command)
    assert code == caught.value.code


@pytest.mark.parametrize(
    ("index", "code"),
    [
        ({"key": {"a": 1}, "name": "x"}, None),
        ({"key": {"a": 1}, "name": "y"}, 85),
        ({"key": {"a": 1}, "name": "x", "expireAfterSeconds": 5}, 85),
        ({"key": {"a": 1}, "name": "y", "expireAfterSeconds": 5}, 85),
        ({"key": {"b": 1}, "name": "x"}, 86),
        ({"key": {"a": -1}, "name": "x"}, 86),
        ({"key": {"a": 1}, "name": "x", "unique": True}, 86),
        ({"key": {"a": 1}, "name": "x", "sparse": True}, 86),
        ({"key": {"a": 1}, "name": "x", "collation": {"locale": "en"}}, 86),
        ({"key": {"a": 1}, "name": "y", "collation": {"locale": "en"}}, None),
        ({"key": {"a": 1}, "name": "y", "partialFilterExpression": {"a": 1}}, None),
        ({"key": {"a": -1}, "name": "y"}, None),
    ],
    ids=str,
)
def test_clashing_definitions(things, index, code):
    """One index under two names, and two under one name, are refused."""
    things.create_index("a", name="x")
    command = {"createIndexes": things.name, "indexes": [index]}
    if code is None:
        things.database.command(command)
        return
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        things.database.command(command)
    assert code == caught.value.code


def test_kinds_enforce_what_they_must(things):
    """Arrays can't be hashed, and a place must be one."""
    things.create_index([("h", "hashed")])
    things.create_index([("p", "2dsphere")])
    for document, code in (({"h": [1]}, 16766), ({"p": "here"}, 16755)):
        with pytest.raises(pymongo.errors.WriteError) as caught:
            things.insert_one(document)
        assert code == caught.value.code
    things.insert_one({"h": {"x": 1}, "p": [1, 2]})


def test_a_wildcard_index_harms_no_query(things):
    """Queries find the same with a wildcard index, and may name it in a hint."""
    things.create_index([("$**", 1)], name="all")
    things.insert_many(
        [{"_id": 1, "a": {"b": 5}}, {"_id": 2, "a": {"b": [5, 6]}}, {"_id": 3}]
    )

    assert [1, 2] == [d["_id"] for d in things.find({"a.b": 5})]
    assert [1, 2] == [d["_id"] for d in things.find({"a.b": 5}).hint("all")]
    assert [3] == [d["_id"] for d in things.find({"a": None})]
    things.drop_index("all")
    assert ["_id_"] == list(things.index_information())


def test_a_hint_at_no_index_is_refused(things):
    """Every command refuses a hint that no index answers to."""
    things.insert_one({"a": 1})
    name = things.name
    for command in (
        {"find": name, "hint": "absent"},
        {"find": name, "hint": {"absent": 1}},
        {"count": name, "query": {"a": 1}, "hint": "absent"},
        {"count": name, "hint": "absent"},
        {"distinct": name, "key": "a", "hint": "absent"},
        {"aggregate": name, "pipeline": [], "cursor": {}, "hint": "absent"},
        {"findAndModify": name, "remove": True, "hint": "absent"},
        {"explain": {"find": name, "hint": "absent"}},
    ):
        with pytest.raises(pymongo.errors.OperationFailure) as caught:
            things.database.command(command)
        assert 2 == caught.value.code, command
    for write in (
        lambda: things.update_one({}, {"$set": {"a": 2}}, hint="absent"),
        lambda: things.delete_one({}, hint="absent"),
    ):
        with pytest.raises(pymongo.errors.OperationFailure) as caught:
            write()
        assert 2 == caught.value.code


def test_explain_says_how(things):
    """A plan names a scan of all, of an index, or the search for words."""
    things.create_index("a", name="by_a")
    things.create_index([("t", "text")], name="words")
    things.insert_many({"a": i, "t": f"word{i}"} for i in range(10))

    def stages(given, **options):
        explained = things.find(given, **options).explain()
        stage, found = explained["queryPlanner"]["winningPlan"], []
        while stage:
            found.append((stage["stage"], stage.get("indexName")))
            stage = stage.get("inputStage")
        return found, explained["executionStats"]["totalDocsExamined"]

    assert ([("COLLSCAN", None)], 10) == stages({"t": "x"})
    assert ([("FETCH", None), ("IXSCAN", "by_a")], 1) == stages({"a": 5})
    assert ([("FETCH", None), ("IXSCAN", "by_a")], 10) == stages({}, hint="by_a")
    words = stages({"$text": {"$search": "word5"}})
    assert ([("TEXT_MATCH", None), ("FETCH", None), ("IXSCAN", "words")], 1) == words
