"""``mongolane indexes``: what documents declare, against what a server has."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
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
    return 1 if check and found else 0


def run_sync(target: str, uri: str, db: str, drop: bool) -> int:
    """Carry out the plan and print it; the exit code."""

    async def work(database: DataBase, classes: list[Any]) -> IndexPlan:
        return await database.sync_indexes(*classes, drop=drop)

    found = _run(target, uri, db, work)
    if found is None:
        return 2
    if found.left:
        print(f"left as they are: {len(found.left)}; --drop drops and rebuilds them")
    return 0


def _run(target: str, uri: str, db: str, work: Work) -> IndexPlan | None:
    try:
        classes = _classes(target)
        found = asyncio.run(_connected(uri, db, classes, work))
    except (MongolaneError, OSError, ImportError, _NothingFoundError) as error:
        print(without_password(brief(error)), file=sys.stderr)
        return None
    print(found)
    return found


async def _connected(uri: str, db: str, classes: list[Any], work: Work) -> IndexPlan:
    database = DataBase(uri, db)
    try:
        return await work(database, classes)
    finally:
        await database.disconnect()


def _classes(target: str) -> list[Any]:
    """The documents that ``module`` or ``module:Class,Class`` names."""
    module, _, names = target.partition(":")
    # As ``python -m`` does: what lies here can be imported.
    sys.path.insert(0, os.getcwd())
    try:
        made = importlib.import_module(module)
    finally:
        sys.path.pop(0)
    if names:
        return [_named(made, name.strip()) for name in names.split(",")]
    held = list(vars(made).values())
    found = [one for one in document_classes() if _belongs(one, module, held)]
    if not found:
        raise _NothingFoundError(f"{module} has no document classes")
    return found


def _named(module: Any, name: str) -> Any:
    found = getattr(module, name, None)
    if not any(found is one for one in document_classes()):
        raise _NothingFoundError(f"{module.__name__} has no document class {name!r}")
    return found


def _belongs(cls: Any, module: str, held: list[Any]) -> bool:
    inside = cls.__module__ == module or cls.__module__.startswith(f"{module}.")
    return inside or any(one is cls for one in held)
