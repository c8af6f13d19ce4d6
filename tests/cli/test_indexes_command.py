"""``mongolane indexes``: plan and sync of a module's documents."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest
from tests.support.servers import Server

from .conftest import Command

MODULE = """
from typing import Annotated
from mongolane import Document, Index


class Shop(Document):
    name: Annotated[str, Index(unique=True)]

    class Settings:
        name = "cli_shops"


class Street(Document):
    name: Annotated[str, Index()]

    class Settings:
        name = "cli_streets"
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module with two documents, in the current folder."""
    (tmp_path / "shops_of_a_test.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    yield "shops_of_a_test"
    sys.modules.pop("shops_of_a_test", None)
    gc.collect()


@pytest.fixture
def where(engine: Server, database_name: str) -> tuple[str, ...]:
    """The options that lead to the test's own database."""
    return ("--uri", engine.uri, "--db", database_name)


def names(engine: Server, database: str, collection: str) -> set[str]:
    """The indexes of a collection."""
    with pymongo.MongoClient[dict[str, object]](engine.uri) as client:
        return set(client[database][collection].index_information())


def test_plan_shows_and_does_nothing(
    mongolane: Command,
    module: str,
    where: tuple[str, ...],
    engine: Server,
    database_name: str,
) -> None:
    """The plan is printed; --check makes a difference an exit code; nothing is made."""
    shown = mongolane("indexes", "plan", module, *where)

    assert (shown.code, shown.errors) == (0, "")
    assert "cli_shops" in shown.output
    assert "+ create  name_1  {name: 1} unique" in shown.output
    assert mongolane("indexes", "plan", module, *where, "--check").code == 1
    assert names(engine, database_name, "cli_shops") == set()


def test_sync_of_one_class(
    mongolane: Command,
    module: str,
    where: tuple[str, ...],
    engine: Server,
    database_name: str,
) -> None:
    """Only the named class's indexes are made; a second time there is nothing to do."""
    done = mongolane("indexes", "sync", f"{module}:Shop", *where)

    assert done.output == ("cli_shops\n  + create  name_1  {name: 1} unique\ndone: 1\n")
    assert names(engine, database_name, "cli_shops") == {"_id_", "name_1"}
    assert names(engine, database_name, "cli_streets") == set()
    again = mongolane("indexes", "plan", f"{module}:Shop", *where, "--check")
    assert (again.code, again.output) == (0, "all indexes are as declared\n")


def test_sync_drops_with_consent(
    mongolane: Command,
    module: str,
    where: tuple[str, ...],
    engine: Server,
    database_name: str,
) -> None:
    """What nobody declares is dropped with --drop, and only then."""
    with pymongo.MongoClient[dict[str, object]](engine.uri) as client:
        client[database_name]["cli_shops"].create_index("foreign")
    kept = mongolane("indexes", "sync", module, *where)
    assert "--drop" in kept.output
    assert "foreign_1" in names(engine, database_name, "cli_shops")
    mongolane("indexes", "sync", module, *where, "--drop")

    assert names(engine, database_name, "cli_shops") == {"_id_", "name_1"}


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("no_such_module", "no_such_module"),
        ("json", "json"),
        (":Shoe", "Shoe"),
        ("", "''"),
        ("../shops", "'../shops'"),
        ("broken_of_a_test", "LookupError: so it goes, "),
    ],
)
def test_what_cannot_be_found_is_named(
    mongolane: Command, module: str, where: tuple[str, ...], target: str, named: str
) -> None:
    """A module or class that is not there is named, with exit code 2."""
    Path("broken_of_a_test.py").write_text("raise LookupError('so it goes')")
    target = module + target if target.startswith(":") else target
    told = mongolane("indexes", "plan", target, *where)

    assert told.code == 2
    assert named in told.errors


def test_a_refused_index_is_told_after_the_plan(
    mongolane: Command,
    module: str,
    where: tuple[str, ...],
    engine: Server,
    database_name: str,
) -> None:
    """The plan is printed before anything is done; what is refused is named."""
    with pymongo.MongoClient[dict[str, object]](engine.uri) as client:
        client[database_name]["cli_shops"].insert_many([{"name": "a"}, {"name": "a"}])
    told = mongolane("indexes", "sync", f"{module}:Shop", *where)

    assert told.code == 2
    assert "+ create  name_1  {name: 1} unique" in told.output
    assert "full error" not in told.errors
    assert "while making cli_shops: + create  name_1" in told.errors
