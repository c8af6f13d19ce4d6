"""The samples of the pages on queries and writes run as they stand."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from mongolane import DataBase

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["queries.md", "writes.md"])
async def test_samples_run(page: str) -> None:
    """Every sample of a page runs, in order, and what it asserts holds."""
    text = (DOCS / page).read_text()
    names = {"__name__": "page", "__builtins__": __builtins__}
    try:
        for found in re.finditer(r"^```python\n(.*?)^```$", text, re.M | re.S):
            # Empty lines in front, so that an error names the line of the page.
            source = "\n" * text.count("\n", 0, found.start(1)) + found[1]
            await_is_allowed = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            code = compile(source, str(DOCS / page), "exec", await_is_allowed, True)
            result = eval(code, names)
            if inspect.isawaitable(result):
                await result
    finally:
        await DataBase.close()
