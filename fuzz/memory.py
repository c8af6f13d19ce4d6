"""
Runs the unit tests of ``rust/bson`` where every access to memory is checked.

By Miri if the nightly toolchain has it or can get it; else with AddressSanitizer; on a
machine without a nightly toolchain not at all, which is said.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CARGO = ("cargo", "+nightly")
TRIPLE = "x86_64-unknown-linux-gnu"
WAIT = 120


def main() -> int:
    """Check, and tell by what."""
    if not succeeds(*CARGO, "--version"):
        print("skipped: memory checks of rust/bson: no nightly toolchain")
        return 0
    if has_miri():
        print("rust/bson under Miri", flush=True)
        return test("miri", "test")
    print("rust/bson under AddressSanitizer: Miri cannot be had here", flush=True)
    return test("test", "--target", TRIPLE, RUSTFLAGS="-Zsanitizer=address")


def has_miri() -> bool:
    """Whether Miri is there, or could be installed."""
    add = ("rustup", "component", "add", "--toolchain", "nightly", "miri", "rust-src")
    return ready() or (succeeds(*add) and ready())


def ready() -> bool:
    """Whether Miri runs, its own standard library included."""
    return succeeds(*CARGO, "miri", "setup")


def succeeds(*command: str) -> bool:
    """Whether a command ends well, and in time."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=WAIT)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def test(*words: str, **environment: str) -> int:
    """Run the unit tests; what is built lies apart from what others build."""
    own = {"CARGO_TARGET_DIR": str(ROOT / "fuzz" / "target" / words[0])}
    command = [*CARGO, *words, "--quiet", "--package", "mongolane-bson", "--lib"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **own, **environment})
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
