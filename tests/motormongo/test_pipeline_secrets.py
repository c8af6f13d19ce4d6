"""What a pipeline update gives to fields that are kept hashed is hashed, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from mongolane import (
    BinaryField,
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntegerField,
    ListField,
    StringField,
    errors,
)


def hashed(password: str) -> bytes:
    """Reversed, so that hashing twice would show."""
    return b"hashed:" + password[::-1].encode()


WANTED = hashed("hush-hush")
PART = {"code": "hush-hush", "site": "s"}


class Login(EmbeddedDocument):
    """A part with a secret."""

    code = BinaryField(hash_function=hashed)
    site = StringField()


class Member(Document):
    """Secrets in all places."""

    name = StringField()
    age = IntegerField()
    password = BinaryField(hash_function=hashed)
    old = ListField(BinaryField(hash_function=hashed))
    login = EmbeddedDocumentField(Login)
    logins = ListField(EmbeddedDocumentField(Login))


class Open(Document):
    """Keeps nothing hashed."""

    name = StringField()


def leaves(value: Any) -> list[Any]:
    """All that is no document and no array."""
    if isinstance(value, (dict, list)):
        items = value.values() if isinstance(value, dict) else value
        return [leaf for one in items for leaf in leaves(one)]
    return [value]


HASHED: list[dict[str, Any]] = [
    {"$set": {"password": "hush-hush"}},
    {"$set": {"password": b"hush-hush"}},
    {"$set": {"password": {"$literal": "hush-hush"}}},
    {"$set": {"password": {"$cond": [{"$gt": ["$age", 1]}, "hush-hush", "$password"]}}},
    {"$set": {"password": {"$cond": {"if": True, "then": "hush-hush", "else": None}}}},
    {"$set": {"password": {"$ifNull": ["$password", "hush-hush"]}}},
    {
        "$set": {
            "password": {
                "$switch": {
                    "branches": [
                        {"case": {"$eq": ["$name", "a"]}, "then": "hush-hush"}
                    ],
                    "default": "$$REMOVE",
                }
            }
        }
    },
    {"$set": {"old": ["hush-hush", {"$literal": b"hush-hush"}]}},
    {"$set": {"old": {"$concatArrays": ["$old", ["hush-hush"]]}}},
    {"$set": {"old": {"$slice": [{"$concatArrays": ["$old", ["hush-hush"]]}, 5]}}},
    {"$addFields": {"login": PART}},
    {"$set": {"login": {"code": "hush-hush"}}},
    {"$set": {"login.code": "hush-hush"}},
    {"$set": {"login": {"$literal": PART}}},
    {"$set": {"login": {"$mergeObjects": ["$login", PART]}}},
    {"$set": {"logins": [PART]}},
    {"$set": {"logins": {"$concatArrays": ["$logins", [PART]]}}},
    {
        "$set": {
            "logins": {
                "$map": {
                    "input": "$logins",
                    "in": {"$mergeObjects": ["$$this", {"code": "hush-hush"}]},
                }
            }
        }
    },
    {"$set": {"login": {"$first": "$logins"}, "password": "hush-hush"}},
    {"$replaceWith": {"name": "a", "password": "hush-hush", "login": PART}},
    {"$replaceWith": {"$mergeObjects": ["$$ROOT", {"password": "hush-hush"}]}},
    {"$replaceRoot": {"newRoot": {"name": "a", "logins": [PART]}}},
    {"$project": {"name": 1, "password": "hush-hush", "login": {"site": True}}},
]


@pytest.mark.parametrize("stage", HASHED)
async def test_what_stages_give_is_hashed(
    stage: dict[str, Any], database: DataBase
) -> None:
    """At any depth, through what chooses and joins, and never twice."""
    await Member.insert_one(name="a", age=2, old=[], login={"site": "s"}, logins=[{}])
    await Member.find(Member.name == "a").update([stage, {"$set": {"age": 3}}])
    stored = await database.client[database.name]["member"].find_one()
    found = [bytes(one) for one in leaves(stored) if isinstance(one, bytes)]

    assert set(found) == {WANTED}
    assert "hush-hush" not in leaves(stored)


KEPT: list[dict[str, Any]] = [
    {"$set": {"old": ["$password"]}},
    {"$set": {"password": "$login.code"}},
    {"$set": {"login": "$$ROOT.login", "password": "$$CURRENT.password"}},
    {"$set": {"name": {"$concat": ["$name", "hush-hush"]}}},
    {"$unset": ["old"]},
    {"$project": {"password": 1, "login": 1}},
    {"$replaceWith": "$$ROOT"},
]


@pytest.mark.parametrize("stage", KEPT)
async def test_hashes_may_be_moved(
    stage: dict[str, Any], one_database: DataBase
) -> None:
    """Paths between hashed fields, and all that touches others, work as they are."""
    await Member.insert_one(name="a", password="hush-hush", login=PART)
    await Member.find({}).update([stage])
    (found,) = await Member.find({}).raw().to_list()

    assert WANTED in [bytes(one) for one in leaves(found) if isinstance(one, bytes)]


REFUSED: list[dict[str, Any]] = [
    {"$set": {"password": {"$concat": ["hush", "-hush"]}}},
    {"$set": {"password": "$name"}},
    {"$set": {"password": "$$NOW"}},
    {"$set": {"password": {"a": "hush-hush"}}},
    {"$set": {"password": 5}},
    {"$set": {"old": {"$split": ["hush-hush", "-"]}}},
    {"$set": {"old": ["$name"]}},
    {"$set": {"login": "$name"}},
    {"$set": {"login": {"$arrayToObject": [[["code", "hush-hush"]]]}}},
    {"$set": {"login": {"$setField": {"field": "code", "value": "hush-hush"}}}},
    {"$set": {"logins": {"$map": {"input": "$old", "in": {"code": "$$this"}}}}},
    {"$set": {"logins": {"$map": {"input": ["hush"], "in": {"code": "$$this"}}}}},
    {"$replaceWith": {"$arrayToObject": [[["password", "hush-hush"]]]}},
    {"$set": {"name": "a"}, "$unset": "hush-hush"},
    {"$set": "hush-hush"},
]


@pytest.mark.parametrize("stage", REFUSED)
async def test_what_only_the_server_knows_is_refused(stage: dict[str, Any]) -> None:
    """Before anything is sent; the message does not repeat what was given."""
    with pytest.raises(errors.QueryError) as caught:
        Member.find({}).update([stage]).command()

    assert "hush" not in str(caught.value).replace("hashed", "")


def test_other_classes_are_left_alone() -> None:
    """A class that keeps nothing hashed may compute what it likes."""
    stage = {"$set": {"name": {"$concat": ["a", "b"]}, "more": {"$add": [1, 2]}}}
    (update,) = Open.find({}).update([stage]).command()["updates"]

    assert update["u"] == [stage]
