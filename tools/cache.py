"""
Where the tools keep what they fetch, and how they keep it whole.

Everything lies outside the checkout, in ``$MONGOLANE_CACHE`` or
``$XDG_CACHE_HOME/mongolane`` or ``~/.cache/mongolane``, so that a fresh clone finds
again what an older one fetched. A thing is made in a folder of its own and renamed
into place when it is complete: whoever is interrupted leaves nothing that looks done.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path


class ToolError(Exception):
    """
    A step failed; the message says which and what to do.
    """


def cache_dir() -> Path:
    """
    The folder that all tools keep their things in; made if need be.
    """
    own = os.environ.get("MONGOLANE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = (Path(own) if own else Path(base) / "mongolane").absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def locked(path: Path, *, wait_for: str) -> Iterator[None]:
    """
    Hold a lock between processes, and say so when another one has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process: {wait_for}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """
    Give ``target``, calling ``make(folder)`` first if it isn't there yet.

    ``make`` fills an empty folder, which becomes ``target`` in one rename.
    """
    with locked(target.parent / f".{target.name}.lock", wait_for=target.name):
        if target.exists():
            return target
        for left in target.parent.glob(f".{target.name}.*.part"):
            shutil.rmtree(left, ignore_errors=True)
        part = Path(
            tempfile.mkdtemp(
                prefix=f".{target.name}.", suffix=".part", dir=target.parent
            )
        )
        part.chmod(0o755)
        try:
            make(part)
            part.rename(target)
        finally:
            if part.exists():
                shutil.rmtree(part, ignore_errors=True)
    return target


def run(
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """
    Run one command and give what it printed; its last lines are in the error.
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **(env or {})},
        cwd=cwd,
        check=False,
    )
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout)
    if done.returncode != 0:
        tail = "\n  ".join(done.stdout.splitlines()[-15:])
        raise ToolError(f"{' '.join(words)} ended with {done.returncode}:\n  {tail}")
    return done.stdout


def need(program: str, why: str) -> str:
    """
    Find a program on the PATH, or say what it's needed for.
    """
    found = shutil.which(program)
    if found is None:
        raise ToolError(f"{program} is not on the PATH; {why}")
    return found


def say(text: str) -> None:
    """
    Tell the person at the terminal; standard output is for results.
    """
    print(text, file=sys.stderr, flush=True)


def report(main: Callable[[], int]) -> int:
    """
    Run a tool's main; an expected failure is one message, not a traceback.
    """
    try:
        return main()
    except ToolError as error:
        say(f"{Path(sys.argv[0]).name}: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return 130
