"""
What must be reached, and whether a run reached it: the first table of the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .measure import Timing
from .report import markdown_row, ratio

Asked = Mapping[tuple[str, str], Mapping[str, Timing]]
"""Figures by contender, of each server's name and question."""

DIRECT = "mongolane direct"
BEANIE, DICTS = "Beanie", "PyMongo Async dicts"


@dataclass(frozen=True)
class Budget:
    """
    One thing that must be so many times faster than another.

    Attributes:
        question: as the tables have it.
        than: who is to be outdone.
        least: how many times at least.
        way: which contender of ours.
        by_cpu: the client's processor time decides: on the clock a server's work
            counts, which is the same for all.
    """

    question: str
    than: str
    least: float
    way: str = DIRECT
    by_cpu: bool = False


BUDGETS = [
    Budget("find_one by _id, 50 tasks", BEANIE, 10),
    Budget("find_one by _id, 50 tasks", DICTS, 7),
    Budget("find_one by _id, one task", BEANIE, 5),
    Budget("find_one by _id, one task", DICTS, 3.5),
    Budget("find of 1000", BEANIE, 14),
    Budget("find of 1000", DICTS, 3),
    Budget("FastAPI list route of 1000", BEANIE, 30),
    Budget(
        "find_one by _id on a pool of 100",
        "mongolane direct, 100 tasks",
        0.9,
        way="mongolane direct, 10,000 tasks",
    ),
    Budget("insert of a model, one task", DICTS, 3, by_cpu=True),
    Budget("update of one field, one task", DICTS, 3, by_cpu=True),
    Budget("save of one changed field, one task", DICTS, 3, by_cpu=True),
    Budget("insert of 1000 models", DICTS, 2, by_cpu=True),
    Budget("insert of 1000 dicts", DICTS, 1.5, by_cpu=True),
    Budget("bulk of 1000 updates", DICTS, 1.2, by_cpu=True),
]

ENCODING = {
    "encode a model, against Beanie's encoder": ("Beanie", 50.0),
    "encode a model": ("bson.encode(model_dump())", 7.0),
}
"""Than what, and how many times faster, by the name of a comparison of ``codec``."""

MEMORY = 0.8
"""Of what as many documents take as instances of plain pydantic."""

HEAD = ["work", "than", "budget", "engine", "engine, CPU", "canned, CPU", "reached"]


def table(asked: Asked, codec: Mapping[str, float], memory: float | None) -> list[str]:
    """
    The table's lines: ratios by the clock and by the client's CPU.

    Args:
        asked: of each server, what was measured.
        codec: ratios by the name of the comparison.
        memory: share of plain pydantic's.
    """
    rows = [HEAD, ["---"] * len(HEAD)]
    rows += [_row(budget, asked) for budget in BUDGETS]
    rows += [
        [name, than, f"{least:g}x", f"{codec[name]:.1f}x", "", "", _said(met)]
        for name, (than, least) in ENCODING.items()
        if name in codec
        for met in [codec[name] >= least]
    ]
    if worst := min(
        (one for name, one in codec.items() if "decode:" in name), default=0
    ):
        name, than = "decode, the worst of all inputs", "plain pydantic"
        rows.append([name, than, "1x", f"{worst:.1f}x", "", "", _said(worst >= 1)])
    if memory is not None:
        name, than = "memory of 100,000 documents", "plain pydantic"
        figures = [f"{MEMORY:g}", f"{memory:.2f}"]
        rows.append([name, than, *figures, "", "", _said(memory <= MEMORY)])
    return [markdown_row(row) for row in rows]


def _row(budget: Budget, asked: Asked) -> list[str]:
    found = [
        _ratio(asked.get((server, budget.question)), budget, cpu=cpu)
        for server, cpu in (("engine", False), ("engine", True), *_canned(budget))
    ]
    shown = ["" if one is None else f"{one:.2f}x" for one in found]
    decides = found[1] if budget.by_cpu else found[0]
    reached = decides is not None and decides >= budget.least
    return [
        budget.question, budget.than, f"{budget.least:g}x", *shown, _said(reached),
    ]  # fmt: skip


def _canned(budget: Budget) -> Iterable[tuple[str, bool]]:
    many = "1000" in budget.question
    yield ("canned-many" if many else "canned-one"), True


def _ratio(
    timings: Mapping[str, Timing] | None, budget: Budget, *, cpu: bool
) -> float | None:
    if timings is None or not {budget.way, budget.than} <= set(timings):
        return None
    slow, fast = timings[budget.than], timings[budget.way]
    return ratio(Timing(slow.cpu), Timing(fast.cpu)) if cpu else ratio(slow, fast)


def _said(reached: bool) -> str:
    return "yes" if reached else "**no**"
