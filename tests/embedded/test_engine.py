"""The embedded engine by hand."""

from __future__ import annotations

from pathlib import Path

import pymongo
import pytest

from mongolane.embedded import Engine, serve


def test_serves_while_entered() -> None:
    """Inside the block any driver is served, after it nobody."""
    with Engine() as engine:
        with pymongo.MongoClient(engine.uri) as client:
            assert client.a.b.insert_one({"_id": 1}).inserted_id == 1
        uri = engine.uri

    with (
        pymongo.MongoClient(uri, serverSelectionTimeoutMS=100) as client,
        pytest.raises(pymongo.errors.ServerSelectionTimeoutError),
    ):
        client.admin.command("ping")


def test_folder_keeps_its_data(tmp_path: Path) -> None:
    """What was stored in a folder is there when it is opened again."""
    for found in ([], [{"_id": 1}]):
        with (
            Engine(tmp_path / "data") as engine,
            pymongo.MongoClient(engine.uri) as client,
        ):
            assert list(client.a.b.find()) == found
            client.a.b.replace_one({"_id": 1}, {}, upsert=True)


def test_folder_has_one_engine(tmp_path: Path) -> None:
    """A second engine on the same folder is refused."""
    with Engine(tmp_path), pytest.raises(OSError, match=tmp_path.name):
        Engine(tmp_path)


def test_taken_port_refused() -> None:
    """A port that is taken is an OSError."""
    with serve(port=0) as engine:
        port = int(engine.uri.rpartition(":")[2].partition("/")[0])
        with pytest.raises(OSError, match=str(port)):
            Engine(port=port)


def test_stops_once() -> None:
    """Stopping twice is harmless, and the repr says that it is stopped."""
    engine = Engine()
    engine.stop()
    engine.stop()

    assert repr(engine) == "<Engine stopped>"


def test_unix_socket(tmp_path: Path) -> None:
    """An engine on a Unix socket serves by the URI it gives."""
    with (
        Engine(unix=tmp_path / "a.sock") as engine,
        pymongo.MongoClient(engine.uri) as client,
    ):
        assert client.admin.command("ping")["ok"] == 1


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    """Wherever the file is damaged, it opens or says so, and no write hangs."""
    with Engine(tmp_path) as engine, pymongo.MongoClient(engine.uri) as client:
        documents = [{"n": i, "text": "x" * 200} for i in range(3000)]
        client.a.b.insert_many(documents)
    file = tmp_path / "mongolane.redb"
    whole = file.read_bytes()
    told = 0
    for start in range(0, len(whole), len(whole) // 24):
        damage = bytes(255 ^ one for one in whole[start : start + 4096])
        file.write_bytes(whole[:start] + damage + whole[start + 4096 :])
        told += not _opens(tmp_path)

    assert told


def _opens(folder: Path) -> bool:
    """Whether the engine takes a folder, and writes to it."""
    try:
        engine = Engine(folder)
    except OSError:
        return False
    with engine, pymongo.MongoClient(engine.uri, timeoutMS=20_000) as client:
        try:
            client.a.b.insert_many([{"n": i} for i in range(100)])
            client.a.b.delete_many({})
        except pymongo.errors.OperationFailure:
            return False
    return True
