"""A server's answer: what one scan finds, what is made on demand."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import bson
import pytest
from bson import Int64, Timestamp

from mongolane.errors import BSONError

BATCH = [{"a": 1}, {"b": {"c": "é"}}]
TIME = {"clusterTime": Timestamp(5, 6), "signature": {"keyId": Int64(0)}}
FOUND = {
    "cursor": {"firstBatch": BATCH, "id": Int64(7), "ns": "db.things"},
    "ok": 1.0,
    "$clusterTime": TIME,
    "operationTime": Timestamp(5, 6),
}


def test_cursor_replies_are_scanned(codec: ModuleType) -> None:
    """Id, namespace, times and the batch are there."""
    reply = codec.Reply(bson.encode(FOUND))

    assert (reply.ok, reply.cursor_id, reply.namespace) == (True, 7, "db.things")
    assert bson.decode(reply.cluster_time) == TIME
    assert Timestamp(5, 6) == reply.operation_time
    assert len(BATCH) == len(reply)
    assert reply.documents() == BATCH
    assert [bson.encode(document) for document in BATCH] == reply.raw()
    assert reply.document() == FOUND


def test_next_batches_are_batches(codec: ModuleType) -> None:
    """A getMore's reply has its documents elsewhere."""
    cursor = {"id": 0, "ns": "a.b", "nextBatch": BATCH}
    reply = codec.Reply(bson.encode({"cursor": cursor, "ok": 1}))

    assert (reply.cursor_id, reply.documents()) == (0, BATCH)


def test_plain_replies_have_no_cursor(codec: ModuleType) -> None:
    """What is not in the reply is None, 0 or empty."""
    reply = codec.Reply(bson.encode({"ok": 1, "n": 3}))

    assert (reply.cursor_id, reply.namespace, reply.cluster_time) == (0, None, None)
    assert (reply.n, len(reply), reply.raw(), reply.value()) == (3, 0, [], None)
    assert not reply.has_write_errors
    assert reply.error_labels == []


def test_write_errors_are_seen(codec: ModuleType) -> None:
    """Refused writes and weak writes show without decoding."""
    data = {"ok": 1, "n": 0, "writeErrors": [{"index": 0, "code": 11000}]}
    concern = {"ok": 1, "writeConcernError": {"code": 64}}

    assert codec.Reply(bson.encode(data)).has_write_errors
    assert not codec.Reply(bson.encode(data | {"writeErrors": []})).has_write_errors
    assert codec.Reply(bson.encode(concern)).has_write_concern_error


def test_found_and_modified_is_the_value(codec: ModuleType) -> None:
    """findAndModify gives its document, or null."""
    found = codec.Reply(bson.encode({"value": {"_id": 1}, "ok": 1}))

    assert bson.decode(found.value()) == {"_id": 1}
    assert codec.Reply(bson.encode({"value": None, "ok": 1})).value() is None


def test_refusals_have_labels(codec: ModuleType) -> None:
    """``ok: 0`` and its labels."""
    labels = ["RetryableWriteError"]
    reply = codec.Reply(bson.encode({"ok": 0, "errorLabels": labels}))

    assert not reply.ok
    assert labels == reply.error_labels


def test_bad_text_in_errors_is_repaired(codec: ModuleType) -> None:
    """A server cuts texts anywhere; its message still arrives."""
    data = bson.encode({"ok": 0, "errmsg": "dup key: XX"}).replace(b"XX", b"X\xc3")
    reply = codec.Reply(data)

    assert reply.document()["errmsg"] == "dup key: X�"


def test_the_pin_is_the_lanes(codec: ModuleType) -> None:
    """Whatever the lane keeps there, it gets back."""
    reply = codec.Reply(bson.encode({"ok": 1}))
    assert reply.pin is None
    reply.pin = ("host", 27017)

    assert reply.pin == ("host", 27017)


def test_broken_replies_are_refused(codec: ModuleType) -> None:
    """A cut reply, or a batch of numbers, is no reply."""
    cursor = {"id": 0, "ns": "a.b", "firstBatch": [1]}
    with pytest.raises(BSONError):
        codec.Reply(bson.encode(FOUND)[:-3])
    with pytest.raises(BSONError):
        codec.Reply(bson.encode({"cursor": cursor, "ok": 1}))


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ({"n": 2, "nModified": 1}, (2, 1)),
        ({"n": Int64(3)}, (3, 0)),
        ({}, None),
        ({"n": 2.0}, None),
        ({"n": "2"}, None),
        ({"n": 1, "nModified": "x"}, None),
        ({"n": 1, "upserted": [{"index": 0, "_id": 1}]}, None),
        ({"n": 0, "writeErrors": [{"index": 0}]}, None),
        ({"n": 1, "writeConcernError": {"code": 64}}, None),
    ],
)
def test_counts_are_given_where_they_are_all(
    codec: ModuleType, said: dict[str, Any], counts: Any
) -> None:
    assert codec.Reply(bson.encode({**said, "ok": 1.0})).counts == counts
