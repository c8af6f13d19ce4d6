"""
Which HTTP status an error is, and what of it a stranger may read.

A body is ``{"detail": ...}`` as FastAPI's own are. It never holds an address, a stored
value or a server's message; those go to the log ``mongolane.fastapi``.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pydantic
from fastapi import FastAPI, Request
from fastapi.exception_handlers import (
    request_validation_exception_handler as fastapis_own,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from ..errors import (
    BulkWriteError,
    DocumentDecodeError,
    DocumentError,
    DuplicateKeyError,
    EncodeError,
    ExecutionTimeoutError,
    FieldError,
    MongolaneError,
    NetworkError,
    NotConnectedError,
    NotFoundError,
    NotPrimaryError,
    QueryError,
    ServerError,
    ServerSelectionTimeoutError,
    VersionConflictError,
    WaitQueueTimeoutError,
)

__all__ = ["error_response", "install_error_handlers"]

log = logging.getLogger("mongolane.fastapi")

RETRY_AFTER = 1
_DUPLICATE_KEY = 11000
# What servers say of a document that is too large: BSONObjectTooLarge, 17280, 17419.
_TOO_LARGE = frozenset({10334, 17280, 17419, 17420})
_REFUSED_BY_VALIDATOR = 121


def install_error_handlers(app: FastAPI) -> None:
    """
    Let ``app`` answer this package's errors with the status they mean.

    ====== ==============================================================
    404    NotFoundError
    409    DuplicateKeyError, VersionConflictError
    413    a document larger than the server takes
    422    QueryError, EncodeError, a field's error, pydantic's
    500    DocumentDecodeError
    503    the database cannot be reached, with ``Retry-After``
    504    ExecutionTimeoutError, with ``Retry-After``
    ====== ==============================================================

    All others stay what they are: 500.
    """
    app.add_exception_handler(MongolaneError, _handler(error_response))
    app.add_exception_handler(pydantic.ValidationError, _handler(error_response))
    if app.exception_handlers.get(RequestValidationError) is fastapis_own:
        app.add_exception_handler(RequestValidationError, _not_requested)


def error_response(error: Exception) -> JSONResponse | None:
    """The answer for ``error``; None if it has no status of its own."""
    if isinstance(error, DocumentError) and isinstance(error.__cause__, Exception):
        return error_response(error.__cause__)
    for kinds, answer in _ANSWERS:
        if isinstance(error, kinds):
            return answer(error)
    return None


async def _not_requested(request: Request, error: Any) -> JSONResponse:
    """FastAPI's own answer, which cannot quote a lone surrogate, NaN or infinity."""
    try:
        return await fastapis_own(request, error)
    except ValueError:
        kept = ("type", "loc", "msg")
        problems = [{key: one[key] for key in kept} for one in error.errors()]
        return JSONResponse({"detail": problems}, 422)


def _handler(
    respond: Callable[[Exception], JSONResponse | None],
) -> Callable[[Request, Exception], Awaitable[JSONResponse]]:
    async def handle(request: Request, error: Exception) -> JSONResponse:
        response = respond(error)
        if response is None:
            raise error
        return response

    return handle


def _not_found(error: Exception) -> JSONResponse:
    return _answer(404, "not found")


def _duplicate(error: Any) -> JSONResponse | None:
    details = error.details or {}
    if isinstance(error, BulkWriteError):
        return _bulk(details, error.conflicts)
    fields = list(error.key_value or ())
    return _answer(409, _taken(fields, error.index), index=error.index, fields=fields)


def _bulk(details: Any, conflicts: Any) -> JSONResponse | None:
    refused = details.get("writeErrors") or [{}]
    if conflicts and len(conflicts) == len(refused):
        return _conflict_of_several(sorted(conflicts))
    if any(one.get("code") != _DUPLICATE_KEY for one in refused):
        return None
    fields = sorted({name for one in refused for name in one.get("keyPattern") or ()})
    positions = [one.get("index") for one in refused]
    return _answer(409, _taken(fields, None), fields=fields, positions=positions)


def _taken(fields: list[str], index: str | None) -> str:
    named = f"this {' and '.join(fields)}" if fields else "this key"
    return f"{named} exists already" + (f" (index {index})" if index else "")


def _conflict(error: Exception) -> JSONResponse:
    return _answer(409, "somebody else has changed it in between")


def _conflict_of_several(positions: list[int]) -> JSONResponse:
    text = "somebody else has changed some of them in between"
    return _answer(409, text, positions=positions)


def _refused(error: Any) -> JSONResponse | None:
    if error.code in _TOO_LARGE:
        return _answer(413, "the document is larger than the database takes")
    if error.code == _REFUSED_BY_VALIDATOR:
        return _answer(422, "the database's own validation refused the document")
    return None


def _invalid(error: Exception) -> JSONResponse:
    where = getattr(error, "path", "") or getattr(error, "field", "") or ""
    location = [part for part in str(where).split(".") if part]
    kind = "query_error" if isinstance(error, QueryError) else "value_error"
    # A message may quote a lone surrogate, which no response can hold.
    told = str(error).encode("utf-8", "backslashreplace").decode()
    problem = {"type": kind, "loc": location, "msg": told}
    return JSONResponse({"detail": [problem]}, 422)


def _not_validated(error: Any) -> JSONResponse:
    problems = error.errors(
        include_url=False, include_context=False, include_input=False
    )
    return JSONResponse({"detail": problems}, 422)


def _undecodable(error: Any) -> JSONResponse:
    log.error(
        "the stored document with _id %r does not fit %s at %s",
        error.document_id,
        error.owner,
        ", ".join(path or "(document)" for path, _ in error.problems),
    )
    return _answer(500, "a stored document does not have the expected form")


def _unavailable(error: Exception) -> JSONResponse:
    log.warning("the database is not available: %s", error)
    retry = {"Retry-After": str(RETRY_AFTER)}
    return JSONResponse({"detail": "the database is not available"}, 503, retry)


def _too_slow(error: Exception) -> JSONResponse:
    log.warning("the database ended an operation at its time limit: %s", error)
    retry = {"Retry-After": str(RETRY_AFTER)}
    return JSONResponse({"detail": "the database took too long"}, 504, retry)


def _answer(status: int, detail: str, **more: Any) -> JSONResponse:
    return JSONResponse({"detail": detail, **more}, status)


# The first that fits counts.
_ANSWERS: tuple[
    tuple[tuple[type[Exception], ...], Callable[[Exception], JSONResponse | None]], ...
] = (
    ((NotFoundError,), _not_found),
    ((DuplicateKeyError, BulkWriteError), _duplicate),
    ((VersionConflictError,), _conflict),
    ((DocumentDecodeError,), _undecodable),
    ((ExecutionTimeoutError,), _too_slow),
    (
        (
            ServerSelectionTimeoutError,
            NetworkError,
            WaitQueueTimeoutError,
            NotConnectedError,
            NotPrimaryError,
        ),
        _unavailable,
    ),
    ((QueryError, EncodeError, FieldError), _invalid),
    ((ServerError,), _refused),
    ((pydantic.ValidationError,), _not_validated),
)
