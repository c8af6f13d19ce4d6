"""Collations: texts compared by a language's rules, wherever texts are compared."""

import pymongo
import pymongo.errors
import pytest
from pymongo.collation import Collation

NO_CASE = Collation(locale="en", strength=2)
NO_ACCENTS = Collation(locale="en", strength=1)
NUMBERS = Collation(locale="en", numericOrdering=True)


@pytest.fixture
def people(things):
    names = ["José", "JOSE", "jose", "Zoë", "Ana"]
    things.insert_many({"_id": i, "name": name} for i, name in enumerate(names))
    return things


def ids(cursor):
    return [document["_id"] for document in cursor]


@pytest.mark.parametrize(
    ("given", "collation", "expected"),
    [
        ({"name": "jose"}, None, [2]),
        ({"name": "jose"}, NO_CASE, [1, 2]),
        ({"name": "jose"}, NO_ACCENTS, [0, 1, 2]),
        ({"name": {"$in": ["ZOE", "ana"]}}, NO_ACCENTS, [3, 4]),
        ({"name": {"$ne": "jose"}}, NO_ACCENTS, [3, 4]),
        ({"name": {"$gt": "jose"}}, NO_ACCENTS, [3]),
        ({"name": {"$regex": "^jose"}}, NO_ACCENTS, [2]),
        ({"name": {"$in": [{"$regex": "x"}, "x"]}}, NO_ACCENTS, None),
        ({"$expr": {"$eq": ["$name", "ANA"]}}, NO_CASE, [4]),
        ({"$nor": [{"name": "JOSÉ"}]}, NO_ACCENTS, [3, 4]),
    ],
    ids=str,
)
def test_a_filter_obeys_the_collation(people, given, collation, expected):
    """Comparisons obey the collation, patterns do not."""
    if expected is None:
        with pytest.raises(pymongo.errors.OperationFailure):
            list(people.find(given, collation=collation))
        return
    assert expected == ids(people.find(given, collation=collation))
    assert len(expected) == people.count_documents(given, collation=collation)


def test_elements_obey_the_collation(things):
    """Elements of arrays and parts of documents are compared alike."""
    things.insert_one(
        {"_id": 1, "tags": ["Red", "blue"], "o": {"k": "V"}, "l": [{"c": "X"}]}
    )
    for given in (
        {"tags": "RED"},
        {"tags": {"$all": ["red", "BLUE"]}},
        {"tags": {"$elemMatch": {"$eq": "red"}}},
        {"o": {"k": "v"}},
        {"l": {"$elemMatch": {"c": "x"}}},
    ):
        assert 0 == things.count_documents(given)
        assert 1 == things.count_documents(given, collation=NO_CASE)


def test_a_sort_obeys_the_collation(things):
    """Sorts follow the language, and numbers in texts if asked to."""
    things.insert_many({"_id": text} for text in ("a10", "B1", "a2", "ä1"))

    assert ["B1", "a10", "a2", "ä1"] == ids(things.find().sort("_id"))
    english = things.find().sort("_id").collation({"locale": "en"})
    assert ["ä1", "a10", "a2", "B1"] == ids(english)
    assert ["B1", "a10", "a2", "ä1"] == ids(
        things.find().sort("_id", -1).collation(NUMBERS)
    )
    assert ["ä1", "a2", "a10", "B1"] == ids(
        things.aggregate([{"$sort": {"_id": 1}}], collation=NUMBERS)
    )


def test_aggregation_obeys_the_collation(people):
    """Groups, sets, joins and comparisons of a pipeline obey it."""

    def run(*stages):
        return list(people.aggregate(list(stages), collation=NO_ACCENTS))

    counts = run({"$group": {"_id": "$name", "n": {"$sum": 1}}}, {"$sort": {"n": -1}})
    assert [3, 1, 1] == [group["n"] for group in counts]
    found = run(
        {"$match": {"name": "ana"}},
        {
            "$lookup": {
                "from": people.name,
                "localField": "name",
                "foreignField": "name",
                "as": "o",
            }
        },
        {"$project": {"n": {"$size": "$o"}, "in": {"$in": ["ÁNA", ["$name"]]}}},
    )
    assert [{"_id": 4, "n": 1, "in": True}] == found
    assert [{"_id": None, "names": ["José", "Zoë", "Ana"], "max": "Zoë"}] == run(
        {
            "$group": {
                "_id": None,
                "names": {"$addToSet": "$name"},
                "max": {"$max": "$name"},
            }
        },
    )


def test_distinct_obeys_the_collation(people):
    """Values that are equal by the collation come once."""
    assert ["José", "Zoë", "Ana"] == people.distinct("name", collation=NO_ACCENTS)


def test_writes_obey_the_collation(people):
    """Filters, array filters and operators of writes obey it."""
    updated = people.update_many(
        {"name": "jose"}, {"$set": {"n": 1}}, collation=NO_ACCENTS
    )
    assert 3 == updated.modified_count
    first = people.find_one_and_update(
        {"name": "ANA"}, {"$set": {"tags": ["a", "B"]}}, collation=NO_CASE
    )
    assert 4 == first["_id"]
    people.update_one({"_id": 4}, {"$addToSet": {"tags": "b"}}, collation=NO_CASE)
    people.update_one({"_id": 4}, {"$pull": {"tags": "A"}}, collation=NO_CASE)
    people.update_one(
        {"_id": 4},
        {"$set": {"tags.$[t]": "c"}},
        array_filters=[{"t": "b"}],
        collation=NO_CASE,
    )
    assert ["c"] == people.find_one({"_id": 4})["tags"]
    assert 3 == people.delete_many({"name": "JOSÉ"}, collation=NO_ACCENTS).deleted_count


def test_a_unique_index_under_a_collation(things):
    """What is equal by the index's collation may not be there twice."""
    things.create_index("name", unique=True, collation=NO_CASE)
    things.insert_one({"_id": 1, "name": "Ana"})
    with pytest.raises(pymongo.errors.DuplicateKeyError) as caught:
        things.insert_one({"name": "ANA"})

    assert {"name": "ANA"} == caught.value.details["keyValue"]
    things.insert_one({"name": "Aná"})
    things.update_one({"_id": 1}, {"$set": {"name": "aNa"}})
    assert 1 == things.count_documents({"name": "aNa"})


def test_an_index_serves_its_own_collation(things):
    """An index answers for texts only under the collation it has."""
    things.create_index("s", collation=NO_CASE, name="folded")
    things.create_index("s", name="plain")
    things.insert_many({"s": text} for text in ("a", "A", "b"))

    def plan(given, **options):
        found = things.find(given, **options).explain()["queryPlanner"]["winningPlan"]
        return found.get("inputStage", {}).get("indexName")

    assert "plain" == plan({"s": "a"})
    assert "folded" == plan({"s": "A"}, collation=NO_CASE)
    assert None is plan({"s": "a"}, collation=NO_ACCENTS)
    assert 2 == things.count_documents({"s": "A"}, collation=NO_CASE)
    assert 2 == things.count_documents({"s": {"$lt": "B"}}, collation=NO_CASE)
    assert 1 == things.count_documents({"s": "A"})
    assert 2 == things.count_documents({"s": "a"}, collation=NO_ACCENTS, hint="plain")


def test_a_collection_has_a_collation(database):
    """A collection's collation holds for its commands and indexes that name none."""
    things = database.create_collection("folded", collation=NO_CASE)
    things.create_index("s", unique=True)
    things.create_index("p", collation={"locale": "simple"})
    things.insert_one({"_id": "X", "s": "A"})

    assert 1 == things.count_documents({"s": "a"})
    assert 1 == things.count_documents({"_id": "x"})
    assert 0 == things.count_documents({"s": "a"}, collation={"locale": "simple"})
    for document in ({"_id": "x"}, {"_id": 2, "s": "a"}):
        with pytest.raises(pymongo.errors.DuplicateKeyError):
            things.insert_one(document)
    listed = {index["name"]: index.get("collation") for index in things.list_indexes()}
    assert "en" == listed["_id_"]["locale"] == listed["s_1"]["locale"]
    assert None is listed["p_1"]
    options = things.options()["collation"]
    assert ("en", 2, "57.1") == (
        options["locale"],
        options["strength"],
        options["version"],
    )


def test_a_collation_survives(start, tmp_path):
    """Collations of collections and indexes are there after a restart."""
    engine = start(tmp_path)
    with engine.client() as client:
        things = client.test.create_collection("things", collation=NO_CASE)
        things.create_index("s", unique=True, collation=NO_ACCENTS)
        things.insert_one({"_id": 1, "s": "é"})
    engine.stop()
    with start(tmp_path).client() as client:
        things = client.test.things
        assert 1 == things.count_documents({"s": "É"})
        with pytest.raises(pymongo.errors.DuplicateKeyError):
            things.insert_one({"s": "E"})


@pytest.mark.parametrize(
    ("collation", "code"),
    [
        ({"locale": "xx"}, 2),
        ({"strength": 1}, 40414),
        ({"locale": "en", "strength": 9}, 2),
    ],
    ids=str,
)
def test_a_bad_collation_is_refused(things, collation, code):
    """A collation that is none is refused by every command."""
    things.insert_one({})
    database = things.database
    for command in (
        {"find": "things", "collation": collation},
        {"count": "things", "collation": collation},
        {"distinct": "things", "key": "a", "collation": collation},
        {"aggregate": "things", "pipeline": [], "cursor": {}, "collation": collation},
        {"findAndModify": "things", "remove": True, "collation": collation},
        {"create": "others", "collation": collation},
        {
            "createIndexes": "things",
            "indexes": [{"key": {"a": 1}, "name": "a", "collation": collation}],
        },
    ):
        with pytest.raises(pymongo.errors.OperationFailure) as caught:
            database.command(command)
        assert code == caught.value.code
