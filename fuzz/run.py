"""
Runs the fuzz targets, each for so many seconds, as many at a time as there are cores.

A Rust target is built with AddressSanitizer on the nightly toolchain. It grows a
corpus in ``fuzz/corpus``, whose first inputs come from ``fuzz/seeds.py``, and leaves
what it found in ``fuzz/artifacts``; that is printed as well, for a machine that is gone
afterwards. ``typed_decode`` needs only the built module. What this machine cannot run
is named, with the reason; what was found makes the exit code 1.
"""

from __future__ import annotations

import argparse
import base64
import concurrent.futures
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT)]

from fuzz.seeds import dictionary, seeds  # noqa: E402

RUST = ("reader", "json", "extended", "engine")
PYTHON = ("typed_decode",)
TRIPLE = "x86_64-unknown-linux-gnu"
# What cargo-fuzz sets; the layout is its own, so `cargo fuzz run reader` works as well.
FLAGS = (
    "--cfg fuzzing -Zsanitizer=address -Cdebug-assertions -Ccodegen-units=4 "
    "-Cpasses=sancov-module "
    "-Cllvm-args=-sanitizer-coverage-level=4 "
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters "
    "-Cllvm-args=-sanitizer-coverage-pc-table "
    "-Cllvm-args=-sanitizer-coverage-trace-compares"
)
# Longer, and it hangs; more, and it does not give memory back.
LIMITS = ("-timeout=60", "-rss_limit_mb=1500", "-malloc_limit_mb=1000")
# The sanitizer's frames are several times as large as those of a release.
STACK = 256 * 1024 * 1024
# A target that does not end by itself so long after its time hangs.
GRACE = 180


def main() -> int:
    """Build, run, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, help="for each target")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join((*RUST, *PYTHON))}")
    parser.add_argument("--seed", type=int, help="the same start at each run")
    given = parser.parse_intermixed_args()
    targets = [*(given.targets or (*PYTHON, *RUST))]
    if any(one in RUST for one in targets) and (missing := lacks()):
        for target in [one for one in targets if one in RUST]:
            print(f"skipped: {target}: {missing}")
        targets = [one for one in targets if one not in RUST]
    if any(one in RUST for one in targets) and not build():
        return 1
    seed = random.SystemRandom().getrandbits(31) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    give_room_for_the_stack()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        run_one = lambda target: run(target, given.seconds, seed)  # noqa: E731
        found = list(pool.map(run_one, targets))
    return 1 if any(found) else 0


def lacks() -> str:
    """What the Rust targets need and this machine lacks; empty if nothing."""
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        return f"they are built for {TRIPLE} only"
    if shutil.which("c++") is None:
        return "no C++ compiler for libFuzzer"
    if shutil.which("cargo") is None:
        return "no Rust toolchain"
    asked = subprocess.run(["cargo", "+nightly", "--version"], capture_output=True)
    return "" if asked.returncode == 0 else "no nightly toolchain"


def build() -> bool:
    """Build the Rust targets."""
    started = time.monotonic()
    command = ["cargo", "+nightly", "build", "--quiet", "--release", "--bins"]
    flags = {**os.environ, "RUSTFLAGS": FLAGS}
    built = subprocess.run([*command, "--target", TRIPLE], cwd=HERE, env=flags)
    print(f"built in {time.monotonic() - started:.0f} s")
    return built.returncode == 0


def give_room_for_the_stack() -> None:
    """Let the targets, which inherit the limit, go as deep as a release can."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))


def run(target: str, seconds: int, seed: int) -> bool:
    """Run one target; whether something was found."""
    if target in RUST:
        prepare(target)
    before = set(left(target))
    try:
        ended = subprocess.run(
            command(target, seconds, seed),
            cwd=ROOT,
            # What a failing thread leaves behind is no leak.
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds + GRACE,
        )
        code, lines = ended.returncode, ended.stdout.splitlines()
    except subprocess.TimeoutExpired as hung:
        code, lines = -1, (hung.stdout or b"").decode(errors="replace").splitlines()
        lines.append(f"{target} did not end in its time and was killed")
    told = lines[-40:] if code else summary(lines)
    if code:
        told += [shown(path) for path in left(target) if path not in before]
    print("\n".join([f"{target}: {seconds} s, exit code {code}", *told]), flush=True)
    return code != 0


def command(target: str, seconds: int, seed: int) -> list[str]:
    """What starts the target; a seed makes the same run again, as long as it lasts."""
    if target in PYTHON:
        return [sys.executable, "-m", f"fuzz.{target}", str(seconds), str(seed)]
    built = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target"))
    options = (
        f"-max_total_time={seconds}",
        # libFuzzer takes 0 for "choose one".
        f"-seed={seed or 1}",
        f"-dict={HERE / 'corpus' / f'{target}.dict'}",
        f"-artifact_prefix={HERE / 'artifacts' / target}/",
        "-max_len=4096",
        "-print_final_stats=1",
    )
    program = built / TRIPLE / "release" / target
    return [str(program), str(HERE / "corpus" / target), *LIMITS, *options]


def prepare(target: str) -> None:
    """Put first inputs and known words where the target finds them."""
    corpus, artifacts = HERE / "corpus" / target, HERE / "artifacts" / target
    for folder in (corpus, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(first)
    words = "".join(f'"{word}"\n' for word in dictionary(target))
    (HERE / "corpus" / f"{target}.dict").write_text(words)


def left(target: str) -> list[Path]:
    """The inputs that made it fail, in this run and in former ones."""
    return sorted((HERE / "artifacts" / target).glob("*"))


def shown(path: Path) -> str:
    """An input in a form that can be copied out of a log."""
    return f"{path.name}, in Base64: {base64.b64encode(path.read_bytes()).decode()}"


def summary(lines: list[str]) -> list[str]:
    """What to tell of a run that found nothing."""
    telling = r"stat::(number_of_executed|average_exec|peak_rss)|documents: "
    return [f"  {line}" for line in lines if re.match(telling, line)]


if __name__ == "__main__":
    sys.exit(main())
