"""
Documents live on each server and lane.
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from mongolane import DataBase
from tests.support.connected import database, one_database

__all__ = ["database", "one_database", "pymongos_sockets", "sent"]


@pytest.fixture
def sent(one_database: DataBase, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """
    The bodies of all commands that the connected lane was given, as they come.
    """
    lane: Any = one_database.lane
    run = lane.run
    bodies: list[Any] = []

    def noting(command: Any, *rest: Any, **more: Any) -> Any:
        bodies.append(command.body)
        return run(command, *rest, **more)

    monkeypatch.setattr(lane, "run", noting)
    return bodies


@pytest.fixture(scope="module")
def pymongos_sockets() -> Iterator[None]:
    """
    Collect what PyMongo dropped in this module, before another is blamed for it.

    A monitor of PyMongo's that is cancelled while it connects (the server hangs, or is
    away) leaves its socket to the collector: ``pool_shared._async_create_connection``.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
