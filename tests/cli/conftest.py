"""The command line, in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo
import pytest
from tests.support.servers import Server
from typer.testing import CliRunner

from mongolane.cli._app import app


@dataclass
class Result:
    """How a command ended, and what it said."""

    code: int
    output: str
    errors: str


Command = Callable[..., Result]


@pytest.fixture
def mongolane() -> Command:
    """Run a command in this process."""

    def run(*arguments: object, **environment: str) -> Result:
        given = [str(one) for one in arguments]
        told = CliRunner().invoke(app, given, env=environment)
        if told.exception and not isinstance(told.exception, SystemExit):
            raise told.exception
        return Result(told.exit_code, told.stdout, told.stderr)

    return run


def process(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "MONGODB_URI"}
    return subprocess.Popen(
        [sys.executable, "-m", "mongolane.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, **options.pop("env", {})},
        **options,
    )


class Importer:
    """Imports into the test's own database, and looks at what has arrived."""

    def __init__(self, run: Command, uri: str, database: str) -> None:
        self.run, self.uri, self.database = run, uri, database

    def __call__(self, file: Path, *arguments: object) -> Result:
        where = ("--uri", self.uri, "--db", self.database)
        return self.run("import", file, *where, *arguments)

    def stored(self, collection: str) -> list[dict[str, Any]]:
        """All documents of a collection, by their ids."""
        with pymongo.MongoClient(self.uri) as client:
            return list(client[self.database][collection].find().sort("_id", 1))


@pytest.fixture
def importer(mongolane: Command, engine: Server, database_name: str) -> Importer:
    """Import into the embedded engine."""
    return Importer(mongolane, engine.uri, database_name)
