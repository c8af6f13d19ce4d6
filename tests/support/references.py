"""Whether work that is repeated keeps references, or gives too many back."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

MOST = 20


def drifting(work: Callable[[], None], objects: Sequence[Any]) -> list[tuple[str, int]]:
    """
    Those of the objects whose counts go one way with every round, and how far.

    Caches fill and empty and then rest; what leaks never does. Immortal objects have a
    count that says nothing: they rest at once.
    """
    counts = [_counts(objects)]
    moving = list(range(len(objects)))
    while moving and len(counts) <= MOST:
        work()
        counts.append(_counts(objects))
        moving = [place for place in moving if _one_way([c[place] for c in counts])]
    return [
        (repr(objects[place])[:200], counts[-1][place] - counts[0][place])
        for place in moving
    ]


def _counts(objects: Sequence[Any]) -> list[int]:
    gc.collect()
    return [sys.getrefcount(one) for one in objects]


def _one_way(seen: list[int]) -> bool:
    steps = [after - before for before, after in itertools.pairwise(seen)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)
