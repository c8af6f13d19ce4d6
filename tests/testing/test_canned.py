"""The canned server answers PyMongo like a small replica set."""

from __future__ import annotations

import pymongo

from mongolane.testing import CannedServer


def test_finds_give_the_documents() -> None:
    """Each find gets the prepared batch, however often it is asked."""
    documents = [{"_id": number} for number in range(3)]
    with CannedServer(documents) as server, pymongo.MongoClient(server.uri) as client:
        answers = [list(client.a.b.find()) for _ in range(3)]

    assert answers == [documents] * 3


def test_writes_are_acknowledged() -> None:
    """An insert is answered as done."""
    with CannedServer() as server, pymongo.MongoClient(server.uri) as client:
        result = client.a.b.insert_one({"_id": 1})

    assert result.acknowledged


def test_writes_count_as_told() -> None:
    """Many that are written at once are so many; what is modified is the document."""
    with (
        CannedServer([{"_id": 7}], written=3) as server,
        pymongo.MongoClient(server.uri) as client,
    ):
        updated = client.a.b.update_many({}, {"$set": {"a": 1}})
        found = client.a.b.find_one_and_update({}, {"$set": {"a": 1}})

    assert (updated.matched_count, updated.modified_count) == (3, 3)
    assert found == {"_id": 7}


def test_cluster_time_is_told() -> None:
    """Replies carry $clusterTime, which is a part of what a client must do."""
    with CannedServer() as server, pymongo.MongoClient(server.uri) as client:
        answer = client.admin.command("ping")

    assert "$clusterTime" in answer
