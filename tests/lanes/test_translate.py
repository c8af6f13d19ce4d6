"""PyMongo's errors as ours, and ours as PyMongo's."""

from __future__ import annotations

import pickle
from typing import Any

import pymongo.errors
import pytest

from mongolane import errors
from mongolane.lanes._translate import translate

NOT_PRIMARY = {
    "ok": 0,
    "code": 10107,
    "errmsg": "not primary",
    "codeName": "NotWritablePrimary",
    "errorLabels": ["RetryableWriteError"],
}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (pymongo.errors.AutoReconnect("x"), errors.NetworkError),
        (pymongo.errors.ConnectionFailure("x"), errors.NetworkError),
        (pymongo.errors.NetworkTimeout("x"), errors.NetworkTimeoutError),
        (pymongo.errors.ProtocolError("x"), errors.ProtocolError),
        (pymongo.errors.WaitQueueTimeoutError("x"), errors.WaitQueueTimeoutError),
        (
            pymongo.errors.ServerSelectionTimeoutError("x"),
            errors.ServerSelectionTimeoutError,
        ),
        (pymongo.errors.InvalidURI("x"), errors.ConfigurationError),
        (pymongo.errors.OperationFailure("x", 18), errors.AuthenticationError),
        (pymongo.errors.OperationFailure("x", 2), errors.ServerError),
        (pymongo.errors.CursorNotFound("x", 43), errors.CursorNotFoundError),
        (
            pymongo.errors.NotPrimaryError("x", {"code": 10107, "errmsg": "x"}),
            errors.NotPrimaryError,
        ),
    ],
)
def test_each_has_its_class(theirs: Exception, ours: type[Exception]) -> None:
    """Every class has one of ours, which tells the same."""
    translated = translate(theirs)

    assert type(translated) is ours
    assert "x" in str(translated)


def test_labels_stay() -> None:
    """Error labels survive the translation."""
    theirs: Any = pymongo.errors.AutoReconnect("x")
    theirs._add_error_label("RetryableWriteError")

    assert translate(theirs).has_error_label("RetryableWriteError")  # type: ignore[attr-defined]


@pytest.mark.parametrize("error", [ValueError("x"), errors.NetworkError("x")])
def test_others_pass(error: Exception) -> None:
    """What isn't PyMongo's, or is ours already, stays the same object."""
    assert translate(error) is error


def test_not_primary_is_both() -> None:
    """Ours is caught by whoever catches any of PyMongo's bases of it."""
    error = errors.from_reply(NOT_PRIMARY)

    assert isinstance(error, pymongo.errors.NotPrimaryError)
    assert isinstance(error, pymongo.errors.AutoReconnect)
    assert isinstance(error, pymongo.errors.OperationFailure)
    assert (error.code, error.code_name) == (10107, "NotWritablePrimary")
    assert error.details == NOT_PRIMARY
    assert error.has_error_label("RetryableWriteError")
    assert not error.timeout


@pytest.mark.parametrize(
    "error",
    [
        errors.from_reply(NOT_PRIMARY),
        errors.from_reply({"ok": 0, "code": 43, "errmsg": "gone"}),
        errors.NetworkTimeoutError("late"),
        errors.WaitQueueTimeoutError("full"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_can_be_pickled(error: Any) -> None:
    """An error that went through pickle is the same to who looks at it."""
    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy)) == (type(error), str(error))
    assert getattr(copy, "code", None) == getattr(error, "code", None)
    assert copy._error_labels == error._error_labels
