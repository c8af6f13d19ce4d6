"""
Each module of tests for itself: its classes, and what it leaves behind.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="session", autouse=True)
def random_numbers() -> None:
    """
    Hypothesis has begun before anything is frozen.

    It asks the collector, once, who holds its random numbers, and does not see who is
    frozen.
    """
    given(st.none())(lambda _: None)()


@pytest.fixture(scope="module", autouse=True)
def by_itself(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    Connecting makes indexes for the module's own classes; what it dropped is collected.

    What stays is not walked again by later collections: with thousands of tests in one
    process each of them would take half a second.
    """
    from mongolane.documents import known_classes

    with pytest.MonkeyPatch.context() as patch:
        own = _own(request.module.__name__, known_classes._has_collection)
        patch.setattr(known_classes, "_has_collection", own)
        yield
    gc.collect()
    gc.freeze()


def _own(module: str, has_collection: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def own(cls: Any) -> bool:
        name = cls.__module__
        foreign = name.rpartition(".")[2].startswith("test_") and name != module
        return not foreign and has_collection(cls)

    return own
