"""
Listings made up, the same for the same seed, in the shape of
``sample_airbnb.listingsAndReviews``.

Each listing has its own random numbers, so one can be made without the others.
"""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from . import places

__all__ = ["COUNT", "listing", "listings"]

COUNT = 5_555
SEED = 2019
_SCRAPED = datetime.datetime(2019, 3, 11, 4, tzinfo=datetime.UTC)
_ASPECTS = ("accuracy", "cleanliness", "checkin", "communication", "location", "value")


def listings(count: int = COUNT, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """``count`` listings as they are stored; ``_id`` and all."""
    return (listing(number, seed) for number in range(count))


def listing(number: int, seed: int = SEED) -> dict[str, Any]:
    """One listing."""
    rng = random.Random(f"{seed}/{number}")
    market = rng.choices(places.MARKETS, [one.weight for one in places.MARKETS])[0]
    suburb = rng.choice(market.suburbs)
    kind = rng.choices(places.PROPERTY_TYPES, [one[1] for one in places.PROPERTY_TYPES])
    room = rng.choices(places.ROOM_TYPES, [one[1] for one in places.ROOM_TYPES])[0]
    home, _, factor, span = kind[0]
    bedrooms = rng.randint(*span) if room is places.ROOM_TYPES[0] else 1
    identity = str(10_006_546 + number * 4_391)
    host = _host(rng, market, suburb)
    words = {"kind": home.lower(), "suburb": suburb, "market": market.name}
    reviews = _reviews(rng, identity, words | {"host": host["host_name"]})
    sentences = rng.sample(places.SENTENCES, 4)
    told = [sentence.format(**words) for sentence in sentences]
    name = (
        f"{rng.choice(places.ADJECTIVES)} {home.lower()} {rng.choice(places.FEATURES)}"
    )
    size = 1 + 0.45 * max(bedrooms - 1, 0)
    price = market.price * factor * room[2] * size * math.exp(rng.gauss(0, 0.28))
    # One long literal, so that the shape of a listing can be seen at a glance.
    return {
        "_id": identity,
        "name": name,
        "summary": " ".join(told[:2]),
        "description": " ".join(told),
        "neighborhood_overview": rng.choice(places.SENTENCES[4:]).format(**words),
        "property_type": home,
        "room_type": room[0],
        "bed_type": "Real Bed" if rng.random() < 0.97 else "Pull-out Sofa",
        "minimum_nights": str(rng.choice((1, 1, 2, 2, 3, 5, 7))),
        "maximum_nights": str(rng.choice((30, 90, 365, 1125))),
        "cancellation_policy": rng.choice(
            ("flexible", "moderate", "strict_14_with_grace_period")
        ),
        "last_scraped": _SCRAPED,
        **_review_dates(reviews),
        "accommodates": max(1, bedrooms * 2 + rng.choice((0, 0, 1, 2))),
        "bedrooms": bedrooms,
        "beds": max(1, bedrooms + rng.choice((0, 0, 1))),
        "number_of_reviews": len(reviews),
        "bathrooms": Decimal(rng.choice(("1.0", "1.0", "1.5", "2.0"))),
        "amenities": [name for name, share in places.AMENITIES
                      if rng.random() * 100 < share],
        "price": Decimal(max(9, round(price))).quantize(Decimal("0.01")),
        "cleaning_fee": Decimal(rng.choice((0, 15, 25, 40))).quantize(Decimal("0.01")),
        "guests_included": Decimal(max(1, bedrooms)),
        "images": {"picture_url": f"/picture/{identity}"},
        "host": host,
        "address": _address(rng, market, suburb),
        "availability": _availability(rng),
        "review_scores": _scores(rng, len(reviews)),
        "reviews": reviews,
    }  # fmt: skip


def _host(rng: random.Random, market: places.Market, suburb: str) -> dict[str, Any]:
    count = min(int(rng.expovariate(0.5)) + 1, 40)
    return {
        "host_id": str(rng.randrange(10**6, 10**8)),
        "host_name": rng.choice(places.FIRST_NAMES),
        "host_location": f"{market.name}, {market.country}",
        "host_about": rng.choice(places.SENTENCES[5:6]),
        "host_response_time": rng.choice(("within an hour", "within a few hours")),
        "host_neighbourhood": suburb,
        "host_response_rate": rng.randint(60, 100),
        "host_is_superhost": rng.random() < 0.27,
        "host_has_profile_pic": True,
        "host_identity_verified": rng.random() < 0.4,
        "host_listings_count": count,
        "host_verifications": ["email", "phone"],
    }


def _address(rng: random.Random, market: places.Market, suburb: str) -> dict[str, Any]:
    longitude = round(market.longitude + rng.gauss(0, 0.03), 5)
    latitude = round(market.latitude + rng.gauss(0, 0.025), 5)
    return {
        "street": f"{market.name}, {market.country}",
        "suburb": suburb,
        "government_area": suburb,
        "market": market.name,
        "country": market.country,
        "country_code": market.code,
        "location": {
            "type": "Point",
            "coordinates": [longitude, latitude],
            "is_location_exact": rng.random() < 0.7,
        },
    }


def _availability(rng: random.Random) -> dict[str, int]:
    share = rng.random()
    return {f"availability_{span}": int(span * share) for span in (30, 60, 90, 365)}


def _scores(rng: random.Random, reviews: int) -> dict[str, int]:
    """Scores as the real ones: crowded near the top, and none without a review."""
    if not reviews:
        return {}
    rating = max(20, min(100, round(100 - rng.expovariate(1 / 7))))
    around = {
        f"review_scores_{aspect}": max(
            2, min(10, round(rating / 10 + rng.gauss(0, 0.6)))
        )
        for aspect in _ASPECTS
    }
    return {**around, "review_scores_rating": rating}


def _reviews(
    rng: random.Random, identity: str, words: dict[str, str]
) -> list[dict[str, Any]]:
    count = 0 if rng.random() < 0.22 else min(int(rng.expovariate(0.25)) + 1, 24)
    days = sorted((rng.randrange(2200) for _ in range(count)), reverse=True)
    return [
        {
            "_id": str(rng.randrange(10**7, 10**9)),
            "date": _SCRAPED.replace(hour=5) - datetime.timedelta(days=day + 1),
            "listing_id": identity,
            "reviewer_id": str(rng.randrange(10**6, 10**8)),
            "reviewer_name": rng.choice(places.FIRST_NAMES),
            "comments": rng.choice(places.COMMENTS).format(**words),
        }
        for day in days
    ]


def _review_dates(reviews: list[dict[str, Any]]) -> dict[str, Any]:
    if not reviews:
        return {}
    return {"first_review": reviews[0]["date"], "last_review": reviews[-1]["date"]}
