"""
The data, loaded once, however many workers start at the same moment.

Ids are the data's own and duplicates are passed over, so two workers that load at the
same time, or a load that was interrupted and begins again, end in the same place. A
marker says that loading has begun, and then that it is done; a collection without
a marker that has documents in it belongs to somebody else and is left alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import bson
import pymongo.errors
from bson import json_util

from mongolane import DataBase, Document, get_db
from mongolane.errors import DuplicateKeyError

from .generator import listings
from .models import Listing, User
from .settings import Settings

__all__ = ["load_once"]

_BATCH = 500
_DUPLICATE_KEY = 11000
_USERS = (("Ada", True), ("Grace", True), ("Linus", False))


class Loading(Document):
    """The marker."""

    id: str
    done: bool = False
    listings: int = 0

    class Settings:
        collection = "loading"


async def load_once(settings: Settings) -> int:
    """Load what is missing; how many listings were loaded."""
    marker = await Loading.find_one({"_id": "stays"})
    if marker is not None and marker.done:
        return 0
    if marker is None:
        if await Listing.find().exists():
            return 0
        await _begin()
    count = await _load(settings)
    await Loading.find(Loading.id == "stays").update(
        {"$set": {"done": True, "listings": count}}
    )
    return count


async def _begin() -> None:
    try:
        await Loading(id="stays").insert()
    except DuplicateKeyError:
        return  # another worker was first, and loads the same


async def _load(settings: Settings) -> int:
    if settings.data:
        count = await _in_batches(real_listings(settings.data), _insert_as_it_is)
    else:
        count = await _in_batches(listings(settings.count), _insert_checked)
    if not await User.find().exists():
        await User.insert_many([{"name": name, "active": on} for name, on in _USERS])
    return count


async def _in_batches(
    source: Iterator[dict[str, Any]],
    insert: Callable[[list[dict[str, Any]]], Awaitable[Any]],
) -> int:
    count = 0
    while batch := list(islice(source, _BATCH)):
        try:
            await insert(batch)
        except pymongo.errors.BulkWriteError as error:
            refused = (error.details or {}).get("writeErrors", [])
            if any(one["code"] != _DUPLICATE_KEY for one in refused):
                raise
        count += len(batch)
    return count


async def _insert_checked(batch: list[dict[str, Any]]) -> None:
    await Listing.insert_all((Listing(**one) for one in batch), ordered=False)


async def _insert_as_it_is(batch: list[dict[str, Any]]) -> None:
    # The real documents have more keys than the class declares, and keep them.
    collection = (await get_db())[Listing.get_collection_name()]
    await collection.insert_many(batch, ordered=False)


def real_listings(path: Path) -> Iterator[dict[str, Any]]:
    """``listingsAndReviews`` as mongodump (.bson), mongoexport or Compass wrote it."""
    if path.suffix == ".bson":
        with path.open("rb") as file:
            yield from bson.decode_file_iter(file)
        return
    text = path.read_text("utf-8-sig")
    if text.lstrip().startswith("["):
        yield from json_util.loads(text)
    else:
        lines = (line for line in text.splitlines() if line.strip())
        yield from map(json_util.loads, lines)


async def forget() -> None:
    """Drop all of it."""
    await DataBase.get().drop()
