"""
What would make a collection's indexes those that are declared: a value to look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

from .index_specs import differences, same

__all__ = ["IndexPlan", "Step", "planned"]

Action = Literal["create", "modify", "rebuild", "drop"]

_IN_PLACE = {"expireAfterSeconds", "hidden"}
_MARKS = {"create": "+", "modify": "~", "rebuild": "!", "drop": "-"}
_UNTOLD = ("key", "name", "v", "ns", "storageEngine")


@dataclass(frozen=True, slots=True)
class Step:
    """
    One index that is not as it is declared.

    Attributes:
        action: ``create``; ``modify`` (in place); ``rebuild`` (dropped, and created
            anew); ``drop`` (nobody declares it).
        collection: where.
        name: of the index on the server, or of the new one.
        wanted: as it is declared; None for ``drop``.
        existing: as the server has it; None for ``create``.
        changed: what ``modify`` changes.
        done: it was carried out.
    """

    action: Action
    collection: str
    name: str
    wanted: Mapping[str, Any] | None = None
    existing: Mapping[str, Any] | None = None
    changed: Mapping[str, Any] = field(default_factory=dict)
    done: bool = False

    @property
    def destructive(self) -> bool:
        """Whether an index is dropped on the way."""
        return self.action in ("rebuild", "drop")

    def __str__(self) -> str:
        text = f"{_MARKS[self.action]} {self.action:<7} {self.name}  {self._told()}"
        return text + (" (done)" if self.done else "")

    def _told(self) -> str:
        have, want = self.existing or {}, self.wanted or {}
        if not have or not want:
            return _shown(want or have)
        if dict(have["key"]) != dict(want["key"]) and "_fts" not in have["key"]:
            return f"{_shown(have)} -> {_shown(want)}"
        changed = differences(have, want).items()
        pairs = ", ".join(f"{key}: {old} -> {new}" for key, (old, new) in changed)
        return f"{_keys(want)} {pairs}"


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """
    The difference between declared indexes and the server's; ``print`` shows it.

    Attributes:
        steps: by collection, in declared order. Empty: nothing to do.
    """

    steps: tuple[Step, ...] = ()

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that were not carried out."""
        return tuple(one for one in self.steps if not one.done)

    def __bool__(self) -> bool:
        return bool(self.left)

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __str__(self) -> str:
        if not self.steps:
            return "all indexes are as declared"
        lines: list[str] = []
        for name, steps in groupby(self.steps, key=lambda one: one.collection):
            lines += [name, *(f"  {one}" for one in steps)]
        return "\n".join(lines)


def planned(
    collection: str,
    wanted: Sequence[Mapping[str, Any]],
    existing: Sequence[Mapping[str, Any]],
) -> list[Step]:
    """
    The steps for one collection.

    Args:
        collection: its name.
        wanted: what is declared.
        existing: what the server lists.
    """
    rest = [one for one in existing if one["name"] != "_id_"]
    steps: list[Step] = []
    for want in wanted:
        have = _twin(want, rest)
        if have is not None:
            rest.remove(have)
        step = _step(collection, want, have)
        steps += [step] if step is not None else []
    steps += [Step("drop", collection, one["name"], existing=one) for one in rest]
    return steps


def _twin(
    want: Mapping[str, Any], existing: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    alike = [one for one in existing if same(one, want)]
    exact = [one for one in alike if not differences(one, want)]
    named = [one for one in existing if one["name"] == want["name"]]
    return next(iter([*exact, *alike, *named]), None)


def _step(
    collection: str, want: Mapping[str, Any], have: Mapping[str, Any] | None
) -> Step | None:
    if have is None:
        return Step("create", collection, want["name"], want)
    name = have["name"]
    if not same(have, want):
        return Step("rebuild", collection, name, want, have)
    found = differences(have, want)
    if not found:
        return None
    changed = {key: new for key, (_, new) in found.items()}
    if set(changed) <= _IN_PLACE and None not in changed.values():
        return Step("modify", collection, name, want, have, changed)
    return Step("rebuild", collection, name, want, have)


def _shown(spec: Mapping[str, Any]) -> str:
    options = [
        key if value is True else f"{key}={value}"
        for key, value in spec.items()
        if key not in _UNTOLD and value is not False
    ]
    return " ".join([_keys(spec), *options])


def _keys(spec: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {way}" for key, way in spec["key"].items()) + "}"
