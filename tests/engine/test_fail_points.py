"""Failures on demand."""

import contextlib
import time

import pymongo.errors
import pytest


@contextlib.contextmanager
def failing(client, mode, **data):
    client.admin.command("configureFailPoint", "failCommand", mode=mode, data=data)
    try:
        yield
    finally:
        client.admin.command("configureFailPoint", "failCommand", mode="off")


def test_an_error_for_some_times(things, client):
    """A command fails as often as it was told to, and with its labels."""
    with failing(
        client,
        {"times": 2},
        failCommands=["ping"],
        errorCode=8,
        errorLabels=["A", "B"],
    ):
        for _ in range(2):
            with pytest.raises(pymongo.errors.OperationFailure) as caught:
                client.admin.command("ping")
            assert 8 == caught.value.code
            assert caught.value.has_error_label("B")
        client.admin.command("ping")


def test_a_write_is_tried_again(things, client):
    """A retryable error has the label that makes drivers try again."""
    with failing(client, {"times": 1}, failCommands=["insert"], errorCode=189):
        things.insert_one({"_id": 1})

    assert 1 == things.count_documents({})


def test_the_connection_is_closed(things, client):
    """A command can be left without an answer, and is tried again."""
    with failing(client, {"times": 1}, failCommands=["find"], closeConnection=True):
        assert things.find_one() is None


def test_skipping_comes_first(client):
    """The first calls can be spared."""
    with failing(client, {"skip": 1}, failCommands=["ping"], errorCode=8):
        client.admin.command("ping")
        with pytest.raises(pymongo.errors.OperationFailure):
            client.admin.command("ping")


def test_a_command_is_blocked(client):
    """A command can be made to wait."""
    with failing(
        client,
        {"times": 1},
        failCommands=["ping"],
        blockConnection=True,
        blockTimeMS=200,
    ):
        start = time.monotonic()
        client.admin.command("ping")

    assert time.monotonic() - start >= 0.2


def test_only_the_named_application(client, engine):
    """A fail point for one application spares the others."""
    with (
        engine.client(appName="victim") as victim,
        failing(
            client, "alwaysOn", failCommands=["ping"], errorCode=8, appName="victim"
        ),
    ):
        client.admin.command("ping")
        with pytest.raises(pymongo.errors.OperationFailure):
            victim.admin.command("ping")


def test_a_write_concern_error_beside_the_result(things, client):
    """A write can be done and still be reported as not replicated."""
    with (
        failing(
            client,
            {"times": 1},
            failCommands=["insert"],
            writeConcernError={"code": 64, "errmsg": "late"},
        ),
        pytest.raises(pymongo.errors.WriteConcernError),
    ):
        things.insert_one({"_id": 1})

    assert 1 == things.count_documents({})


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("foo", {}, 15852), ("failCommand", {"foo": 1}, 9)],
    ids=str,
)
def test_an_unknown_fail_point_is_refused(client, name, data, code):
    """A fail point that the engine doesn't have is refused."""
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        client.admin.command("configureFailPoint", name, mode="alwaysOn", data=data)

    assert code == caught.value.code


@pytest.mark.parametrize("data", [{}, {"failBeforeCommitExceptionCode": 1}], ids=str)
def test_a_lost_answer_is_not_done_twice(things, client, data):
    """A retryable write whose answer is lost is done once, before or after the loss."""
    name = "onPrimaryTransactionalWrite"
    things.insert_one({"_id": 1, "n": 0})
    client.admin.command("configureFailPoint", name, mode={"times": 1}, data=data)
    things.update_one({}, {"$inc": {"n": 1}})

    assert {"_id": 1, "n": 1} == things.find_one()
