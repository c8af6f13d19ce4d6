"""Below a dataclass, a typed dict or a tuple, paths know what is there."""

from __future__ import annotations

import dataclasses
import re
from datetime import time
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import Field, SecretStr
from pydantic.dataclasses import dataclass
from typing_extensions import TypedDict

from mongolane import Document, Mapped, Stored, field
from mongolane.errors import QueryError, UnknownFieldError

NOON = time(12)


@dataclasses.dataclass
class Node:
    """Holds itself, and what BSON has no type for."""

    at: time
    next: Node | None = None
    kids: list[Node] = dataclasses.field(default_factory=list)


@dataclass
class Limited:
    """A dataclass of pydantic's."""

    count: int = Field(gt=0)


class Hours(TypedDict, total=False):
    """A typed dict that holds itself."""

    opens: time
    days: dict[str, Hours]


class Span(NamedTuple):
    """An array with names."""

    first: int
    last: time


class Shop(Document):
    """Has one of each."""

    node: Mapped[Node]
    nodes: Mapped[list[Node]] = field(default_factory=list)
    either: Mapped[Node | Limited | None] = field(default=None)
    limited: Mapped[Limited | None] = field(default=None)
    hours: Mapped[Hours] = field(default_factory=dict)
    span: Mapped[Span | None] = field(default=None)
    pair: Mapped[tuple[int, time] | None] = field(default=None)
    codes: dict[str, Annotated[SecretStr, Stored(secret="plain")]] = {}  # noqa: RUF012
    places: dict[str, dict[tuple[int, int], int]] = {}  # noqa: RUF012
    keyed: dict[tuple[int, int], int] | Limited | None = None
    pattern: Mapped[re.Pattern[str] | None] = field(default=None)
    patterns: Mapped[list[re.Pattern[str]]] = field(default_factory=list)


@pytest.mark.parametrize(
    ("condition", "sent"),
    [
        (Shop.node.at == NOON, {"node.at": "12:00:00"}),
        (Shop.node.next.next.at.in_([NOON]),
         {"node.next.next.at": {"$in": ["12:00:00"]}}),
        (Shop.nodes[0].kids.at == NOON, {"nodes.0.kids.at": "12:00:00"}),
        (Shop.nodes.elem_match({"at": NOON}),
         {"nodes": {"$elemMatch": {"at": "12:00:00"}}}),
        (Shop.either.at == NOON, {"either.at": "12:00:00"}),
        (Shop.hours.days["mo"].opens < NOON,
         {"hours.days.mo.opens": {"$lt": "12:00:00"}}),
        (Shop.span.last == NOON, {"span.1": "12:00:00"}),
        (Shop.pair[1] == NOON, {"pair.1": "12:00:00"}),
        ({"node.next.at": NOON}, {"node.next.at": "12:00:00"}),
        ({"span.last": NOON}, {"span.1": "12:00:00"}),
        ({"codes": {"a": SecretStr("x")}}, {"codes": {"a": "x"}}),
        ({"places": {"a": {(1, 2): 3}}}, {"places": {"a": [{"k": [1, 2], "v": 3}]}}),
        ({"keyed": {(1, 2): 3}}, {"keyed": [{"k": [1, 2], "v": 3}]}),
    ],
)  # fmt: skip
def test_values_are_asked_as_they_are_stored(condition: Any, sent: Any) -> None:
    """A value has its stored form, however deep it lies."""
    assert Shop.find(condition).command()["filter"] == sent


def test_own_patterns_are_no_search() -> None:
    """A pattern, where patterns are stored, is one of them, with all of its flags."""
    pattern = re.compile("a", re.ASCII)
    own = {"$eq": re.compile("(?a)a")}
    for condition in (Shop.pattern == pattern, {"pattern": pattern}):
        asked = Shop.find(condition).command()["filter"]["pattern"]
        assert (asked["$eq"].pattern, list(asked)) == ("(?a)a", list(own))
    pushed = Shop.find().update(Shop.patterns.push(pattern)).command()
    assert pushed["updates"][0]["u"]["$push"]["patterns"].pattern == "(?a)a"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Shop.find(Shop.node.nme == 1),
        lambda: Shop.find({"hours.closes": 1}),
        lambda: Shop.find({"node.next.kids.nme": 1}),
        lambda: Shop.find().update({"limited.cnt": 1}),
    ],
)
def test_unknown_names_are_refused(make: Any) -> None:
    """What such a class does not declare is an error before anything is sent."""
    with pytest.raises(UnknownFieldError, match=r"has no field '(nme|closes|cnt)'"):
        make().command()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"node.at": "late"}, "Node.at: 'late': .*valid time"),
        ({"hours.opens": "late"}, "Hours.opens: 'late': .*valid time"),
        ({"limited.count": 0}, "Limited.count: 0: .*greater than 0"),
        ({"pair.1": "late"}, "valid time"),
    ],
)
def test_what_could_not_be_read_is_not_written(change: Any, said: str) -> None:
    """A value below such a class is checked as its own field."""
    with pytest.raises(QueryError, match=said):
        Shop.find().update(change)
