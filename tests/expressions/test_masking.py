"""Secrets in filters and updates are in no repr, warning or message."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import SecretStr

from mongolane import BinaryField, Document, EmbeddedDocument, ListField, Stored, errors

SECRET = "s3cr3t"


class Key(EmbeddedDocument):
    """Holds a secret."""

    name: str = ""
    token: Annotated[SecretStr, Stored(secret="plain")] = SecretStr("")


class Member(Document):
    """Keeps secrets in each way there is."""

    name: str = ""
    password = BinaryField(hash_function=lambda text: b"hash")
    old = ListField(BinaryField(hash_function=lambda text: b"hash"))
    token: Annotated[SecretStr | None, Stored(secret="plain")] = None
    tokens: Annotated[tuple[SecretStr, ...], Stored(secret="plain")] = ()
    key: Key | None = None
    keys: tuple[Key, ...] = ()
    by_name: dict[str, Key] | None = None


ASKS: list[Any] = [
    lambda: Member.find({"password": SECRET}),
    lambda: Member.find({"$or": [{"password": SECRET}, {"name": "a"}]}),
    lambda: Member.find({"old": SECRET}),
    lambda: Member.find({"token": SECRET}),
    lambda: Member.find({"token": {"$in": [SECRET]}}),
    lambda: Member.find({"tokens": [SECRET]}),
    lambda: Member.find({"key": {"token": SECRET}}),
    lambda: Member.find({"key.token": SECRET}),
    lambda: Member.find({"keys": {"$elemMatch": {"token": SECRET}}}),
    lambda: Member.find({"by_name.a.token": SECRET}),
    lambda: Member.find((Member.name == "a") & {"token": SECRET}),  # type: ignore[operator]
    lambda: Member.find(~(Member.path("name") == "a") | {"token": SECRET}),
    lambda: Member.find(Member.path("password") == SECRET),
    lambda: Member.find(Member.path("token") == SECRET),
    lambda: Member.find(Member.path("token").in_([SECRET])),
    lambda: Member.find_one({"token": SECRET}),
]


@pytest.mark.parametrize("ask", ASKS)
def test_queries_show_no_secrets(ask: Any) -> None:
    """A query's repr, and the warning that it was not awaited, have a mask instead."""
    query = ask()

    assert "**********" in repr(query)
    assert SECRET not in repr(query)
    with pytest.warns(RuntimeWarning, match="never awaited") as warned:
        query.__del__()
    query._used = True
    assert SECRET not in str(warned[0].message)


@pytest.mark.parametrize("name", ["password", "token", "tokens", "key"])
def test_expressions_show_no_secrets(name: str) -> None:
    """The repr of a condition or a change has a mask instead."""
    path: Any = Member.path(name)
    value: Any = {"token": SECRET} if name == "key" else SECRET

    for made in (path == value, path.in_([value]), path.elem_match({"token": SECRET})):
        assert "**********" in repr(made)
        assert SECRET not in repr(made)
    if name != "tokens":
        assert SECRET not in repr(path.set(value))


def test_other_values_are_shown() -> None:
    """A value beside a secret is as it was given."""
    query = Member.find({"name": "Ann", "token": SECRET, "unknown.x": 1})
    text = repr(query)
    query._used = True

    assert "'name': 'Ann'" in text
    assert "'unknown.x': 1" in text


WRONG: list[Any] = [
    lambda: Member.find({"password": {"$in": SECRET}}).command(),
    lambda: Member.find({"token": {"$in": SECRET}}).command(),
    lambda: Member.find({"token": {"a": SECRET}}).command(),
    lambda: Member.find({"token": [SECRET]}).command(),
    lambda: Member.find().update({"$inc": {"password": SECRET}}),
    lambda: Member.find().update({"$set": {"token": [SECRET]}}),
    lambda: Member.path("token").set({"a": SECRET}),
]


@pytest.mark.parametrize("ask", WRONG)
def test_refused_secrets(ask: Any) -> None:
    """What is no secret of its type is refused, and not quoted, nor in any cause."""
    with pytest.raises(errors.QueryError) as caught:
        ask()

    error: BaseException | None = caught.value
    while error is not None:
        assert SECRET not in f"{error!r} {vars(error)!r}"
        error = error.__cause__ or error.__context__
