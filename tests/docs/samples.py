"""
The samples of a page: every fenced block of Python, and what its comments claim.

The blocks of a page share one namespace and run in order, statement by statement;
``await`` may stand at the top. A comment at the end of a statement is checked:

    1 + 1  # -> 2
    User.find(User.nmae == "x")  # raises UnknownFieldError
    print("hello")  # prints hello

A block after ``<!-- not run -->`` is only compiled.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Sample", "run", "samples"]

_BLOCK = re.compile(
    r"^(?P<skip><!-- not run -->\n+)?```python\n(?P<code>.*?)^```$", re.M | re.S
)
_CLAIM = re.compile(r"#\s*(->|raises|prints)\s+(.*)")


@dataclass(frozen=True)
class Sample:
    """
    One block.

    Attributes:
        file: the page.
        code: with empty lines in front, so that errors name the page's own lines.
        is_run: whether it runs, or is only compiled.
    """

    file: Path
    code: str
    is_run: bool


def samples(file: Path) -> Iterator[Sample]:
    """The blocks of a page."""
    text = file.read_text()
    for found in _BLOCK.finditer(text):
        before = "\n" * text.count("\n", 0, found.start("code"))
        yield Sample(file, before + found["code"], found["skip"] is None)


async def run(sample: Sample, names: dict[str, Any]) -> None:
    """Run a sample in ``names``, and hold it to its claims."""
    module = ast.parse(sample.code, str(sample.file))
    if not sample.is_run:
        return
    claims = _claims(sample.code)
    for statement in module.body:
        kind, claimed = claims.pop(statement.end_lineno or 0, ("", ""))
        where = f"{sample.file.name}, line {statement.lineno}"
        if kind == "raises":
            await _raises(statement, sample, names, claimed, where)
            continue
        printed = io.StringIO()
        wanted = kind == "prints"
        with (
            contextlib.redirect_stdout(printed) if wanted else contextlib.nullcontext()
        ):
            value = await _execute(statement, sample, names)
        if wanted:
            assert claimed == printed.getvalue().rstrip("\n"), where
        if kind == "->":
            assert isinstance(statement, ast.Expr), f"{where} has no value"
            assert eval(claimed, names) == value, f"{where} is {value!r}"
    assert not claims, f"{sample.file.name}: claims at no statement's end: {claims}"


async def _raises(
    statement: ast.stmt, sample: Sample, names: dict[str, Any], claimed: str, where: str
) -> None:
    try:
        await _execute(statement, sample, names)
    except Exception as error:
        found, kinds = repr(error), [kind.__name__ for kind in type(error).__mro__]
    else:
        found, kinds = "nothing", []
    assert claimed in kinds, f"{where} raises {found}"


async def _execute(statement: ast.stmt, sample: Sample, names: dict[str, Any]) -> Any:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree: Any = ast.Module([statement], [])
    mode = "exec"
    if isinstance(statement, ast.Expr):
        tree, mode = ast.Expression(statement.value), "eval"
    code = compile(tree, str(sample.file), mode, flags, dont_inherit=True)
    value = eval(code, names)
    # A coroutine function's code gives a coroutine; what it gives may be a query.
    if code.co_flags & inspect.CO_COROUTINE:
        value = await value
    return value


def _claims(code: str) -> dict[int, tuple[str, str]]:
    """The claims by the line they stand on."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        claim = _CLAIM.match(token.string) if token.type == tokenize.COMMENT else None
        if claim:
            found[token.start[0]] = (claim[1], claim[2].strip())
    return found
