"""mongodump files as records, and the choice of a format."""

from __future__ import annotations

import bson
import pytest
from tests.cli.test_json_rows import SIZES, pieces

from mongolane.cli._rows import (
    Bad,
    Row,
    UnreadableError,
    bson_rows,
    detect_format,
    read_rows,
)

DUMP = [bson.encode({"_id": n, "text": "x" * n}) for n in range(9)]


@SIZES
def test_documents_in_any_pieces(size: int) -> None:
    """Documents come out byte for byte, however the file is cut."""
    rows = list(bson_rows(pieces(b"".join(DUMP), size)))

    assert rows == [Row(f"document {n}", data) for n, data in enumerate(DUMP, 1)]


def test_file_that_breaks_off() -> None:
    """A dump that ends inside a document names the document and where the file ends."""
    whole = b"".join(DUMP)

    with pytest.raises(UnreadableError, match=f"document 9: .* byte {len(whole) - 1}"):
        list(bson_rows(pieces(whole[:-1])))


@pytest.mark.parametrize("length", [-1, 0, 4, 2**31 - 1])
def test_impossible_length_refused(length: int) -> None:
    """A length no document can have ends the reading, with its offset."""
    data = DUMP[0] + length.to_bytes(4, "little", signed=True) + b"\0" * 8

    with pytest.raises(UnreadableError, match=f"byte {len(DUMP[0])} cannot be"):
        list(bson_rows(pieces(data)))


def test_document_without_its_end() -> None:
    """A document whose last byte is not zero is bad, and the next one is read."""
    rows = list(bson_rows(pieces(DUMP[0][:-1] + b"\x01" + DUMP[1])))

    assert isinstance(rows[0], Bad)
    assert rows[1] == Row("document 2", DUMP[1])


@pytest.mark.parametrize(
    ("name", "head", "format_"),
    [
        ("a.csv", b"", "csv"),
        ("a.TSV", b"", "tsv"),
        ("a.jsonl", b"", "ndjson"),
        ("a.ndjson.gz", b"", "ndjson"),
        ("a.bson", b"", "bson"),
        ("a.json", b'[{"a": 1}]', "json"),
        ("a.json", b"\xef\xbb\xbf \n [1]", "json"),
        ("a.json.gz", b'{"a": 1}\n{"a": 2}', "ndjson"),
        ("a.json", b'{\n "a": 1}', "sequence"),
        ("a.json", b'{"a": 1} {"a": 2}', "sequence"),
        ("a.json", b'{"type": "FeatureCollection", "features": [', "geojson"),
        ("a.json", b"", "json"),
        ("data", b'{"a": 1}', "ndjson"),
    ],
)
def test_format_by_name_and_head(name: str, head: bytes, format_: str) -> None:
    """The format follows from the name, or for JSON from how the file starts."""
    assert detect_format(name, head) == format_


def test_unknown_format_says_so() -> None:
    """A file that is nothing known asks for --format."""
    with pytest.raises(UnreadableError, match="--format"):
        detect_format("a.parquet", b"PAR1")


def test_utf16_says_so() -> None:
    """UTF-16, as spreadsheets write it, is told by name."""
    with pytest.raises(UnreadableError, match="UTF-16"):
        list(read_rows("csv", iter(["a,b\n".encode("utf-16")])))
