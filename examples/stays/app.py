"""The application: the routes, and what is started and stopped with them."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel

from mongolane import DataBase
from mongolane.errors import MongolaneError
from mongolane.fastapi import (
    ObjectIdPath,
    Page,
    PoolStatus,
    all_of,
    at_least,
    at_most,
    contains,
    filter_by,
    get_or_404,
    install_error_handlers,
    json_response,
    lifespans,
    page_response,
    ping,
    pool_status,
)

from .bulk import Progress, ProgressResponse, import_lines
from .latency import Latency, figures
from .loading import load_once
from .models import Listing, ListingCard, User
from .settings import Settings

__all__ = ["app"]

PAGE = Path(__file__).with_name("page.html")
SETTINGS = Settings.from_environment()
TIMES: deque[float] = deque(maxlen=500)
SORTS = {
    "rating": ("-review_scores.review_scores_rating", "price", "_id"),
    "price": ("price", "_id"),
    "-price": ("-price", "_id"),
}


@asynccontextmanager
async def loaded(app: FastAPI) -> AsyncIterator[None]:
    """Data is there before the first request."""
    await load_once(SETTINGS)
    yield


app = FastAPI(
    title="Stays",
    summary="Places to stay, on mongolane.",
    lifespan=lifespans(
        DataBase.lifespan(
            uri=SETTINGS.uri, db=SETTINGS.db, serverSelectionTimeoutMS=5000
        ),
        loaded,
    ),
)
app.add_middleware(Latency, prefix="/stays", times=TIMES)
install_error_handlers(app)

Wanted = Annotated[
    dict[str, Any],
    Depends(
        filter_by(
            Listing,
            text=contains("name"),
            city="address.market",
            country="address.country",
            property_type="property_type",
            room_type="room_type",
            min_price=at_least("price"),
            max_price=at_most("price"),
            min_rating=at_least("review_scores.review_scores_rating"),
            bedrooms=at_least("bedrooms"),
            guests=at_least("accommodates"),
            amenities=all_of("amenities"),
        )
    ),
]


class Choices(BaseModel):
    """What a search can choose from."""

    cities: list[str]
    property_types: list[str]


class Health(BaseModel):
    """How the application is."""

    status: Literal["ok", "unavailable"]
    ping_ms: float | None = None
    pool: PoolStatus | None = None
    latency: dict[str, float | int | None]


@app.get("/", include_in_schema=False)
async def page() -> FileResponse:
    """The page."""
    return FileResponse(PAGE, media_type="text/html; charset=utf-8")


@app.get("/users/")
async def users_by_state(active: bool = True) -> list[dict[str, Any]]:
    """The users who are active, or are not."""
    users = await User.find_many({"active": active})
    if not users:
        raise HTTPException(status_code=404, detail="there are no such users")
    return [user.to_dict() for user in users]


@app.get("/users/{user_id}")
async def one_user(user_id: ObjectIdPath) -> dict[str, Any]:
    """One user."""
    user = await get_or_404(User.find_one({"_id": user_id}))
    return user.to_dict()


@app.get("/stays", response_model=Page[ListingCard])
async def search(
    wanted: Wanted,
    sort: Literal["rating", "price", "-price"] = "rating",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 24,
) -> Response:
    """A page of the stays that fit."""
    found = Listing.find(wanted).sort(*SORTS[sort]).project(ListingCard)
    return await page_response(found, page, size)


@app.get("/stays/top", response_model=list[ListingCard])
async def top(
    min_rating: Annotated[int, Query(ge=0, le=100)] = 96,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Response:
    """The stays that guests liked most, the cheapest first."""
    found = Listing.pipeline(
        [
            {
                "$match": {
                    "review_scores.review_scores_rating": {"$gte": min_rating},
                    "number_of_reviews": {"$gte": 5},
                }
            },
            {"$sort": {"price": 1, "_id": 1}},
            {"$limit": limit},
            {
                "$project": {
                    "name": 1,
                    "property_type": 1,
                    "room_type": 1,
                    "price": 1,
                    "bedrooms": 1,
                    "accommodates": 1,
                    "number_of_reviews": 1,
                    "address": {"suburb": 1, "market": 1, "country": 1},
                    "review_scores": {"review_scores_rating": 1},
                }
            },
        ]
    )
    return await json_response(found.to(ListingCard))


@app.get("/stays/choices")
async def choices() -> Choices:
    """The cities and types there are."""
    cities = await Listing.find().distinct("address.market")
    kinds = await Listing.find().distinct("property_type")
    return Choices(
        cities=sorted(one for one in cities if one),
        property_types=sorted(one for one in kinds if one),
    )


@app.get("/stays/{stay_id}", response_model=Listing)
async def one_stay(stay_id: str) -> Response:
    """One stay, with all that is known of it."""
    return await json_response(Listing.get(stay_id))


@app.post("/stays", status_code=201)
async def create(stay: Listing) -> Listing:
    """Offer a new stay."""
    await stay.insert()
    return stay


@app.post("/stays/import", response_model=Progress)
async def import_stays(request: Request) -> ProgressResponse:
    """Offer many: a listing a line; the answer tells how far it is, line by line."""
    return ProgressResponse(import_lines(request))


@app.get("/health", response_model=Health)
async def health() -> Any:
    """Whether the database answers, and how busy the connections are."""
    latency = figures(TIMES)
    try:
        milliseconds = round(await ping(), 3)
        return Health(
            status="ok", ping_ms=milliseconds, pool=pool_status(), latency=latency
        )
    except MongolaneError:
        down = Health(status="unavailable", latency=latency)
        return JSONResponse(down.model_dump(), 503)
