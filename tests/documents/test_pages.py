"""The samples of the documentation's pages on documents run."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def page_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the page's own; names that it installs are gone afterwards."""
    for name in [one for one in sys.modules if one.partition(".")[0] == "motormongo"]:
        monkeypatch.delitem(sys.modules, name)
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    return module


@pytest.mark.parametrize("page", ["documents", "types", "migrating-from-motormongo"])
async def test_samples_of_a_page_run(page: str, page_module: ModuleType) -> None:
    """All samples of a page run one after the other, and their claims hold."""
    text = (DOCS / f"{page}.md").read_text()
    samples = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    assert samples
    for number, sample in enumerate(samples):
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code: Any = compile(sample, f"{page}.md, sample {number}", "exec", flags)
        outcome = eval(code, page_module.__dict__)
        if inspect.isawaitable(outcome):
            await outcome
    for name in [one for one in sys.modules if one.partition(".")[0] == "motormongo"]:
        del sys.modules[name]
