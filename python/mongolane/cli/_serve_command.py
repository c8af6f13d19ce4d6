"""``mongolane serve``: the embedded engine alone, until it is told to stop."""

from __future__ import annotations

import contextlib
import queue
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from ..embedded import Engine

__all__ = ["run_serve"]


def run_serve(folder: Path | None, host: str, port: int, unix: Path | None) -> int:
    """Serve; the exit code."""
    try:
        engine = Engine(folder, host=host, port=port, unix=unix)
    except (OSError, ValueError) as error:
        print(f"the engine could not start: {error}", file=sys.stderr)
        return 1
    with engine, _stop_signal() as stop:
        where = f"the data is in {folder}" if folder else "the data is in memory only"
        print(f"{engine.uri}\n{where}; Ctrl-C stops", flush=True)
        # With a time limit, as a wait without one keeps Windows from seeing Ctrl-C.
        while not _taken(stop):
            pass
    print("stopped", flush=True)
    return 0


def _taken(stop: queue.SimpleQueue[int]) -> bool:
    with contextlib.suppress(queue.Empty):
        stop.get(timeout=3600)
        return True
    return False


@contextlib.contextmanager
def _stop_signal() -> Iterator[queue.SimpleQueue[int]]:
    """
    A queue that gets what Ctrl-C or SIGTERM sends.

    Not an Event: a handler that comes while the same thread holds the event's lock
    waits for it forever. A SimpleQueue's ``put`` may interrupt itself.
    """
    stop: queue.SimpleQueue[int] = queue.SimpleQueue()
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {
        kind: signal.signal(kind, lambda number, _: stop.put(number)) for kind in kinds
    }
    try:
        yield stop
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
