"""Interleaved rounds: every contender runs in every round, in turning order."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Work = Callable[[], Awaitable[object]]


@dataclass
class Timing:
    """
    Microseconds per unit, one figure a round.

    Attributes:
        figures: as a clock shows it.
        cpu: processor time of this process: what a busy machine does not change.
    """

    figures: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.figures)


async def repeat(work: Work, times: int, tasks: int) -> None:
    """Run ``work`` ``times`` times, shared between ``tasks`` tasks."""
    left = times

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await work()

    if tasks == 1:
        await worker()
    else:
        await asyncio.gather(*(worker() for _ in range(tasks)))


async def interleave(
    contenders: Mapping[str, Work],
    *,
    rounds: int,
    seconds: float = 0.25,
    tasks: int = 1,
    units: int = 1,
) -> dict[str, Timing]:
    """
    Measure all contenders side by side.

    Args:
        contenders: what each of them does once.
        rounds: how many figures each gets.
        seconds: about how long one figure takes; sets the number of repetitions.
        tasks: how many tasks share the repetitions.
        units: what one call counts for, 1000 for a find of 1000 documents.

    Returns:
        Microseconds per unit, by contender.
    """
    times = {
        name: await _repetitions(work, seconds, tasks)
        for name, work in contenders.items()
    }
    timings = {name: Timing() for name in contenders}
    names = list(contenders)
    for turn in range(rounds):
        at = turn % len(names)
        for name in names[at:] + names[:at]:
            gc.collect()
            start, cpu = time.perf_counter(), time.process_time()
            await repeat(contenders[name], times[name], tasks)
            spent = time.perf_counter() - start
            cpu = time.process_time() - cpu
            timings[name].figures.append(spent / times[name] / units * 1e6)
            timings[name].cpu.append(cpu / times[name] / units * 1e6)
    return timings


async def _repetitions(work: Work, seconds: float, tasks: int) -> int:
    """Warm up, and find how many calls fill ``seconds``."""
    await repeat(work, max(tasks, 3), tasks)
    times = max(tasks, 3)
    while True:
        start = time.perf_counter()
        await repeat(work, times, tasks)
        spent = time.perf_counter() - start
        if spent > seconds / 4:
            return max(tasks, round(times * seconds / spent))
        times *= 4
