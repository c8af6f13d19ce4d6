"""What is written, by whom: ready models and dicts, so that nobody's making counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from .people import MANY, Address, person


class Plain(BaseModel):
    """The same document as a hand-written application has it."""

    name: str
    email: str
    age: int
    active: bool
    score: float
    created: datetime
    updated: datetime
    tags: list[str]
    address: Address
    bio: str


def fresh(number: int) -> dict[str, Any]:
    """Person ``number`` without an id."""
    made = person(number)
    del made["_id"]
    return made


def dicts() -> list[dict[str, Any]]:
    """A thousand people without ids."""
    return [fresh(number) for number in range(MANY)]


def without_ids(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same dicts without the ids that PyMongo puts into them."""
    for one in given:
        one.pop("_id", None)
    return given
