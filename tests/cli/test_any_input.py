"""Whatever a file holds is read, named as bad, or the end of the reading."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import bson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.test_json_rows import pieces

from mongolane.cli._records import Record, records
from mongolane.cli._rows import Bad, Format, Row, UnreadableError, read_rows

# A machine that is busy with something else is no reason to fail.
UNHURRIED = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
)
KEYS = st.text(max_size=4).filter(
    lambda key: not key.startswith("$") and "\0" not in key
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)
DOCUMENTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=4)
SIZES = st.integers(1, 40)

# Pieces of files, so that what is made looks enough like one to get somewhere.
_MARKS = ("{", "}", "[", "]", ",", ":", '"', "\\", "\n", " ", "\0", "\ufeff", "é", "�")
_WORDS = ('{"a": 1}', '"a"', "1", "-", "tru", "null", '"x"y', "a,b\n", "1,2\n")
_LONGER = ('{"$oid": "x"}', '{"$date": 1}', '{"$numberLong": "z"}', '{"features": [')
CRUMBS = st.sampled_from((*_MARKS, *_WORDS, *_LONGER))
TEXTS = st.lists(CRUMBS, max_size=30).map("".join)
DATA = st.binary(max_size=60) | TEXTS.map(lambda text: text.encode("utf-8", "replace"))


@UNHURRIED
@given(DOCUMENTS, SIZES, st.sampled_from([None, 1]))
def test_arrays_read_whole(documents: list[Any], size: int, indent: int | None) -> None:
    """Any documents in an array come out as they went in, in any pieces."""
    text = json.dumps(documents, indent=indent, ensure_ascii=False)
    rows = list(read_rows("json", pieces(text.encode("utf-8", "replace"), size)))

    assert all(isinstance(row, Row) for row in rows)
    assert [row.document for row in rows if isinstance(row, Row)] == json.loads(
        text.encode("utf-8", "replace")
    )


@UNHURRIED
@given(DOCUMENTS, SIZES)
def test_dumps_read_whole(documents: list[Any], size: int) -> None:
    """Any documents of a dump come out as they went in, in any pieces."""
    data = [bson.encode(one) for one in documents]
    rows = list(read_rows("bson", pieces(b"".join(data), size)))

    assert [row.document for row in rows if isinstance(row, Row)] == data


@pytest.mark.parametrize("format_", list(Format))
@UNHURRIED
@given(data=DATA, size=SIZES)
def test_never_more_than_bad(format_: Format, data: bytes, size: int) -> None:
    """Rubbish gives records, bad rows, or an end with its place; nothing else."""
    with contextlib.suppress(UnreadableError):
        for one in records(read_rows(format_, pieces(data, size)), (), 10_000):
            assert isinstance(one, (Record, Bad))


@pytest.mark.parametrize("format_", ["json", "ndjson", "sequence", "csv", "geojson"])
@UNHURRIED
@given(data=DATA, size=SIZES)
def test_pieces_make_no_difference(format_: str, data: bytes, size: int) -> None:
    """However a file is cut, the same records come out of it."""
    assert told(format_, data, size) == told(format_, data, len(data) + 1)


def told(format_: str, data: bytes, size: int) -> list[Any]:
    found: list[Any] = []
    try:
        for row in read_rows(format_, pieces(data, size)):
            found.append(repr(row) if isinstance(row, Row) else row.place)
    except UnreadableError as error:
        found.append(error.place)
    return found
