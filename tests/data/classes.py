"""
The four files as documents. Their keys have blanks, their values lack and mix types.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from mongolane import Document, EmbeddedDocument, Mapped, field


class Movie(Document):
    """
    A film of movies.json; some titles are numbers, one is missing.
    """

    title: Mapped[str | int | None] = field(stored="Title")
    us_gross: Mapped[int | None] = field(stored="US Gross")
    gross: Mapped[int | None] = field(stored="Worldwide Gross")
    dvd_sales: Mapped[int | None] = field(stored="US DVD Sales")
    budget: Mapped[int | None] = field(stored="Production Budget")
    released: Mapped[str] = field(stored="Release Date")
    mpaa: Mapped[str | None] = field(stored="MPAA Rating")
    minutes: Mapped[int | None] = field(stored="Running Time min")
    distributor: Mapped[str | None] = field(stored="Distributor")
    source: Mapped[str | None] = field(stored="Source")
    genre: Mapped[str | None] = field(stored="Major Genre")
    creative_type: Mapped[str | None] = field(stored="Creative Type")
    director: Mapped[str | None] = field(stored="Director")
    tomatoes: Mapped[int | None] = field(stored="Rotten Tomatoes Rating")
    rating: Mapped[float | None] = field(stored="IMDB Rating")
    votes: Mapped[int | None] = field(stored="IMDB Votes")

    class Meta:
        collection = "movies"


class Shake(EmbeddedDocument):
    """
    What was measured; whole numbers stand among the decimals.
    """

    mag: Mapped[float]
    place: Mapped[str]
    time: Mapped[int]
    felt: Mapped[int | None]
    cdi: Mapped[float | None]
    mmi: Mapped[float | None]
    alert: Mapped[str | None]
    types: Mapped[str]
    nst: Mapped[int | None]
    dmin: Mapped[float | None]
    rms: Mapped[float | None]
    gap: Mapped[float | None]
    mag_type: Mapped[str] = field(stored="magType")


class Place(EmbeddedDocument):
    """
    A GeoJSON point, with the depth as third coordinate.
    """

    type: Mapped[str]
    coordinates: Mapped[list[float]]


class Quake(Document):
    """
    A feature of earthquakes.json, under its own id.
    """

    id: str
    type: Mapped[str]
    properties: Mapped[Shake]
    geometry: Mapped[Place]

    class Meta:
        collection = "quakes"


class Zip(Document):
    """
    A row of zipcodes.csv, some of whose cells are something else by their looks:
    most codes are numbers, and the town of True in West Virginia is true.
    """

    zip_code: Annotated[str, BeforeValidator(lambda code: str(code).zfill(5))]
    latitude: Mapped[float]
    longitude: Mapped[float]
    city: Annotated[str, BeforeValidator(str)]
    state: Mapped[str]
    county: Mapped[str]

    class Meta:
        collection = "zips"


class Flight(Document):
    """
    A record of flights-200k.json.
    """

    delay: Mapped[int]
    distance: Mapped[int]
    time: Mapped[float]

    class Meta:
        collection = "flights"
