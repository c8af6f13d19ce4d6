"""
Runs the fuzz targets for a while, all cores at once.

A Rust target is built with AddressSanitizer on the nightly toolchain. It grows a
corpus in ``fuzz/corpus``, whose seeds are taken out of the tests, and leaves what it
found in ``fuzz/artifacts``. ``typed_decode`` needs only the built module. What this
machine cannot run is named, with the reason; what was found makes the exit code 1.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
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
LIMITS = ("-timeout=20", "-rss_limit_mb=1500", "-malloc_limit_mb=1000")
# The sanitizer's frames are several times as large as those of a release.
STACK = 256 * 1024 * 1024


def main() -> int:
    """Build, run, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, help="in all, on all cores together")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join((*RUST, *PYTHON))}")
    parser.add_argument("--seed", type=int, help="the same start at each run")
    given = parser.parse_args()
    targets = given.targets or [*RUST, *PYTHON]
    if missing := lacks():
        for target in [one for one in targets if one in RUST]:
            print(f"skipped: {target}: {missing}")
        targets = [one for one in targets if one not in RUST]
    if any(one in RUST for one in targets) and not build():
        return 1
    cores = min(os.cpu_count() or 1, len(targets) or 1)
    each = max(1, given.seconds * cores // max(1, len(targets)))
    with concurrent.futures.ThreadPoolExecutor(cores) as pool:
        found = list(pool.map(lambda target: run(target, each, given.seed), targets))
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


def run(target: str, seconds: int, seed: int | None) -> bool:
    """Run one target; whether something was found."""
    command, environment = _command(target, seconds, seed)
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=_room_for_the_stack,
    )
    lines = ended.stdout.splitlines()
    told = lines[-40:] if ended.returncode else _summary(lines)
    print("\n".join([f"{target}: {seconds} s, exit code {ended.returncode}", *told]))
    return ended.returncode != 0


def _command(
    target: str, seconds: int, seed: int | None
) -> tuple[list[str], dict[str, str]]:
    if target in PYTHON:
        chosen = [] if seed is None else [str(seed)]
        return [sys.executable, "-m", f"fuzz.{target}", str(seconds), *chosen], {}
    corpus, artifacts = HERE / "corpus" / target, HERE / "artifacts" / target
    for folder in (corpus, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = HERE / "corpus" / f"{target}.dict"
    words.write_text("".join(f'"{word}"\n' for word in dictionary(target)))
    built = os.environ.get("CARGO_TARGET_DIR", str(HERE / "target"))
    program = Path(built) / TRIPLE / "release" / target
    time_and_place = (f"-max_total_time={seconds}", f"-artifact_prefix={artifacts}/")
    options = ("-max_len=4096", f"-dict={words}", "-print_final_stats=1")
    if seed is not None:
        options = (*options, f"-seed={seed}")
    return [str(program), str(corpus), *LIMITS, *time_and_place, *options], {
        # What a failing thread leaves behind is no leak.
        "ASAN_OPTIONS": "detect_leaks=0",
    }


def _room_for_the_stack() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    soft = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))


def _summary(lines: list[str]) -> list[str]:
    return [
        f"  {line}"
        for line in lines
        if re.match(r"stat::(number_of_executed|average_exec|peak_rss)|\w+: ", line)
    ][-8:]


def seeds(target: str) -> Iterator[bytes]:
    """What to begin with: texts that stand in the tests, and BSON made of them."""
    texts = sorted({text for text in _raw_texts() if len(text) < 2000})
    if target == "engine":
        documents = [text for text in texts if text.startswith("{") and "$" not in text]
        for number, text in enumerate(text for text in texts if text[:1] in "[{"):
            beside = documents[number % len(documents)] if documents else "{}"
            yield f"{text}\n{beside}\n".encode()
        return
    if target == "extended":
        yield from (text.encode() for text in texts if text.startswith("{"))
    yield from _bson_seeds()


def _raw_texts() -> Iterator[str]:
    for source in ROOT.glob("rust/*/src/**/*.rs"):
        for text in re.findall(r'r#"(.*?)"#', source.read_text(), re.S):
            yield " ".join(text.split())


def _bson_seeds() -> Iterator[bytes]:
    sys.path[:0] = [str(ROOT)]
    try:
        from tests.codec.documents import to_bson
        from tests.codec.test_values import AS_BSON
    except ImportError:
        yield b"\x0c\0\0\0\x10a\0\x01\0\0\0\0"
        return
    for key, value in AS_BSON.items():
        yield to_bson({key: value, "d": {"l": [value]}})


def dictionary(target: str) -> list[str]:
    """Words that the code under test knows."""
    folder = "engine" if target == "engine" else "bson"
    found: set[str] = set()
    for source in ROOT.glob(f"rust/{folder}/src/**/*.rs"):
        found.update(re.findall(r'"(\$\w+)"', source.read_text()))
        if target == "engine":
            found.update(
                re.findall(r'"([a-z][A-Za-z]{2,15})" ?(?:=>|\|)', source.read_text())
            )
    return sorted(found) or ["$a"]


if __name__ == "__main__":
    sys.exit(main())
