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


class Crowd:
    """
    Tasks that stay, and share a number of calls each time they are asked to.

    To make 10,000 tasks takes asyncio and the collector 4 microseconds a call of
    30,000: that would be measured instead of how they fare.
    """

    def __init__(self, work: Work, times: int, tasks: int) -> None:
        self._work, self._times, self._count = work, times, tasks
        self._left = self._busy = 0
        self._begin, self._end = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._error: Exception | None = None

    async def __call__(self) -> None:
        """Have the calls made."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._one()) for _ in range(self._count)]
            await asyncio.sleep(0)
        begin, self._begin = self._begin, asyncio.Event()
        self._left, self._busy = self._times, self._count
        self._end.clear()
        begin.set()
        await self._end.wait()
        if self._error is not None:
            raise self._error

    async def _one(self) -> None:
        while True:
            await self._begin.wait()
            while self._left > 0:
                self._left -= 1
                try:
                    await self._work()
                except Exception as error:
                    self._error, self._left = error, 0
            self._busy -= 1
            if not self._busy:
                self._end.set()

    async def close(self) -> None:
        """End the tasks."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


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
