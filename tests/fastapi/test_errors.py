"""Errors as HTTP statuses, and what their bodies must not tell."""

from __future__ import annotations

import pydantic
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from mongolane.errors import (
    BulkWriteError,
    DocumentDecodeError,
    DocumentInsertError,
    EncodeError,
    ExecutionTimeoutError,
    NetworkError,
    NotConnectedError,
    NotFoundError,
    NotPrimaryError,
    QueryError,
    ServerError,
    ServerSelectionTimeoutError,
    UnknownFieldError,
    VersionConflictError,
    WaitQueueTimeoutError,
    from_reply,
)
from mongolane.fastapi import install_error_handlers

SECRET = "s3cret-value"
DUPLICATE = {
    "code": 11000,
    "codeName": "DuplicateKey",
    "errmsg": (
        "E11000 duplicate key error collection: a.b index: email_1 "
        f'dup key: {{ email: "{SECRET}" }}'
    ),
    "keyPattern": {"email": 1},
    "keyValue": {"email": SECRET},
}

CONFLICT = VersionConflictError(SECRET)


def answer(error: Exception) -> tuple[int, str, dict[str, str]]:
    """What a route that raises ``error`` answers: status, body, headers."""
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/")
    async def route() -> None:
        raise error

    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/")
    return response.status_code, response.text, dict(response.headers)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError(SECRET), 404),
        (from_reply(DUPLICATE), 409),
        (BulkWriteError({"writeErrors": [{"index": 3, **DUPLICATE}]}), 409),
        (VersionConflictError(SECRET), 409),
        (ServerError(SECRET, 10334, {}), 413),
        (ServerError(SECRET, 121, {}), 422),
        (ServerSelectionTimeoutError(SECRET), 503),
        (NetworkError(SECRET), 503),
        (WaitQueueTimeoutError(SECRET), 503),
        (NotConnectedError(SECRET), 503),
        (NotPrimaryError(SECRET, 10107, {}), 503),
        (ExecutionTimeoutError(SECRET, 50, {}), 504),
        (DocumentDecodeError("User", 1, [("age", SECRET)]), 500),
        (ServerError(SECRET, 8000, {}), 500),
        (BulkWriteError({"writeErrors": [{"code": 1}]}), 500),
        (BulkWriteError({"writeErrors": [{"index": 2}]}, {2: CONFLICT}), 409),
        (BulkWriteError({"writeErrors": [{}, {"code": 1}]}, {0: CONFLICT}), 500),
        (RuntimeError(SECRET), 500),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else str(one),
)
def test_status_without_secrets(error: Exception, status: int) -> None:
    """Each error has its status, and its body tells no value and no message of it."""
    code, body, _ = answer(error)

    assert code == status
    assert SECRET not in body


def test_duplicate_names_index_and_field() -> None:
    """A duplicate key is told with its index and fields."""
    _, body, _ = answer(from_reply(DUPLICATE))

    assert pydantic.TypeAdapter(dict).validate_json(body) == {
        "detail": "this email exists already (index email_1)",
        "index": "email_1",
        "fields": ["email"],
    }


def test_cause_of_document_error_counts() -> None:
    """An error of motormongo's names has the status of what caused it."""
    error = DocumentInsertError("could not insert")
    error.__cause__ = from_reply(DUPLICATE)

    assert answer(error)[0] == 409


@pytest.mark.parametrize(
    "error",
    [NetworkError("gone"), ExecutionTimeoutError("late", 50, {})],
    ids=["network", "time"],
)
def test_retry_after_where_it_helps(error: Exception) -> None:
    """What may work a moment later says when to try again."""
    assert int(answer(error)[2]["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("error", "location"),
    [
        (QueryError("no such operator"), []),
        (UnknownFieldError("User", "nam", ["name"]), ["nam"]),
        (EncodeError("too many digits", "price.amount"), ["price", "amount"]),
        (EncodeError("no UTF-8: '\ud800'", "name"), ["name"]),
    ],
    ids=["query", "field", "encode", "surrogate"],
)
def test_caller_errors_in_usual_form(error: Exception, location: list[str]) -> None:
    """What the caller got wrong is a 422 in FastAPI's own form, with its place."""
    code, body, _ = answer(error)
    (problem,) = pydantic.TypeAdapter(dict).validate_json(body)["detail"]

    assert code == 422
    assert problem["loc"] == location
    assert problem["msg"] == str(error).replace("\ud800", r"\ud800")


def test_validation_inside_a_route() -> None:
    """A model that a route builds from bad values is a 422 without the values."""

    class Model(pydantic.BaseModel):
        age: int

    with pytest.raises(pydantic.ValidationError) as raised:
        Model(age=SECRET)  # type: ignore[arg-type]
    code, body, _ = answer(raised.value)

    assert code == 422
    assert '"age"' in body
    assert SECRET not in body
