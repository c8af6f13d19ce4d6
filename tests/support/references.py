"""Whether work that is repeated keeps something, or gives too much back."""

from __future__ import annotations

import ctypes
import gc
import itertools
import resource
import sys
import warnings
from array import array
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

MOST = 20

# What is measured, and how.
Gauges = dict[str, Callable[[], int]]


def drifting(work: Callable[[], None], gauges: Gauges) -> dict[str, list[int]]:
    """
    Those of the gauges that go one way with every round of work, and their numbers.

    Caches fill and empty and then rest; what leaks never does.
    """
    # Made once, so that measuring itself leaves nothing behind.
    seen = {name: array("q", bytes(8 * (MOST + 1))) for name in gauges}
    moving = list(gauges)
    work()
    for at in range(MOST + 1):
        _tidy()
        for name, gauge in gauges.items():
            seen[name][at] = gauge()
        moving = [name for name in moving if _one_way(seen[name][: at + 1])]
        if not moving:
            break
        work()
    return {name: list(seen[name]) for name in moving}


def references(objects: Iterable[Any]) -> Gauges:
    """How often each is held. Immortal objects have a number that never moves."""
    return {
        f"{at}: {one!r}"[:200]: partial(sys.getrefcount, one)
        for at, one in enumerate(objects)
    }


def memory() -> Gauges:
    """What the process holds: Python's blocks, what its collector sees, the heap."""
    return {
        "blocks": sys.getallocatedblocks,
        "containers": lambda: len(gc.get_objects()),
        "heap": _heap,
    }


class _MallInfo(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks"),
            *("fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def _heap() -> int:
    """Bytes that are in use outside of Python's own arenas; the peak where unknown."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mallinfo2"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    libc.mallinfo2.restype = _MallInfo
    found = libc.mallinfo2()
    return int(found.uordblks + found.hblkhd)


def _tidy() -> None:
    gc.collect()
    # Names that were looked up lie in a cache of the interpreter's, by their addresses:
    # it fills for thousands of rounds.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        getattr(sys, "_clear_type_cache", gc.collect)()


def _one_way(seen: array[int]) -> bool:
    steps = [after - before for before, after in itertools.pairwise(seen)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)
