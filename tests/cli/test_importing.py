"""The import apart from files and servers: what is sent, what is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import bson
import pytest
from bson import ObjectId

from mongolane.cli._importing import Account, Refused, import_records
from mongolane.cli._records import Record, batches, records
from mongolane.cli._rows import Bad, Row, UnreadableError
from mongolane.cli._text import without_password
from mongolane.errors import NetworkError, ServerError


class Pretended:
    """A collection that keeps what it is given, unique by ``_id``, and may break."""

    def __init__(self, break_at: int = -1, error: Exception | None = None) -> None:
        self.stored: dict[Any, dict[str, Any]] = {}
        self.calls, self.break_at, self.error = 0, break_at, error

    async def insert(
        self, documents: Sequence[bytes], *, ordered: bool
    ) -> list[Refused]:
        self.calls += 1
        if self.error is not None and self.calls == self.break_at:
            raise self.error
        refused = []
        for position, data in enumerate(documents):
            document = bson.decode(data)
            if document["_id"] in self.stored:
                refused.append(Refused(position, "duplicate key"))
                if ordered:
                    break
            else:
                self.stored[document["_id"]] = document
        return refused


def rows(*ids: int | None) -> list[Row | Bad]:
    """Rows with these ids; None is a bad one."""
    return [
        Bad(f"line {line}", "broken") if n is None else Row(f"line {line}", {"_id": n})
        for line, n in enumerate(ids, 1)
    ]


async def run(
    found: Iterable[Row | Bad], target: Pretended, **options: Any
) -> tuple[Account, list[Bad]]:
    told: list[Bad] = []
    account = Account(on_bad=told.append)
    options.setdefault("batch_size", 2)
    await import_records(records(found, (), 1000), target, account, **options)
    return account, told


async def test_all_are_imported() -> None:
    """All records arrive, in batches, and are counted."""
    target = Pretended()
    account, _ = await run(rows(1, 2, 3, 4, 5), target)

    assert list(target.stored) == [1, 2, 3, 4, 5]
    assert (account.imported, account.stopped, target.calls) == (5, None, 3)


async def test_first_bad_row_stops() -> None:
    """Without skipping, all before the bad row is imported and nothing after it."""
    target = Pretended()
    account, _ = await run(rows(1, 2, 3, None, 5), target)

    assert list(target.stored) == [1, 2, 3]
    assert (account.imported, account.stopped) == (3, Bad("line 4", "broken"))


async def test_first_duplicate_stops() -> None:
    """Without skipping, a duplicate stops the import in the middle of its batch."""
    target = Pretended()
    account, _ = await run(rows(1, 2, 3, 2, 5), target, batch_size=4)

    assert list(target.stored) == [1, 2, 3]
    assert (account.imported, account.stopped) == (3, Bad("line 4", "duplicate key"))


async def test_bad_rows_skipped_and_listed() -> None:
    """With skipping, bad rows and duplicates are counted and each is told."""
    target = Pretended()
    account, told = await run(rows(1, None, 1, 4, None), target, skip_bad=True)

    assert list(target.stored) == [1, 4]
    assert (account.imported, account.skipped, account.stopped) == (2, 3, None)
    assert {bad.place for bad in told} == {"line 2", "line 3", "line 5"}


async def test_unreadable_rest_stops() -> None:
    """Where the file cannot be read on, even skipping stops, with all before it in."""

    def found() -> Iterable[Row | Bad]:
        yield from rows(1, 2, 3)
        raise UnreadableError("line 4", "the file ends")

    target = Pretended()
    account, _ = await run(found(), target, skip_bad=True)

    assert list(target.stored) == [1, 2, 3]
    assert (account.imported, account.stopped) == (3, Bad("line 4", "the file ends"))


async def test_lost_connection_leaves_doubt() -> None:
    """After a lost connection the batch is told as uncertain, not as imported."""
    target = Pretended(break_at=2, error=NetworkError("the connection broke"))
    account, _ = await run(rows(1, 2, 3, 4, 5), target)

    assert (account.imported, account.uncertain) == (2, 2)
    assert account.stopped == Bad("line 3 to line 4", "the connection broke")


async def test_refused_command_leaves_none() -> None:
    """When the server refuses the command, nothing of its batch is in doubt."""
    target = Pretended(break_at=2, error=ServerError("not authorized", 13))
    account, _ = await run(rows(1, 2, 3), target)

    assert (account.imported, account.uncertain) == (2, 0)
    assert account.stopped is not None


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"n": 2**63}, "n: the integer .* more than 64 bits"),
        ({"text": "\udcff"}, "not UTF-8"),
        ({"a\0b": 1}, "NUL in it"),
        ({"text": "x" * 2000}, "2,0.. bytes, the server takes 1,000"),
        (b"\x08\0\0\0\x99a\0\0", "."),
    ],
)
def test_unstorable_document_is_bad(document: Any, reason: str) -> None:
    """What BSON or the server cannot hold is a bad row that says why."""
    (found,) = records([Row("line 1", document)], (), 1000)

    assert isinstance(found, Bad)
    assert re.search(reason, found.reason)


def test_id_is_made_or_kept() -> None:
    """A document keeps its _id or gets an ObjectId, in front."""
    kept, made = records([Row("1", {"a": 1, "_id": 5}), Row("2", {"a": 1})], (), 1000)

    assert isinstance(kept, Record)
    assert isinstance(made, Record)
    assert bson.decode(kept.data)["_id"] == 5
    assert isinstance(bson.decode(made.data)["_id"], ObjectId)
    assert next(iter(bson.decode(made.data))) == "_id"


def test_id_from_fields() -> None:
    """One field moves into _id, several are put together there, none at all is bad."""
    document = {"a": 1, "b": 2, "_id": 9}
    (one,) = records([Row("1", dict(document))], ("a",), 1000)
    (two,) = records([Row("1", dict(document))], ("a", "b"), 1000)
    (none,) = records([Row("1", dict(document))], ("c",), 1000)

    assert isinstance(one, Record)
    assert isinstance(two, Record)
    assert bson.decode(one.data) == {"_id": 1, "b": 2}
    assert bson.decode(two.data) == {"_id": {"a": 1, "b": 2}, "a": 1, "b": 2}
    assert isinstance(none, Bad)


def test_batches_by_count_and_bytes() -> None:
    """A batch ends at its count, and before it grows too long."""
    small = [Record("", b"x")] * 5
    large = [Record("", b"x" * 7_000_000)] * 5

    assert [len(batch) for batch in batches(small, 2)] == [2, 2, 1]
    assert [len(batch) for batch in batches(large, 1000)] == [2, 2, 1]


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://ann:pa55@host/",
        "mongodb+srv://ann:pa55@host/?x=1",
        "error: mongodb://ann:pa55@a,b refused",
        "mongodb://ann:p@a55@host/",
        "mongodb://host/?authMechanismProperties=AWS_SESSION_TOKEN:pa55",
        "mongodb://host/?tlsCertificateKeyFilePassword=pa55&w=1",
    ],
)
def test_password_never_shown(uri: str) -> None:
    """Whatever form a URI has, its password is hidden and its host is not."""
    shown = without_password(uri)

    assert "a55" not in shown
    assert "host" in shown or "a,b" in shown
