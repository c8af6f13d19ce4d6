"""Classes that went out of use are not in the way of those in use."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Iterator
from typing import Any

import pydantic
import pytest

from mongolane import DataBase, Document, errors
from mongolane.documents import document_classes
from tests.support.servers import Server


class Named(Document):
    """A class of the module."""


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """Python collects nothing by itself, as it may do nothing for a long time."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


def declare(name: str = "kept", fields: Any = str, indexes: Any = ()) -> Any:
    """A class; it lies in a cycle from the first."""

    class Kept(Document):
        id: fields  # type: ignore[valid-type]
        a: int = 0
        Settings = type("Settings", (), {"name": name, "indexes": list(indexes)})

    return Kept


async def test_a_refused_class_out_of_use(engine: Server, database_name: str) -> None:
    """Connecting does not fail for a class that nobody has any more."""
    declare(fields=list[int])
    await DataBase.connect(uri=engine.uri, db=database_name)

    assert DataBase.get().name == database_name
    await DataBase.close()


async def test_a_refused_class_in_use(engine: Server, database_name: str) -> None:
    """It does for one that somebody has."""
    held = declare(fields=list[int])
    with pytest.raises(errors.ConfigurationError, match=held.__name__):
        await DataBase.connect(uri=engine.uri, db=database_name)


async def test_clashing_indexes_out_of_use(one_database: DataBase) -> None:
    """A plan is made for what is in use, whatever else was declared before."""
    declare(indexes=[{"fields": "a", "unique": True}])
    held = declare(indexes=["a"])
    plan = await one_database.plan_indexes(held)

    assert [step.action for step in plan.steps] == ["create"]


async def test_a_class_declared_again(
    one_database: DataBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a notebook's cell runs twice: the last one's indexes are meant."""
    module = types.ModuleType("cells")
    monkeypatch.setitem(sys.modules, "cells", module)
    exec("from mongolane import *\n", vars(module))
    cell = (
        "class Cell(Document):\n    a: int\n    class Meta:\n        indexes = [{}]\n"
    )
    exec(cell.format("{'fields': 'a', 'unique': True}"), vars(module))
    before = module.Cell
    exec(cell.format("'a'"), vars(module))
    plan = await one_database.plan_indexes(module.Cell)
    known = [one for one in document_classes() if one in (before, module.Cell)]

    assert known == [module.Cell]
    assert [(step.wanted or {}).get("unique") for step in plan.steps] == [None]


def test_a_made_class_of_the_same_name() -> None:
    """One that ``create_model`` makes of another is not replaced by it."""
    made = pydantic.create_model("Named", __base__=Named, __module__=__name__)

    assert made.__qualname__ == Named.__qualname__
    assert {made, Named} <= set(document_classes())


async def test_a_refused_class_stops_no_other(
    one_database: DataBase, caplog: pytest.LogCaptureFixture
) -> None:
    """Others are written to, whatever else was declared since the connect."""
    held = declare("refused", fields=list[int])
    written = declare("written", indexes=["a"])
    await written(id="a").insert()

    assert await written.count() == 1
    assert held.__name__ not in caplog.text
