"""A table of medians and ratios, with the machine and the versions under it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime

from .measure import Timing

PACKAGES = [
    "mongolane", "pymongo", "motor", "beanie", "pydantic", "fastapi", "uvloop",
]  # fmt: skip


def environment() -> list[str]:
    """The lines that say where and with what a table was made."""
    versions = []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    load = os.getloadavg()[0]
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}",
        f"{_processor()}, {os.cpu_count()} cores, load {load:.1f}",
        f"{platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}",
        ", ".join(versions),
    ]


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            named = [line for line in lines if line.startswith("model name")]
        return named[0].split(":", 1)[1].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def table(
    title: str, unit: str, timings: Mapping[str, Timing], references: list[str]
) -> str:
    """
    One measurement as a Markdown table.

    Args:
        title: the question.
        unit: what a figure counts, for example ``us per document``.
        timings: figures by contender.
        references: contenders to which every other is compared; ratios are
            medians of the rounds' own ratios, so a drift of the machine cancels out.
    """
    known = [name for name in references if name in timings]
    head = ["way", f"{unit} (median)", *(f"faster than {name}" for name in known)]
    head += ["client's CPU", *(f"CPU less than {name}" for name in known)]
    rows = [f"### {title}", "", markdown_row(head)]
    rows.append(markdown_row(["---"] * len(head)))
    for name, timing in timings.items():
        ratios = [f"{ratio(timings[other], timing):.2f}x" for other in known]
        less = [
            f"{ratio(Timing(timings[other].cpu), Timing(timing.cpu)):.2f}x"
            for other in known
        ]
        cpu = f"{Timing(timing.cpu).median:.2f}"
        rows.append(markdown_row([name, f"{timing.median:.2f}", *ratios, cpu, *less]))
    return "\n".join(rows)


def ratio(slow: Timing, fast: Timing) -> float:
    """How many times faster ``fast`` is: the median of the rounds' ratios."""
    pairs = sorted(a / b for a, b in zip(slow.figures, fast.figures, strict=True))
    middle = len(pairs) // 2
    if len(pairs) % 2:
        return pairs[middle]
    return (pairs[middle - 1] + pairs[middle]) / 2


def markdown_row(cells: list[str]) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"
