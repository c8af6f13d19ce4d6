"""Joined filters mean on a server what they mean in logic."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mongolane import lanes
from mongolane.expressions.filters import Filter
from mongolane.queries import Find, InsertMany, Source
from mongolane.queries.reading import DICTS
from tests.queries.test_on_servers import SHAPE, Database, Row

VALUES = [None, 1, 2, 3, [1], [1, 3], [2, 3], []]
ROWS = [
    {"_id": 10 * one + other, **({"age": a} if one else {}), "flags": b}
    for one, a in enumerate(VALUES)
    for other, b in enumerate(VALUES)
]

conditions = st.builds(
    lambda path, make, value: make(path, value),
    st.sampled_from([Row.age, Row.flags]),
    st.sampled_from(
        [
            lambda path, value: path == value,
            lambda path, value: path != value,
            lambda path, value: path > value,
            lambda path, value: path >= value,
            lambda path, value: path < value,
            lambda path, value: path.in_([value, 2]),
            lambda path, value: path.not_in([value]),
            lambda path, value: path.size(value),
            lambda path, value: path.exists(value > 1),
        ]
    ),
    st.integers(0, 3),
)
joined = st.recursive(
    conditions.map(lambda one: (one, ("is", one))),
    lambda inner: (
        st.tuples(inner, inner).map(
            lambda two: (two[0][0] & two[1][0], ("and", two[0][1], two[1][1]))
        )
        | st.tuples(inner, inner).map(
            lambda two: (two[0][0] | two[1][0], ("or", two[0][1], two[1][1]))
        )
        | inner.map(lambda one: (~one[0], ("not", one[1])))
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def run(engine) -> Iterator[Any]:
    """Runs finds on one collection of the engine, each answered by a set of ids."""
    loop = asyncio.new_event_loop()
    lane = lanes.open_lane(engine.uri, "direct")
    source = Source(Database("joined", lane), "rows", DICTS, "Row", SHAPE)

    async def ids(one: Filter) -> frozenset[int]:
        return frozenset([row["_id"] for row in await Find(source, (one,))])

    async def start() -> None:
        await Find(source).delete()
        await InsertMany(source, ROWS)

    loop.run_until_complete(start())
    yield lambda one: loop.run_until_complete(ids(one))
    loop.run_until_complete(lane.close())
    loop.close()


@given(joined)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_joined_filters_are_logic(run, case):
    """A joined filter matches what set operations on its parts' matches give."""
    everything = frozenset(row["_id"] for row in ROWS)
    expression, tree = case

    def expected(node: Any) -> frozenset[int]:
        if node[0] == "is":
            return run(node[1])
        if node[0] == "not":
            return everything - expected(node[1])
        one, other = expected(node[1]), expected(node[2])
        return one & other if node[0] == "and" else one | other

    assert run(expression) == expected(tree)
