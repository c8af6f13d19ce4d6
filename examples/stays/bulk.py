"""A bulk import that tells how far it is while it runs: NDJSON in, NDJSON out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pydantic
from fastapi import Request
from fastapi.responses import StreamingResponse

from mongolane.errors import BulkWriteError, MongolaneError

from .models import Listing

__all__ = ["Progress", "ProgressResponse", "import_lines"]

_BATCH = 200
_LONGEST = 16 * 1024 * 1024
_MOST_ERRORS = 100


class Progress(pydantic.BaseModel):
    """One line of the answer; the last has ``done`` or ``error``."""

    line: int = 0
    imported: int = 0
    skipped: int = 0
    problems: list[str] = []
    done: bool = False
    error: str | None = None


class ProgressResponse(StreamingResponse):
    """An answer that begins while the request is still being read."""

    media_type = "application/x-ndjson"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # The parent class would wait for a disconnect, and so take the body's messages.
        await self.stream_response(send)


async def import_lines(request: Request) -> AsyncIterator[str]:
    """Insert the listings of a request's lines, batch by batch; an event after each."""
    progress = Progress()
    batch: list[tuple[int, Listing]] = []
    try:
        async for line in _lines(request):
            progress.line += 1
            if line.strip():
                _take(line, progress, batch)
            if len(batch) >= _BATCH:
                yield await _store(batch, progress)
        if batch:
            yield await _store(batch, progress)
        progress.done = True
    except (MongolaneError, ValueError) as error:
        # The status has been sent long ago, so the last event has to say it.
        progress.error = str(error) if isinstance(error, ValueError) else "no database"
    yield _event(progress)


def _take(line: bytes, progress: Progress, batch: list[tuple[int, Listing]]) -> None:
    try:
        batch.append((progress.line, Listing.model_validate_json(line)))
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        _skip(
            progress,
            f"line {progress.line}: {where + ': ' if where else ''}{first['msg']}",
        )


async def _store(batch: list[tuple[int, Listing]], progress: Progress) -> str:
    refused: list[dict[str, Any]] = []
    try:
        await Listing.insert_all([one for _, one in batch], ordered=False)
    except BulkWriteError as error:
        refused = list((error.details or {}).get("writeErrors", []))
    progress.imported += len(batch) - len(refused)
    for one in refused:
        line, listing = batch[one["index"]]
        known = one.get("code") == 11000
        reason = (
            f"{listing.id!r} exists already" if known else "the database refused it"
        )
        _skip(progress, f"line {line}: {reason}")
    batch.clear()
    return _event(progress)


def _skip(progress: Progress, problem: str) -> None:
    progress.skipped += 1
    if len(progress.problems) < _MOST_ERRORS:
        progress.problems.append(problem)


def _event(progress: Progress) -> str:
    told = json.dumps(progress.model_dump(exclude_defaults=True)) + "\n"
    progress.problems = []
    return told


async def _lines(request: Request) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in request.stream():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > _LONGEST:
            raise ValueError("a line is longer than 16 MiB")
    if rest:
        yield rest
