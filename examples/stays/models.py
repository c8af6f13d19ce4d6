"""
The documents: listings in the shape of ``sample_airbnb.listingsAndReviews``.

The real collection has gaps, so nearly everything may be missing; keys that are not
named here are left where they are.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated

from bson import ObjectId
from pydantic import BaseModel, Field

from mongolane import (
    BooleanField,
    Document,
    EmbeddedDocument,
    Index,
    Stored,
    StringField,
)

__all__ = ["Listing", "ListingCard", "User"]

Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Count = Annotated[int, Field(ge=0)]


class Host(BaseModel):
    """Who lets the place."""

    host_id: str | None = None
    host_name: str | None = None
    host_location: str | None = None
    host_about: str | None = None
    host_response_time: str | None = None
    host_neighbourhood: str | None = None
    host_response_rate: int | None = None
    host_is_superhost: bool | None = None
    host_has_profile_pic: bool | None = None
    host_identity_verified: bool | None = None
    host_listings_count: int | None = None
    host_verifications: list[str] = []


class Location(BaseModel):
    """A GeoJSON point: longitude, latitude."""

    type: str = "Point"
    coordinates: list[float]
    is_location_exact: bool | None = None


class Address(BaseModel):
    """Where it is; ``market`` is the city."""

    street: str | None = None
    suburb: str | None = None
    government_area: str | None = None
    market: str | None = None
    country: str | None = None
    country_code: str | None = None
    location: Location | None = None


class ReviewScores(BaseModel):
    """Of ten, but for the rating, which is of a hundred."""

    review_scores_accuracy: int | None = None
    review_scores_cleanliness: int | None = None
    review_scores_checkin: int | None = None
    review_scores_communication: int | None = None
    review_scores_location: int | None = None
    review_scores_value: int | None = None
    review_scores_rating: int | None = None


class Review(EmbeddedDocument):
    """What a guest wrote."""

    id: str | None = None
    date: datetime.datetime | None = None
    listing_id: str | None = None
    reviewer_id: str | None = None
    reviewer_name: str | None = None
    comments: str | None = None


class Images(BaseModel):
    """Addresses of pictures."""

    picture_url: str | None = None


class Listing(Document):
    """A place to stay."""

    id: str = Field(default_factory=lambda: str(ObjectId()), max_length=64)
    name: str = Field(max_length=300)
    summary: str | None = None
    description: str | None = None
    neighborhood_overview: str | None = None
    property_type: Annotated[str, Index()] = "Apartment"
    room_type: str = "Entire home/apt"
    bed_type: str | None = None
    minimum_nights: str | None = None
    maximum_nights: str | None = None
    cancellation_policy: str | None = None
    last_scraped: datetime.datetime | None = None
    first_review: datetime.datetime | None = None
    last_review: datetime.datetime | None = None
    accommodates: Count | None = None
    bedrooms: Count | None = None
    beds: Count | None = None
    number_of_reviews: Count = 0
    bathrooms: Decimal | None = None
    amenities: list[str] = Field(default_factory=list)
    price: Annotated[Money, Index()]
    cleaning_fee: Money | None = None
    guests_included: Decimal | None = None
    images: Images | None = None
    host: Host | None = None
    address: Address = Address()
    availability: dict[str, int] | None = None
    review_scores: ReviewScores = ReviewScores()
    reviews: list[Review] = Field(default_factory=list)

    class Settings:
        collection = "listingsAndReviews"
        indexes = (
            Index("address.market", "price"),
            Index("-review_scores.review_scores_rating", "price"),
        )


class CardAddress(BaseModel):
    suburb: str | None = None
    market: str | None = None
    country: str | None = None


class CardScores(BaseModel):
    review_scores_rating: int | None = None


class ListingCard(BaseModel):
    """As much of a listing as a card shows; no more is asked of the server."""

    id: Annotated[str, Stored("_id")]
    name: str
    property_type: str | None = None
    room_type: str | None = None
    price: Decimal
    bedrooms: int | None = None
    accommodates: int | None = None
    number_of_reviews: int | None = None
    address: CardAddress | None = None
    review_scores: CardScores | None = None


class User(Document):
    """The first article's document, in its own style."""

    name = StringField(required=True)
    active = BooleanField()
