"""``mongolane indexes``: what documents declare, against what a server has."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from ..documents import DataBase, IndexPlan, document_classes
from ..errors import MongolaneError
from ._text import brief, without_password

__all__ = ["run_plan", "run_sync"]

Work = Callable[[DataBase, list[Any]], Coroutine[Any, Any, IndexPlan]]


class _NothingFoundError(Exception):
    """The target names nothing to look at."""


def run_plan(target: str, uri: str, db: str, check: bool) -> int:
    """Print the plan; the exit code."""

    async def work(database: DataBase, classes: list[Any]) -> IndexPlan:
        return await database.plan_indexes(*classes)

    found = _run(target, uri, db, work)
    if found is None:
        return 2
    print(found)
    return 1 if check and found else 0


def run_sync(target: str, uri: str, db: str, drop: bool) -> int:
    """Print the plan, then carry it out; the exit code."""

    async def work(database: DataBase, classes: list[Any]) -> IndexPlan:
        return await database.sync_indexes(*classes, drop=drop, show=print)

    found = _run(target, uri, db, work)
    if found is None:
        return 2
    if done := len(found) - len(found.left):
        print(f"done: {done}")
    if found.left:
        print(f"left as they are: {len(found.left)}; --drop drops and rebuilds them")
    return 0


def _run(target: str, uri: str, db: str, work: Work) -> IndexPlan | None:
    try:
        classes = _classes(target)
        return asyncio.run(_connected(uri, db, classes, work))
    except (MongolaneError, OSError, _NothingFoundError) as error:
        for line in (brief(error), *getattr(error, "__notes__", ())):
            print(without_password(line), file=sys.stderr)
        return None


async def _connected(uri: str, db: str, classes: list[Any], work: Work) -> IndexPlan:
    database = DataBase(uri, db)
    try:
        return await work(database, classes)
    finally:
        await database.disconnect()


def _classes(target: str) -> list[Any]:
    """The documents that ``module`` or ``module:Class,Class`` names."""
    module, _, names = target.partition(":")
    if not all(map(str.isidentifier, module.split("."))):
        raise _NothingFoundError(f"{target!r} is no module: package.module:Class")
    made = _imported(module)
    if names:
        return [_named(made, name.strip()) for name in names.split(",")]
    held = list(vars(made).values())
    found = [one for one in document_classes() if _belongs(one, module, held)]
    if not found:
        raise _NothingFoundError(f"{module} has no document classes")
    return found


def _imported(module: str) -> Any:
    # As ``python -m`` does: what lies here can be imported.
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise _NothingFoundError(
            f"{module} cannot be imported: {_told(error)}"
        ) from None
    finally:
        sys.path.pop(0)


def _told(error: Exception) -> str:
    """An error of a user's module, and the line that it comes from."""
    if isinstance(error, ModuleNotFoundError):
        return str(error)
    lines = [line.strip() for line in traceback.format_exception_only(error)]
    frame = traceback.extract_tb(error.__traceback__)[-1]
    if not isinstance(error, SyntaxError):
        lines.append(f"{frame.filename}, line {frame.lineno}")
    return ", ".join(filter(None, lines))


def _named(module: Any, name: str) -> Any:
    found = getattr(module, name, None)
    if not any(found is one for one in document_classes()):
        raise _NothingFoundError(f"{module.__name__} has no document class {name!r}")
    return found


def _belongs(cls: Any, module: str, held: list[Any]) -> bool:
    inside = cls.__module__ == module or cls.__module__.startswith(f"{module}.")
    return inside or any(one is cls for one in held)
