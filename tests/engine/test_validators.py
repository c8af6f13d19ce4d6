"""Schemas: in filters, and as what a collection asks of its documents."""

import pymongo
import pymongo.errors
import pytest

SCHEMA = {
    "bsonType": "object",
    "title": "a person",
    "required": ["name"],
    "properties": {
        "name": {"bsonType": "string", "description": "must be a text"},
        "age": {"bsonType": "int", "minimum": 0},
    },
}


def refused(call):
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        call()
    return caught.value


def test_a_filter_may_be_a_schema(things):
    """Documents are found by a schema, also beside other conditions."""
    things.insert_many(
        [{"_id": 1, "name": "Ana"}, {"_id": 2}, {"_id": 3, "name": "Bo", "age": -1}]
    )

    assert [1] == [d["_id"] for d in things.find({"$jsonSchema": SCHEMA})]
    assert [2, 3] == [
        d["_id"] for d in things.find({"$nor": [{"$jsonSchema": SCHEMA}]})
    ]
    assert 0 == things.count_documents({"$jsonSchema": SCHEMA, "_id": 3})
    assert 9 == refused(lambda: things.find_one({"$jsonSchema": {"foo": 1}})).code


def test_a_sample_by_chance(things):
    """A rate chooses none, some or all of the documents."""
    things.insert_many({"_id": i} for i in range(200))

    assert 0 == things.count_documents({"$sampleRate": 0})
    assert 200 == things.count_documents({"$sampleRate": 1.0})
    assert 2 == refused(lambda: things.find_one({"$sampleRate": 2})).code


def test_a_validator_refuses(database):
    """What a schema refuses is neither inserted nor updated, and the error says why."""
    things = database.create_collection("people", validator={"$jsonSchema": SCHEMA})
    things.insert_one({"_id": 1, "name": "Ana"})
    error = refused(lambda: things.insert_one({"_id": 2, "name": 5, "age": -1}))

    assert 121 == error.code
    info = error.details["errInfo"]
    assert 2 == info["failingDocumentId"]
    details = info["details"]
    assert ("$jsonSchema", "a person") == (details["operatorName"], details["title"])
    (properties,) = details["schemaRulesNotSatisfied"]
    name, age = properties["propertiesNotSatisfied"]
    assert ("name", "must be a text") == (name["propertyName"], name["description"])
    assert [
        {
            "operatorName": "bsonType",
            "specifiedAs": {"bsonType": "string"},
            "reason": "type did not match",
            "consideredValue": 5,
            "consideredType": "int",
        }
    ] == name["details"]
    assert "minimum" == age["details"][0]["operatorName"]
    for call in (
        lambda: things.update_one({"_id": 1}, {"$unset": {"name": 1}}),
        lambda: things.update_one({"_id": 7}, {"$set": {"age": 1}}, upsert=True),
        lambda: things.find_one_and_update({"_id": 1}, {"$set": {"age": "x"}}),
        lambda: things.replace_one({"_id": 1}, {"age": 1}),
        lambda: list(
            things.aggregate(
                [
                    {"$project": {"name": "x"}},
                    {"$set": {"age": -1}},
                    {"$merge": "people"},
                ]
            )
        ),
    ):
        assert 121 == refused(call).code
    assert [{"_id": 1, "name": "Ana"}] == list(things.find())


def test_a_validator_may_be_bypassed(database):
    """A command may ask not to be checked."""
    things = database.create_collection("people", validator={"$jsonSchema": SCHEMA})
    things.insert_one({"_id": 1}, bypass_document_validation=True)
    things.update_one(
        {"_id": 1}, {"$set": {"age": "x"}}, bypass_document_validation=True
    )

    assert {"_id": 1, "age": "x"} == things.find_one()


def test_a_validator_may_be_any_filter(database):
    """Conditions on fields are a validator too, one by one explained."""
    things = database.create_collection(
        "t", validator={"a": {"$gt": 5}, "b": {"$exists": True}}
    )
    things.insert_one({"a": 6, "b": 1})
    details = refused(lambda: things.insert_one({"a": 3, "b": 1})).details["errInfo"][
        "details"
    ]
    (clause,) = details["clausesNotSatisfied"]

    assert "$and" == details["operatorName"]
    assert 0 == clause["index"]
    assert {
        "operatorName": "$gt",
        "specifiedAs": {"a": {"$gt": 5}},
        "reason": "comparison failed",
        "consideredValue": 3,
    } == clause["details"]


def test_levels_and_actions(database):
    """A moderate validator leaves old sins alone; a warning one refuses nothing."""
    things = database.things
    things.insert_one({"_id": 1, "a": 1})
    database.command(
        {
            "collMod": "things",
            "validator": {"a": {"$gt": 5}},
            "validationLevel": "moderate",
        }
    )

    things.update_one({"_id": 1}, {"$set": {"a": 2}})
    assert 121 == refused(lambda: things.insert_one({"a": 2})).code
    database.command({"collMod": "things", "validationLevel": "strict"})
    assert (
        121 == refused(lambda: things.update_one({"_id": 1}, {"$set": {"a": 3}})).code
    )
    database.command({"collMod": "things", "validationAction": "warn"})
    things.insert_one({"a": 2})
    assert {
        "validator": {"a": {"$gt": 5}},
        "validationLevel": "strict",
        "validationAction": "warn",
    } == things.options()
    database.command(
        {"collMod": "things", "validator": {}, "validationAction": "error"}
    )
    things.insert_one({"a": 2})


def test_bad_validators_are_refused(database):
    """What is no filter, or can't be asked of one document, is no validator."""
    for options, code in (
        ({"validator": 5}, 14),
        ({"validator": {"a": {"$foo": 1}}}, 2),
        ({"validator": {"$jsonSchema": {"foo": 1}}}, 9),
        ({"validator": {"$text": {"$search": "x"}}}, 224),
        ({"validator": {"a": 1}, "validationLevel": "x"}, 2),
    ):
        assert (
            code
            == refused(lambda o=options: database.command({"create": "x", **o})).code
        )
    assert "x" not in database.list_collection_names()


def test_a_validator_survives(start, tmp_path):
    """A validator is there after a restart."""
    engine = start(tmp_path)
    with engine.client() as client:
        client.test.create_collection("people", validator={"$jsonSchema": SCHEMA})
    engine.stop()
    with start(tmp_path).client() as client:
        assert 121 == refused(lambda: client.test.people.insert_one({})).code


def test_an_endless_pattern_is_an_error(things):
    """A pattern that takes too many steps is no silent "no"."""
    things.insert_one({"t": "a" * 40 + "!"})
    error = refused(lambda: things.find_one({"t": {"$regex": r"^(a|a)*\1$"}}))

    assert 51156 == error.code
