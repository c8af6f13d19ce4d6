"""
How several processes share the tests: a file, or a folder with one stock, to each.
"""

from __future__ import annotations

from typing import Any

import pytest

FOLDERS = ("tests/data/",)
"""Whose files import the same data once a process."""

FIRST = ("tests/typing/", "tests/data/", "tests/examples/")
"""What takes longest: begun last, it would keep one process busy and the rest idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Begin with what takes longest.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """
    Keep together what shares fixtures of a module or a folder.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, _ = nodeid.partition("::")
            return next((one for one in FOLDERS if file.startswith(one)), file)

    return Shares(config, log)
