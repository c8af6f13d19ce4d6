"""JSON files as records: arrays, lines, sequences, features, and faults in them."""

from __future__ import annotations

import datetime
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from bson import Decimal128, ObjectId

from mongolane.cli._rows import (
    Bad,
    Row,
    UnreadableError,
    array_rows,
    feature_rows,
    line_rows,
    sequence_rows,
)

DOCUMENTS = [
    {"number": n, "text": 'a "quoted" \\ line\n', "nested": [1, {"b": 2.5}, []]}
    for n in range(7)
]
SIZES = pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])


def pieces(data: bytes | str, size: int = 5) -> Iterator[bytes]:
    """The data as it comes from a file, so many bytes at a time."""
    data = data.encode() if isinstance(data, str) else data
    return (data[at : at + size] for at in range(0, len(data), size))


def documents(rows: Any) -> list[Any]:
    return [row.document if isinstance(row, Row) else row for row in rows]


@SIZES
def test_array_in_any_pieces(size: int) -> None:
    """An array reads the same however its bytes are cut, indented or not."""
    for indent in (None, 2):
        text = json.dumps(DOCUMENTS, indent=indent)

        assert documents(array_rows(pieces(text, size))) == DOCUMENTS


@SIZES
def test_lines_in_any_pieces(size: int) -> None:
    """NDJSON reads the same however its bytes are cut, with either line end."""
    for end in ("\n", "\r\n", "\n\n"):
        text = end.join(json.dumps(one) for one in DOCUMENTS)

        assert documents(line_rows(pieces(text, size))) == DOCUMENTS


@SIZES
def test_sequence_in_any_pieces(size: int) -> None:
    """Indented documents one after another are told apart."""
    text = "\n".join(json.dumps(one, indent=2) for one in DOCUMENTS)

    assert documents(sequence_rows(pieces(text, size))) == DOCUMENTS


@SIZES
def test_features_in_any_pieces(size: int) -> None:
    """Of a FeatureCollection the features are read and the rest is passed over."""
    collection = {
        "type": "FeatureCollection",
        "metadata": {"count": [1, {"features": []}]},
        "features": DOCUMENTS,
        "bbox": [1, 2, 3],
    }

    assert documents(feature_rows(pieces(json.dumps(collection), size))) == DOCUMENTS


@SIZES
def test_characters_of_many_bytes(size: int) -> None:
    """A character that is cut in two by the pieces comes out whole."""
    found = [{"name": "Beşiktaş 🚋"}]
    text = json.dumps(found, ensure_ascii=False)

    assert documents(array_rows(pieces(text, size))) == found


def test_byte_order_mark_ignored() -> None:
    """A file that starts with a byte order mark reads like one without."""
    text = '﻿[{"a": 1}]'

    assert documents(array_rows(pieces(text))) == [{"a": 1}]
    assert documents(line_rows(pieces('﻿{"a": 1}'))) == [{"a": 1}]


def test_extended_json_values() -> None:
    """$oid, $date and $numberDecimal become the values they stand for."""
    text = (
        '{"_id": {"$oid": "65a000000000000000000001"},'
        ' "at": {"$date": "2020-01-02T03:04:05Z"},'
        ' "old": {"$date": {"$numberLong": "0"}},'
        ' "price": {"$numberDecimal": "1.10"}}'
    )

    assert documents(line_rows(pieces(text))) == [
        {
            "_id": ObjectId("65a000000000000000000001"),
            "at": datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
            "old": datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC),
            "price": Decimal128("1.10"),
        }
    ]


@SIZES
def test_broken_elements_told_apart(size: int) -> None:
    """Broken elements of an array are named by line, and those around them are read."""
    text = (
        '[{"a": 1},\n{"a": tru},\n{"a": [1, 2}, {"b": 2},\n12, null,\n'
        '{"_id": {"$oid": "zz"}}, {"c": 3}]'
    )
    rows = list(array_rows(pieces(text, size)))

    assert [row.place for row in rows if isinstance(row, Bad)] == [
        "line 2",
        "line 3",
        "line 4",
        "line 4",
        "line 5",
    ]
    assert [row.document for row in rows if isinstance(row, Row)] == [
        {"a": 1},
        {"b": 2},
        {"c": 3},
    ]


def test_swallowed_lines_named() -> None:
    """A value without its closing brace is told with all the lines it swallowed."""
    rows = list(array_rows(pieces('[{"a": 1},\n{"b": 2,\n{"c": 3},\n{"d": 4}]')))

    assert rows == [
        Row("line 1", {"a": 1}),
        Bad("lines 2-4", rows[1].reason),  # type: ignore[union-attr]
    ]


def test_broken_lines_told_apart() -> None:
    """Of NDJSON each broken line is bad by itself."""
    text = b'{"a": 1}\n{"a": \n[1]\n\n{"a": 2} {"a": 3}\n{"a": "\xff"}\n{"a": 4}\n'
    rows = list(line_rows(pieces(text)))

    assert [row.place for row in rows if isinstance(row, Bad)] == [
        "line 2",
        "line 3",
        "line 5",
        "line 6",
    ]
    assert documents(row for row in rows if isinstance(row, Row)) == [
        {"a": 1},
        {"a": 4},
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no '['"),
        ('{"a": 1}', "no '['"),
        ('[{"a": 1}', "the file ends"),
        ('[{"a": 1},', "the file ends"),
        ('[{"a": 1', "the file ends inside the value"),
        ('[{"a": "1', "the file ends inside the value"),
        ('[{"a": 1} {"b": 2}]', "'{' stands where"),
        ('[{"a": 1}] {', "more after the end"),
    ],
)
def test_array_that_breaks_off(text: str, reason: str) -> None:
    """An array that is not one to its end is unreadable, with the reason."""
    with pytest.raises(UnreadableError, match=reason.replace("[", r"\[")):
        list(array_rows(pieces(text)))


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"type": "FeatureCollection"}', '{"features": [{"a": 1}', '{"a" 1}'],
)
def test_collection_without_features(text: str) -> None:
    """What is no FeatureCollection is unreadable, not empty."""
    with pytest.raises(UnreadableError):
        list(feature_rows(pieces(text)))


def test_deep_nesting_is_bad() -> None:
    """A document nested a hundred thousand deep is a bad row, not a crash."""
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    rows = list(array_rows(pieces(f'[{deep}, {{"b": 1}}]', 65_536)))

    assert rows == [Bad("line 1", "nested too deep"), Row("line 1", {"b": 1})]


def test_large_array_in_little_memory() -> None:
    """Reading an array of 30 MB holds a few megabytes of it."""
    element = json.dumps({"text": "x" * 1000}).encode() + b","

    def chunks() -> Iterator[bytes]:
        yield b"["
        for _ in range(300):
            yield element * 100
        yield b"{}]"

    tracemalloc.start()
    count = sum(1 for _ in array_rows(chunks()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 30_001
    assert peak < 4_000_000
