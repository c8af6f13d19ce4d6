"""``mongolane import`` from file to server."""

from __future__ import annotations

import datetime
import gzip
import json
import signal
import threading
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Decimal128, ObjectId
from tests.cli.conftest import Command, Importer, process
from tests.support.servers import Server

LINES = "\n".join(json.dumps({"_id": n, "name": f"n{n}"}) for n in range(5))


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write a file and give its path."""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def test_array_with_extended_json(write: Any, importer: Importer) -> None:
    """A JSON array arrives with the types its Extended JSON says."""
    text = """[{"_id": {"$oid": "65a000000000000000000001"},
      "price": {"$numberDecimal": "9.90"}, "at": {"$date": "2020-01-02T00:00:00Z"}},
      {"_id": {"$oid": "65a000000000000000000002"},
       "nested": {"list": [1, 2.5, null]}}]"""
    result = importer(write("things.json", text))

    assert (result.code, result.errors) == (0, "")
    assert result.output.startswith(f"2 imported into {importer.database}.things")
    assert importer.stored("things") == [
        {
            "_id": ObjectId("65a000000000000000000001"),
            "price": Decimal128("9.90"),
            "at": datetime.datetime(2020, 1, 2),  # noqa: DTZ001
        },
        {
            "_id": ObjectId("65a000000000000000000002"),
            "nested": {"list": [1, 2.5, None]},
        },
    ]


def test_lines_in_small_batches(write: Any, importer: Importer) -> None:
    """NDJSON arrives whole, whatever the size of the batches."""
    result = importer(write("a.ndjson", LINES), "--batch-size", 2, "--quiet")

    assert (result.code, result.output, result.errors) == (0, "", "")
    assert [one["_id"] for one in importer.stored("a")] == [0, 1, 2, 3, 4]


def test_csv_text_and_inferred(write: Any, importer: Importer) -> None:
    """CSV arrives as text, and with --infer as numbers where that is certain."""
    file = write("zip.csv", "zip,place.lat,n\n00501,40.9,3\n")
    importer(file, "--collection", "text", "--id-field", "zip")
    importer(file, "--collection", "typed", "--id-field", "zip", "--infer")

    assert importer.stored("text") == [
        {"_id": "00501", "place": {"lat": "40.9"}, "n": "3"}
    ]
    assert importer.stored("typed") == [
        {"_id": "00501", "place": {"lat": 40.9}, "n": 3}
    ]


def test_dump_arrives_byte_for_byte(write: Any, importer: Importer) -> None:
    """A mongodump file arrives as it is, compressed or not."""
    documents = [
        {"_id": n, "value": bson.Int64(n), "more": {"a": []}} for n in range(3)
    ]
    data = b"".join(map(bson.encode, documents))
    importer(write("plain.bson", data))
    importer(write("packed.bson.gz", gzip.compress(data)))

    assert importer.stored("plain") == documents
    assert importer.stored("packed") == documents


def test_features_arrive(write: Any, importer: Importer) -> None:
    """Each feature of a GeoJSON collection is a document."""
    point = {"type": "Point", "coordinates": [1.5, 2]}
    feature = {"type": "Feature", "id": "a", "geometry": point}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    importer(write("quakes.json", text), "--id-field", "id")

    assert importer.stored("quakes") == [
        {"_id": "a", "type": "Feature", "geometry": point}
    ]


def test_bad_row_stops_with_its_line(write: Any, importer: Importer) -> None:
    """A bad row stops the import, with its line, the exact count, and exit code 1."""
    lines = LINES.replace('"n3"', '"n3')
    result = importer(write("a.ndjson", lines))

    assert result.code == 1
    assert "stopped at line 4: not JSON" in result.errors
    assert f"3 imported into {importer.database}.a before that" in result.errors
    assert [one["_id"] for one in importer.stored("a")] == [0, 1, 2]


def test_bad_rows_skipped_and_listed(write: Any, importer: Importer) -> None:
    """With --skip-bad the bad rows are listed and counted, and the others arrive."""
    lines = "\n".join([LINES, "[1]", '{"_id": 2}', '{"_id": 9}', '{"a'])
    result = importer(write("a.ndjson", lines), "--skip-bad")

    assert result.code == 0
    assert "5 imported" not in result.output
    assert "6 imported" in result.output
    assert "3 skipped" in result.output
    assert "line 6: a document was expected, not an array" in result.errors
    assert "line 7: duplicate key: _id 2 is already there" in result.errors
    assert "line 9: not JSON" in result.errors


def test_duplicate_stops_with_its_row(write: Any, importer: Importer) -> None:
    """A duplicate key stops the import at its row, and names the value."""
    result = importer(write("a.ndjson", LINES + '\n{"_id": 1}\n{"_id": 8}'))

    assert result.code == 1
    assert "stopped at line 6: duplicate key: _id 1 is already there" in result.errors
    assert len(importer.stored("a")) == 5


def test_drop_empties_first(write: Any, importer: Importer) -> None:
    """--drop replaces what was there, and is harmless where nothing was."""
    file = write("a.ndjson", LINES)

    assert [importer(file, "--drop").code for _ in range(2)] == [0, 0]
    assert len(importer.stored("a")) == 5
    assert importer(file).code == 1


def test_large_document_is_bad(write: Any, importer: Importer) -> None:
    """A document of 17 MB is a bad row that tells its size."""
    text = json.dumps([{"_id": 1}, {"_id": 2, "text": "x" * 17_000_000}, {"_id": 3}])
    result = importer(write("a.json", text), "--skip-bad")

    assert "line 1: the document has 17,000," in result.errors
    assert [one["_id"] for one in importer.stored("a")] == [1, 3]


def test_broken_off_file(write: Any, importer: Importer) -> None:
    """A file that breaks off stops even with --skip-bad; what was whole is there."""
    result = importer(write("a.json", '[{"_id": 1}, {"_id": 2}, {"_i'), "--skip-bad")

    assert result.code == 1
    assert "the file ends inside the value" in result.errors
    assert [one["_id"] for one in importer.stored("a")] == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json.gz", b"\x1f\x8b\x08\0rubbish", "."),
        ("a.json.gz", gzip.compress(b"[1]" * 9999, mtime=0)[:-20], "."),
        ("a.parquet", b"PAR1", "--format"),
        ("a.csv", b"", "header"),
        ("a.json", b"", "array"),
    ],
)
def test_unreadable_files(
    write: Any, importer: Importer, name: str, content: bytes, reason: str
) -> None:
    """A file that cannot be read says why, and nothing is imported."""
    result = importer(write(name, content))

    assert result.code == 1
    assert "stopped at" in result.errors
    assert reason in result.errors
    assert "nothing was imported" in result.errors


def test_missing_file(tmp_path: Path, importer: Importer) -> None:
    """A file that is not there is told by its name."""
    result = importer(tmp_path / "none.json")

    assert result.code == 1
    assert "none.json: No such file" in result.errors


def test_unreachable_server(write: Any, mongolane: Command) -> None:
    """A server that cannot be reached is told by its address, the password never."""
    uri = "mongodb://ann:pa55@127.0.0.1:1/?serverSelectionTimeoutMS=200"
    result = mongolane("import", write("a.ndjson", LINES), "--uri", uri, "--db", "x")

    assert result.code == 1
    assert "127.0.0.1:1" in result.errors
    assert "pa55" not in result.errors


def test_uri_from_environment(
    write: Any, mongolane: Command, importer: Importer
) -> None:
    """Without --uri the environment's MONGODB_URI is used."""
    file = write("a.ndjson", LINES)
    result = mongolane(
        "import", file, "--db", importer.database, MONGODB_URI=importer.uri
    )

    assert result.code == 0
    assert len(importer.stored("a")) == 5


def test_standard_input(engine: Server, database_name: str) -> None:
    """A dash reads standard input."""
    where = ("--uri", engine.uri, "--db", database_name, "--collection", "a")
    one = process("import", "-", *where, "--format", "ndjson", stdin=-1)
    output, errors = one.communicate(LINES, timeout=30)

    assert (one.returncode, errors) == (0, "")
    assert "5 imported" in output
    assert "\x1b" not in output


def test_interrupted_import_tells(engine: Server, database_name: str) -> None:
    """Ctrl-C ends an import with what has been imported, and exit code 130."""
    where = ("--uri", engine.uri, "--db", database_name, "--collection", "a")
    one = process(
        "import", "-", *where, "--format", "ndjson", "--batch-size", 1, stdin=-1
    )
    assert one.stdin is not None
    one.stdin.write(
        "\n".join(f'{{"_id": {n}, "x": "{"x" * 60}"}}' for n in range(9999))
    )
    one.stdin.flush()
    timer = threading.Timer(2.5, one.send_signal, [signal.SIGINT])
    timer.start()
    one.wait(timeout=30)
    timer.join()
    assert one.stderr is not None
    errors = one.stderr.read()
    for stream in (one.stdin, one.stdout, one.stderr):
        assert stream is not None
        stream.close()

    assert one.returncode == 130
    assert "interrupted" in errors
    assert f"imported into {database_name}.a before that" in errors


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("movies.json", 3201),
        ("zipcodes.csv", 42049),
        ("earthquakes.json", 1707),
        ("flights-200k.json", 200_000),
    ],
)
def test_real_files_arrive(
    real_data: Path, importer: Importer, name: str, count: int
) -> None:
    """The real files arrive with all of their records."""
    result = importer(real_data / name, "--collection", "real")

    assert (result.code, result.errors) == (0, "")
    assert f"{count:,} imported" in result.output
