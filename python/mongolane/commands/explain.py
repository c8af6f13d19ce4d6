"""explain: how the server would run another command."""

from __future__ import annotations

from typing import Any

from .command import Command

__all__ = ["explain"]

# A concern belongs to running, which explain does not do in earnest.
_NOT_EXPLAINED = ("writeConcern", "readConcern", "maxTimeMS", "comment")


def explain(command: Command, verbosity: str = "executionStats") -> Command:
    """
    The plan of ``command``.

    Args:
        verbosity: ``queryPlanner``, ``executionStats`` or ``allPlansExecution``.
    """
    inner: dict[str, Any] = dict(command.body)
    body: dict[str, Any] = {"explain": inner, "verbosity": verbosity}
    for name in _NOT_EXPLAINED:
        if name in inner:
            value = inner.pop(name)
            if name in ("maxTimeMS", "comment"):
                body[name] = value
    return Command(command.database, body, read_preference=command.read_preference)
