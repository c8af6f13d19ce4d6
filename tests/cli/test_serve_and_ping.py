"""``mongolane serve`` and ``mongolane ping``, and a missing extra."""

from __future__ import annotations

import builtins
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
import pytest
from tests.cli.conftest import Command, process
from tests.support.servers import Server

from mongolane import cli


@contextmanager
def serving(*arguments: object) -> Iterator[tuple[Any, str]]:
    """A process that serves, and the URI it printed."""
    one = process("serve", *arguments)
    assert one.stdout is not None
    try:
        yield one, one.stdout.readline().strip()
    finally:
        if one.poll() is None:
            one.kill()
        one.communicate()


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_told_to_stop(kind: int) -> None:
    """The engine serves any driver at the URI it prints, and stops in good order."""
    with serving("--port", 0) as (one, uri):
        with pymongo.MongoClient(uri) as client:
            client.a.b.insert_one({"_id": 1})
        one.send_signal(kind)
        output, errors = one.communicate(timeout=10)

    assert (one.returncode, errors) == (0, "")
    assert output.endswith("stopped\n")


def test_folder_keeps_its_data(tmp_path: Path) -> None:
    """What was written to a folder is there the next time."""
    for count in (1, 2):
        with serving(tmp_path / "data", "--port", 0) as (one, uri):
            with pymongo.MongoClient(uri) as client:
                client.a.b.insert_one({})

                assert client.a.b.count_documents({}) == count
            one.send_signal(signal.SIGTERM)
            one.wait(timeout=10)


def test_unix_socket(tmp_path: Path) -> None:
    """The engine serves on a Unix socket."""
    path = tmp_path / "engine.sock"
    with (
        serving("--unix", path) as (_, uri),
        pymongo.MongoClient(uri) as client,
    ):
        assert client.admin.command("ping")["ok"] == 1
        assert "engine.sock" in uri


def test_taken_port_told(mongolane: Command) -> None:
    """A port that is taken is an error in one line and exit code 1."""
    with serving("--port", 0) as (_, uri):
        port = uri.rpartition(":")[2].partition("/")[0]
        result = mongolane("serve", "--port", port)

    assert result.code == 1
    assert "could not start" in result.errors


def test_impossible_folder_told(mongolane: Command, tmp_path: Path) -> None:
    """A folder that is a file is an error in one line and exit code 1."""
    (tmp_path / "file").touch()
    result = mongolane("serve", tmp_path / "file", "--port", 0)

    assert result.code == 1
    assert "could not start" in result.errors


def test_ping_tells_what_is_there(mongolane: Command, engine: Server) -> None:
    """Ping tells server, topology, lane with its reason, and a round trip."""
    result = mongolane("ping", engine.uri)
    told = dict(line.split(maxsplit=1) for line in result.output.splitlines())

    assert result.code == 0
    assert told["server"].startswith("mongolane's embedded engine, version")
    assert engine.uri.split("/")[2] in told["topology"]
    assert told["lane"].startswith("direct: ")
    assert told["round"].endswith(" ms")


@pytest.mark.server
def test_ping_on_the_real_server(mongolane: Command, real: Server) -> None:
    """Ping knows a server that is not ours."""
    result = mongolane("ping", real.uri)

    assert result.code == 0, result.errors
    assert "embedded" not in result.output


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        (
            "mongodb://ann:pa55@127.0.0.1:1/",
            "no server could be reached at 127.0.0.1:1",
        ),
        ("mongodb://127.0.0.1:1/?nonsense=1", "nonsense"),
        ("mongodb://", "cannot be used"),
        ("http://127.0.0.1/", "cannot be used"),
        ("nonsense", "cannot be used"),
        ("embedded://host", "is not a folder"),
        ("mongodb://ann:pa55@127.0.0.1:99999/", "cannot be used"),
    ],
)
def test_ping_says_what_is_wrong(mongolane: Command, uri: str, told: str) -> None:
    """A URI that leads nowhere is told in a sentence, without its password."""
    result = mongolane("ping", uri, "--timeout", 0.3)

    assert (result.code, result.output) == (1, "")
    assert told in result.errors
    assert len(result.errors.splitlines()) == 1
    assert "pa55" not in result.errors


def test_missing_extra_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without typer the command says which extra to install."""
    real_import = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "typer":
            raise ModuleNotFoundError("No module named 'typer'", name="typer")
        return real_import(name, *rest)

    monkeypatch.delitem(sys.modules, "mongolane.cli._app", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(SystemExit, match=r"mongolane\[cli\]"):
        cli.main()


def test_help_lists_commands(mongolane: Command) -> None:
    """Help names every command."""
    result = mongolane("--help")

    assert {"import", "serve", "ping"} <= set(result.output.split())
