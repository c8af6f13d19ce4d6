"""A filter's values are stored as the field's are, also when they come as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pydantic
import pytest

from mongolane import Document


class Day(Document):
    """Types that JSON has as text."""

    day: date
    days: list[date] = []  # noqa: RUF012 (pydantic copies it)
    past: pydantic.PastDate | None = None
    url: pydantic.HttpUrl | None = None
    long: timedelta = timedelta(1)
    at: time = time(1)


FIRST = datetime(2020, 1, 2, tzinfo=UTC)
NOON = datetime(2020, 1, 2, 12, tzinfo=UTC)

CASES: list[tuple[dict[str, Any], Any]] = [
    ({"day": "2020-01-02"}, FIRST),
    ({"day": {"$in": ["2020-01-02", date(2020, 1, 2)]}}, {"$in": [FIRST, FIRST]}),
    ({"day": {"$gte": NOON}}, {"$gte": NOON}),
    ({"days": "2020-01-02"}, FIRST),
    ({"past": {"$lt": "2020-01-02"}}, {"$lt": FIRST}),
    ({"url": "http://A.b"}, "http://a.b/"),
    ({"url": {"$regex": "^http"}}, {"$regex": "^http"}),
    ({"url": {"$gte": "h"}}, {"$gte": "h"}),
    ({"long": "P1D"}, 86400.0),
    ({"long": {"$gt": 60}}, {"$gt": 60}),
    ({"at": "01:00"}, "01:00:00"),
]


@pytest.mark.parametrize(("given", "sent"), CASES, ids=[str(one[0]) for one in CASES])
def test_text_stands_for_a_value(given: dict[str, Any], sent: Any) -> None:
    """Text is what it says; a moment stays one; what is no such text is left alone."""
    [name] = given

    assert Day.find(given).command()["filter"] == {name: sent}
