"""``mongolane serve``: the embedded engine alone, until it is told to stop."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
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
        while not stop.wait(3600):
            pass
    print("stopped", flush=True)
    return 0


@contextlib.contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets."""
    stop = threading.Event()
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, lambda *_: stop.set()) for kind in kinds}
    try:
        yield stop
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
