"""What tests of lanes share: lanes that close themselves, and ready replies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from mongolane.lanes import Home, open_lane

QUICK = {"serverSelectionTimeoutMS": 5000, "heartbeatFrequencyMS": 500}


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Home]]:
    """
    ``open_lane`` with impatient defaults; what it opened is closed after the test.
    """
    lanes: list[Home] = []

    def make(uri: str, lane: str = "direct", **options: Any) -> Home:
        lanes.append(open_lane(uri, lane, **{**QUICK, **options}))
        return lanes[-1]

    yield make
    for lane in lanes:
        await lane.close()
