"""
What tests tell at the end of a run, also where several processes share the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LINES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """
    Take a line that is printed under the results.
    """
    return pytestconfig.stash.setdefault(LINES, []).append


def pytest_sessionfinish(session: pytest.Session) -> None:
    """
    Hand the lines of a worker to the process that prints.
    """
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["told"] = session.config.stash.get(LINES, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """
    Take over the lines of a worker.
    """
    lines = node.config.stash.setdefault(LINES, [])
    lines.extend(getattr(node, "workeroutput", {}).get("told", []))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """
    Print them.
    """
    if lines := config.stash.get(LINES, []):
        terminalreporter.section("told by tests")
        for line in lines:
            terminalreporter.write_line(line)
