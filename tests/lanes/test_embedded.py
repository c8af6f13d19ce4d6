"""``embedded://`` URIs: one engine for each folder, as long as somebody uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from mongolane.errors import ConfigurationError
from mongolane.lanes import EmbeddedServer, open_lane
from mongolane.lanes import embedded as module

from .replies import LANES, PING


class Pretend:
    """Stands in for the engine, and remembers its life."""

    running: ClassVar[list[str | None]] = []
    uri = "mongodb://127.0.0.1:5/?directConnection=true"

    def __init__(self, path: str | None) -> None:
        if path is not None and path.endswith("locked"):
            raise OSError("somebody else has it open")
        self.path = path
        self.running.append(path)

    def stop(self) -> None:
        self.running.remove(self.path)


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> type[Pretend]:
    """The room with pretend engines."""
    monkeypatch.setattr(module, "_engine", lambda: Pretend)
    Pretend.running.clear()
    return Pretend


def test_same_folder_same_engine(pretend: type[Pretend], tmp_path: Path) -> None:
    """Two holders of one folder share an engine; the last to let go stops it."""
    one, two = (EmbeddedServer(f"embedded://{tmp_path}") for _ in range(2))
    uris = {one.uri(), two.uri(), one.uri()}
    counts = [len(pretend.running)]
    for holder in (one, one, two):
        holder.release()
        counts.append(len(pretend.running))

    assert len(uris) == 1
    assert counts == [1, 1, 1, 0]


def test_memory_and_folders_are_apart(pretend: type[Pretend], tmp_path: Path) -> None:
    """Memory and each folder have engines of their own."""
    places = ["embedded://", f"embedded://{tmp_path}/a", f"embedded://{tmp_path}/b%20c"]
    servers = [EmbeddedServer(place) for place in places]
    for server in servers:
        server.uri()
    running = list(pretend.running)
    for server in servers:
        server.release()

    assert running == [None, f"{tmp_path}/a", f"{tmp_path}/b c"]


def test_options_are_passed_on(pretend: type[Pretend]) -> None:
    """What follows the question mark is added to the engine's URI."""
    server = EmbeddedServer("embedded://?maxPoolSize=5")
    uri = server.uri()
    server.release()

    assert uri == f"{Pretend.uri}&maxPoolSize=5"


def test_locked_folder_is_an_error(pretend: type[Pretend], tmp_path: Path) -> None:
    """An engine that cannot start says where and why."""
    with pytest.raises(ConfigurationError, match="locked: somebody else"):
        EmbeddedServer(f"embedded://{tmp_path}/locked").uri()


def test_nothing_starts_before_it_is_used(pretend: type[Pretend]) -> None:
    """Opening a lane starts no engine."""
    open_lane("embedded://")

    assert pretend.running == []


@pytest.mark.parametrize("name", LANES)
async def test_engine_answers(engine: Any, name: str, tmp_path: Path) -> None:
    """A lane to an embedded URI works, and closing it stops the engine."""
    lane = open_lane(f"embedded://{tmp_path}/data", name)
    reply = await lane.run(PING)
    await lane.close()

    assert reply.ok
    assert str(tmp_path / "data") not in module._running
