"""
What a server that isn't ours doesn't do as MongoDB does: the one list of it.

A test named here is expected to fail on that server. It is run all the same, and when
it passes it fails: then the server has learnt it and the entry must go.
"""

from __future__ import annotations

import pytest

# product -> the test, with its own parameters if it has any -> what the server lacks
GAPS: dict[str, dict[str, str]] = {
    "ferretdb": {
        "tests/engine/test_aggregate_stages.py::test_sums_stay_exact": (
            "sums doubles without carrying the rounding error along"
        ),
        "tests/engine/test_further_stages.py::test_pipeline_output[graph]": (
            "gives the depth of $graphLookup as an int, not a long"
        ),
        "tests/engine/test_further_stages.py::test_pipeline_output[moving average]": (
            "gives whole results of $expMovingAvg as ints"
        ),
        "tests/engine/test_further_stages.py::test_merge_runs_a_pipeline": (
            "has no pipelines in $merge"
        ),
    },
    "mongodb": {},
}


def names(item: pytest.Item) -> list[str]:
    """
    Give the names a test may have in the list: with and without its own parameters.
    """
    test, bracket, parameters = item.nodeid.partition("[")
    common = {"engine", "real", "direct", "pymongo", "threads"}
    own = [word for word in parameters.rstrip("]").split("-") if word not in common]
    return [test, f"{test}[{'-'.join(own)}]"] if bracket and own else [test]


@pytest.fixture(autouse=True)
def known_gap(request: pytest.FixtureRequest) -> None:
    """
    Expect a failure where the list says so.
    """
    callspec = getattr(request.node, "callspec", None)
    on_both = callspec is not None and callspec.params.get("server") == "real"
    if not on_both and "real" not in request.fixturenames:
        return
    gaps = GAPS.get(request.getfixturevalue("real").product, {})
    for name in names(request.node):
        if name in gaps:
            mark = pytest.mark.xfail(reason=f"known gap: {gaps[name]}", strict=True)
            request.applymarker(mark)
