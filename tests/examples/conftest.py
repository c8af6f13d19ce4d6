"""The example application as a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass
class Running:
    """
    A started process that serves HTTP.
    """

    process: subprocess.Popen[str]
    url: str

    def stop(self, kind: int = signal.SIGINT) -> tuple[int, str]:
        """End it as Ctrl-C does; its exit code and all it printed."""
        if self.process.poll() is None:
            self.process.send_signal(kind)
        printed, _ = self.process.communicate(timeout=30)
        return self.process.returncode, printed


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start ``python`` with arguments and an environment; it serves on ``PORT``."""
    with starting() as start:
        yield start


@contextlib.contextmanager
def starting() -> Iterator[Start]:
    """What ``start`` does, for fixtures of another scope."""
    with contextlib.ExitStack() as stack:

        def started(*arguments: str, **environment: str) -> Running:
            running = launch(*arguments, **environment)
            stack.callback(running.stop)
            answer(running)
            return running

        yield started


def launch(*arguments: str, **environment: str) -> Running:
    port = environment.setdefault("PORT", str(free_port()))
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("MONGODB_", "STAYS_"))
    }
    process = subprocess.Popen(
        [sys.executable, *(one.replace("{PORT}", port) for one in arguments)],
        cwd=ROOT,
        env={**kept, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return Running(process, f"http://127.0.0.1:{port}")


def answer(running: Running) -> None:
    """Wait for its first answer."""
    started = time.monotonic()
    while time.monotonic() - started < START_SECONDS:
        if running.process.poll() is not None:
            pytest.fail(f"it ended:\n{running.process.communicate()[0]}")
        try:
            with urllib.request.urlopen(f"{running.url}/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    pytest.fail(f"no answer within {START_SECONDS} s")
