"""Operators of an update, on fields that cannot take what the server would make."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import Enum, Flag
from typing import Annotated, Any, Literal

import pytest
from bson import Timestamp
from pydantic import AfterValidator

from mongolane import (
    BinaryField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    GeoJSONField,
    IntegerField,
    ListField,
    StringField,
)
from mongolane.errors import QueryError


class Mark(Enum):
    """Texts."""

    A = "a"


class Right(Flag):
    """Numbers."""

    READ = 1
    WRITE = 2


class Part(EmbeddedDocument):
    """A part."""

    secret = BinaryField(hash_function=lambda text: b"hash of " + text.encode())


class Wide(Document):
    """One field of each sort."""

    data = BinaryField()
    secret = BinaryField(hash_function=lambda text: b"hash of " + text.encode())
    secrets = ListField(BinaryField(hash_function=lambda text: text.encode()))
    text = StringField(regex="a")
    mark = EnumField(Mark)
    right = EnumField(Right)
    place = GeoJSONField()
    number = IntegerField()
    at = DateTimeField()
    part = EmbeddedDocumentField(Part)
    day: date = date(2024, 1, 1)
    clock: Timestamp = Timestamp(1, 1)
    moment: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    length: timedelta = timedelta(0)
    checked: Annotated[int, AfterValidator(lambda value: value)] = 0
    pair: tuple[int, int] = (0, 0)
    word: Literal["a", "b"] = "a"
    anything: Any = None


STAMP = {"$type": "timestamp"}


@pytest.mark.parametrize(
    "change",
    [
        *({"$inc": {name: 1}} for name in ("data", "secret", "secrets.0", "text")),
        *({"$mul": {name: 2}} for name in ("mark", "place", "part.secret", "word")),
        *({"$bit": {name: {"or": 1}}} for name in ("day", "clock", "pair")),
        *({"$pull": {name: 1}} for name in ("data", "mark", "right", "place")),
        *({"$currentDate": {name: True}} for name in ("secret", "text", "number")),
        *({"$currentDate": {name: True}} for name in ("day", "clock", "checked")),
        *({"$currentDate": {name: True}} for name in ("part", "secrets", "length")),
        *({"$currentDate": {name: STAMP}} for name in ("at", "moment")),
    ],
)
def test_what_would_break_a_field_is_refused(change: dict[str, Any]) -> None:
    """The field could not be read afterwards."""
    [operator] = change

    with pytest.raises(QueryError, match=rf"\{operator} needs an? \w+, and Wide\."):
        Wide.find().update(change).command()


@pytest.mark.parametrize(
    "change",
    [
        {"$inc": {"number": 1, "checked": 1, "length": 1.5, "anything": 1}},
        {"$bit": {"right": {"or": 2}}},
        {"$currentDate": {"at": True, "moment": {"$type": "date"}, "clock": STAMP}},
        {"$currentDate": {"anything": STAMP}},
    ],
)
def test_what_a_field_can_take_is_sent(change: dict[str, Any]) -> None:
    """Numbers in any form are counted on, dates dated, and unknown types let alone."""
    assert Wide.find().update(change).command()["updates"][0]["u"] == change


def test_paths_refuse_them_as_well() -> None:
    """What a path makes is looked at like a dict."""
    with pytest.raises(QueryError, match=r"needs a date, and Wide\.number holds none"):
        Wide.number.current_date()
