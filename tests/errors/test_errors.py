"""Errors: what they say, what they leave out; another process can have them."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

from mongolane import errors
from mongolane.documents.also import also

SECRET = "s3cr3t"
DUPLICATE = {
    "ok": 0.0,
    "code": 11000,
    "codeName": "DuplicateKey",
    "errmsg": "E11000 duplicate key error collection: t.users index: token_1 "
    f'dup key: {{ token: "{SECRET}, a: 1", n: 5 }}',
    "keyPattern": {"token": 1, "n": 1},
    "keyValue": {"token": SECRET, "n": 5},
    "$clusterTime": {"signature": 1},
    "errorLabels": ["RetryableWriteError"],
}


def every_error() -> list[Any]:
    """One instance of each class."""
    made: list[Any] = []
    for name in errors.__all__:
        cls: Any = getattr(errors, name)
        if not inspect.isclass(cls):
            continue
        if cls is errors.DocumentDecodeError:
            error: Any = cls("User", 1, [("a", "no number")], "x")
            error.document = {"_id": 1, "a": "x"}
        elif cls is errors.UnknownFieldError:
            error = cls("User", "nmae", ["name"])
        elif cls is errors.BulkWriteError:
            error = cls({"writeErrors": [{"errmsg": "no"}]})
        elif issubclass(cls, errors.ServerError):
            error = cls("no", 11000, DUPLICATE)
        elif issubclass(cls, errors.FieldError):
            error = cls("must be text", "User", "name", 5)
        elif cls is errors.VersionConflictError:
            error = cls("changed", {"_id": 1})
        else:
            error = cls("no")
        made.append(error)
    duplicate = errors.from_reply(DUPLICATE)
    twice = also(also(duplicate, errors.DocumentInsertError), RuntimeError)
    once = also(duplicate, errors.DocumentInsertError)
    return [*made, duplicate, once, twice]


@pytest.mark.parametrize("error", every_error(), ids=lambda one: type(one).__name__)
def test_another_process_can_have_it(error: Any) -> None:
    """Pickled and copied, it is of the same class, with the same message and facts."""
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_a_duplicate_key_says_which_index_and_not_which_value() -> None:
    """The message names index and keys; the values are in the details alone."""
    error = errors.from_reply(DUPLICATE)
    several = errors.BulkWriteError({"writeErrors": [DUPLICATE]})

    assert isinstance(error, errors.DuplicateKeyError)
    assert error.index == "token_1"
    assert error.key_value == {"token": SECRET, "n": 5}
    for one in (error, several):
        assert str(one).endswith("index: token_1 dup key: { token, n }")
        assert SECRET not in f"{one} {one!r} {one.args}"
        assert "clusterTime" not in str(one)


@pytest.mark.parametrize(
    ("shown", "names"),
    [
        ("{ : null }", "{  }"),
        ("{ a.b: BinData(0, 6869), c: ObjectId('00') }", "{ a.b, c }"),
        (r'{ a: "x\", b: \"y" }', "{ a }"),
        ('{ a: "cut off, b: ', "{ a }"),
        ("{ a: { b: 1, c: 2 } }", "{ a, c }"),
    ],
)
def test_values_of_other_duplicates(shown: str, names: str) -> None:
    """Whatever the value looks like, no part of it is in the message but inner keys."""
    reply = {**DUPLICATE, "errmsg": f"E11000 index: i dup key: {shown}"}

    assert str(errors.from_reply(reply)) == f"E11000 index: i dup key: {names}"


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"code": [1], "errmsg": 5},
        {"code": float("nan")},
        {"code": float("inf")},
        {"code": "11000"},
        {"code": 2**40},
        {"errmsg": None, "errorLabels": 5},
        {"errorLabels": "label"},
        {"errorLabels": [5]},
    ],
)
def test_odd_replies(odd: dict[str, Any]) -> None:
    """A reply that no server should send is an error of the server all the same."""
    assert type(errors.from_reply(odd)) is errors.ServerError
    assert type(errors.from_write_error(odd)) is errors.WriteError


@pytest.mark.parametrize("refused", [None, 5, {"a": 1}, []])
def test_odd_details_of_bulk_writes(refused: Any) -> None:
    """The same for what should be a list of refused writes."""
    text = str(errors.BulkWriteError({"writeErrors": refused}))

    assert text == "some of the writes were refused"


def test_a_code_in_a_double() -> None:
    """A code is one, whichever number type the server chose for it."""
    error = errors.from_reply({**DUPLICATE, "code": 11000.0})

    assert isinstance(error, errors.DuplicateKeyError)
