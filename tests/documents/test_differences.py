"""What counts as a change of a stored document."""

from __future__ import annotations

import dataclasses
from typing import Any

from mongolane import DataBase, Document, EmbeddedDocument


def changed(sent: list[Any]) -> Any:
    """The one update that was sent."""
    [body] = sent
    [statement] = body["updates"]
    sent.clear()
    return statement["u"]


@dataclasses.dataclass
class Tagged:
    """A dataclass with a set."""

    tags: set[int]


class Sets(Document):
    """Sets in every place."""

    plain: set[int]
    optional: set[int] | None
    rows: list[set[int]]
    named: dict[str, set[int]]
    numbered: dict[int, frozenset[int]]
    pair: tuple[int, set[int]]
    either: set[int] | str
    tagged: Tagged
    inside: list[Holder]


class Holder(EmbeddedDocument):
    """A part with a set."""

    some: set[int]


def sets(*numbers: int) -> Sets:
    """Sets are equal, and have another order, by the order of ``numbers``."""
    some = set(numbers)
    return Sets(
        plain=some,
        optional=some,
        rows=[some],
        named={"a": some},
        numbered={1: frozenset(numbers)},
        pair=(1, some),
        either=some,
        tagged=Tagged(some),
        inside=[Holder(some=some)],
    )


async def test_a_set_has_no_order(one_database: DataBase, sent: list[Any]) -> None:
    """Equal sets are no change, wherever they lie; another order of a list is."""
    first, other = sets(0, 8), sets(8, 0)
    assert list(first.plain) != list(other.plain)
    await first.insert()
    for name in set(Sets.model_fields) - {"id"}:
        setattr(first, name, getattr(other, name))
    sent.clear()
    await first.save()
    assert sent == []

    first.rows = [{1}, {2}]
    await first.save()
    first.rows.reverse()
    await first.save()
    assert [changed([one])["$set"] for one in sent] == [
        {"rows": [[1], [2]]},
        {"rows": [[2], [1]]},
    ]
