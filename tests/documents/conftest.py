"""
Documents live on each server and lane.
"""

from __future__ import annotations

from typing import Any

import pytest

from mongolane import DataBase
from tests.support.connected import database, one_database

__all__ = ["database", "one_database", "sent"]


@pytest.fixture
def sent(one_database: DataBase, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """
    The bodies of all commands that the connected lane was given, as they come.
    """
    lane: Any = one_database.lane
    run, ask = lane.run, lane.ask
    bodies: list[Any] = []

    def noting(command: Any, *rest: Any, **more: Any) -> Any:
        bodies.append(command.body)
        return run(command, *rest, **more)

    def asking(command: Any) -> Any:
        bodies.append(command.body)
        known = len(bodies)
        asked = ask(command)
        # Some lanes ask by ``run``: noted already.
        del bodies[known:]
        return asked

    monkeypatch.setattr(lane, "run", noting)
    monkeypatch.setattr(lane, "ask", asking)
    return bodies
