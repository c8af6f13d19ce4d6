"""Commands and replies that tests of lanes use."""

from __future__ import annotations

from typing import Any

import bson

from mongolane.commands import Command

LANES = ["direct", "pymongo", "threads"]

OK: dict[str, Any] = {"ok": 1.0}
NOT_PRIMARY = {"ok": 0.0, "code": 10107, "errmsg": "not primary", "codeName": "X"}
RETRYABLE = {**NOT_PRIMARY, "errorLabels": ["RetryableWriteError"]}


def batch(
    documents: list[Any], cursor: int = 0, key: str = "firstBatch"
) -> dict[str, Any]:
    """A cursor's reply."""
    body = {"id": bson.Int64(cursor), "ns": "a.b", key: documents}
    return {"cursor": body, "ok": 1.0}


def find(**more: Any) -> Command:
    """A retryable read."""
    return Command("a", {"find": "b", "filter": {}}, retryable=True, **more)


def insert(**more: Any) -> Command:
    """A retryable write with a document sequence."""
    documents = [bson.encode({"_id": number}) for number in range(2)]
    return Command(
        "a",
        {"insert": "b", "ordered": True},
        sequence=("documents", documents),
        is_write=True,
        retryable=True,
        **more,
    )


def get_more(cursor: int) -> Command:
    """The next batch."""
    return Command("a", {"getMore": bson.Int64(cursor), "collection": "b"})


PING = Command("admin", {"ping": 1})
