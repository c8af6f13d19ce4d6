"""The servers that are asked, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from mongolane.testing import CannedServer

from .people import MANY, person

_ENGINE = """
import sys
from mongolane._native import Engine
engine = Engine()
print(engine.uri, flush=True)
sys.stdin.read()
engine.stop()
"""


@contextmanager
def process(code: list[str]) -> Iterator[str]:
    """A Python process that ends when its input is closed; the line that it prints."""
    started = subprocess.Popen(
        [sys.executable, *code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdin is not None
    assert started.stdout is not None
    try:
        yield started.stdout.readline().strip()
    finally:
        started.stdin.close()
        started.wait(10)
        started.stdout.close()


def engine() -> AbstractContextManager[str]:
    """The embedded engine, in memory."""
    return process(["-c", _ENGINE])


@contextmanager
def canned(count: int) -> Iterator[str]:
    """Always the same ``count`` documents, and as many written, whatever is asked."""
    people = [person(number) for number in range(count)]
    with CannedServer(people, written=count) as server:
        yield server.uri


@dataclass(frozen=True)
class Server:
    """
    One server to ask.

    Attributes:
        title: how the report calls it.
        start: starts it, gives its URI.
        answers: which questions make sense there: of ``one`` document, of ``many``;
            writes of one, writes of many.
        is_real: whether it keeps what it is given.
    """

    title: str
    start: Callable[[], AbstractContextManager[str]]
    answers: frozenset[str]
    is_real: bool = False


ALL = {
    "engine": Server(
        "the embedded engine, in a process of its own",
        engine,
        frozenset({"one", "queue", "many", "write one", "write many"}),
        is_real=True,
    ),
    "canned-one": Server(
        "canned replies of one document: the client's own cost",
        lambda: canned(1),
        frozenset({"one", "queue", "write one"}),
    ),
    "canned-many": Server(
        "canned replies of 1000 documents: the client's own cost",
        lambda: canned(MANY),
        frozenset({"many", "write many"}),
    ),
}
