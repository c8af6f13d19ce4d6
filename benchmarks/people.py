"""The document that every contender reads and writes: 11 fields, about 300 bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pydantic import BaseModel

MANY = 1000
CITIES = ["Porto", "Lisboa", "Braga", "Faro", "Coimbra"]
START = datetime(2024, 1, 1, tzinfo=UTC)


class Address(BaseModel):
    """The embedded part."""

    street: str
    city: str
    zip: str


def person(number: int) -> dict[str, Any]:
    """The stored form of person ``number``; the same at every call but for its id."""
    return {
        "_id": ObjectId(),
        "name": f"Person {number}",
        "email": f"person{number}@example.org",
        "age": number % 90,
        "active": number % 3 != 0,
        "score": number / 7,
        "created": START + timedelta(minutes=number),
        "updated": START + timedelta(hours=number),
        "tags": ["reader", "writer", "member"],
        "address": {
            "street": f"Rua das Flores {number}",
            "city": CITIES[number % len(CITIES)],
            "zip": f"{4000 + number % 999}-{number % 999:03}",
        },
        "bio": "Likes long walks and short queries.",
    }
