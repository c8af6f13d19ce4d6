"""The servers that are asked, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

_ENGINE = """
import sys
from mongolane._native import Engine
engine = Engine()
print(engine.uri, flush=True)
sys.stdin.read()
engine.stop()
"""


@contextmanager
def _process(code: list[str]) -> Iterator[str]:
    """A Python process that prints its URI and ends when its input is closed."""
    process = subprocess.Popen(
        [sys.executable, *code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def engine() -> AbstractContextManager[str]:
    """The embedded engine, in memory."""
    return _process(["-c", _ENGINE])


def canned() -> AbstractContextManager[str]:
    """Prepared replies, whatever is asked."""
    return _process(["-m", "benchmarks.canned"])


ALL: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "engine": engine,
    "canned": canned,
}
TITLES = {
    "engine": "the embedded engine, in a process of its own",
    "canned": "canned replies: the client's own cost",
}
