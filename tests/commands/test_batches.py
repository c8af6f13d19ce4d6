"""Splitting and merging of many writes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mongolane.commands import Outcome, batches
from mongolane.errors import EncodeError


@dataclass
class Limits:
    """What a server says of itself."""

    max_document_size: int = 1_000
    max_message_size: int = 16 * 1024 + 2_000
    max_write_batch_size: int = 4


@given(st.lists(st.integers(1, 1_000), max_size=60))
def test_batches_keep_limits(sizes):
    """Batches hold every document once, in order, within both limits."""
    documents = [bytes([index % 256]) * size for index, size in enumerate(sizes)]
    parts = [documents[part] for part in batches(documents, Limits())]

    assert documents == [document for part in parts for document in part]
    assert all(0 < len(part) <= 4 for part in parts)
    assert all(sum(map(len, part)) <= 2_000 for part in parts)


def test_batches_are_as_few_as_possible():
    """A batch is filled before the next one is begun."""
    found = list(batches([b"x" * 10] * 10, Limits()))

    assert found == [slice(0, 4), slice(4, 8), slice(8, 10)]


def test_nothing_gives_no_batch():
    """No documents need no command."""
    assert list(batches([], Limits())) == []


def test_too_large_is_refused_before_sending():
    """A document that is too large stops everything before the first batch."""
    found = batches([b"x", b"x" * 1_001], Limits())

    with pytest.raises(EncodeError, match=r"document 1 has 1,001 bytes"):
        next(found)


def test_statements_may_be_larger():
    """A statement may exceed the limit of the document inside of it."""
    assert len(list(batches([b"x" * 1_500], Limits(), statements=True))) == 1


def test_outcome_shifts_and_merges():
    """Counts add up; errors and upserts carry the caller's own numbers."""
    outcome = Outcome()
    outcome.add(
        "insert", {"n": 2, "writeErrors": [{"index": 1, "code": 1}]}, range(5, 8)
    )
    outcome.add(
        "update",
        {"n": 3, "nModified": 1, "upserted": [{"index": 0, "_id": "x"}]},
        [2, 9],
    )
    outcome.add("delete", {"n": 4, "writeConcernError": {"code": 64}}, [0])

    assert outcome.failed
    assert outcome.details() == {
        "writeErrors": [{"index": 6, "code": 1}],
        "writeConcernErrors": [{"code": 64}],
        "nInserted": 2,
        "nUpserted": 1,
        "nMatched": 2,
        "nModified": 1,
        "nRemoved": 4,
        "upserted": [{"index": 2, "_id": "x"}],
    }


def test_fresh_outcome_is_no_failure():
    """Nothing done is nothing failed."""
    assert not Outcome().failed
