"""Which lane, why, and what is refused before anything connects."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.monitoring import CommandListener
from pymongo.server_api import ServerApi

from mongolane.errors import ConfigurationError, MongolaneError
from mongolane.lanes import describe, open_lane
from mongolane.testing import ScriptedServer

from .replies import LANES, OK, PING

URI = "mongodb://localhost:27017/"


class Listener(CommandListener):
    """Listens to nothing in particular."""


NOT_DIRECT: list[tuple[str, dict[str, Any], str]] = [
    ("?loadBalanced=true", {}, "loadBalanced"),
    ("?compressors=zlib", {}, "compressors"),
    ("?timeoutMS=1000", {}, "timeoutMS"),
    ("", {"server_api": ServerApi("1")}, "server_api"),
    ("", {"event_listeners": [Listener()]}, "event_listeners"),
    ("", {"username": "u", "password": "p", "authMechanism": "PLAIN"}, "PLAIN"),
]


def test_direct_where_nothing_speaks_against_it() -> None:
    """An ordinary URI, also with credentials and TLS, gets the direct lane."""
    lanes = [
        open_lane(URI),
        open_lane("mongodb://u:p@localhost/?authMechanism=SCRAM-SHA-1"),
        open_lane("mongodb+srv://u:p@cluster.example.com/app?retryWrites=true"),
        open_lane("mongodb+srv://u:p@cluster.example.com"),
        open_lane(URI, tls=True, maxPoolSize=5),
    ]

    assert [lane.name for lane in lanes] == ["direct"] * 5


@pytest.mark.parametrize(("query", "options", "word"), NOT_DIRECT)
def test_auto_says_why_not_direct(
    query: str, options: dict[str, Any], word: str
) -> None:
    """What the direct lane cannot do goes to PyMongo's, with the reason."""
    lane = open_lane(URI + query, **options)

    assert lane.name == "pymongo"
    assert word in lane.reason


@pytest.mark.parametrize(("query", "options", "word"), NOT_DIRECT)
def test_direct_is_refused_with_the_reason(
    query: str, options: dict[str, Any], word: str
) -> None:
    """Who insists on the direct lane is told what it cannot do."""
    with pytest.raises(ConfigurationError, match=word):
        open_lane(URI + query, "direct", **options)


@pytest.mark.parametrize("name", LANES)
def test_one_line_is_logged(caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Exactly one line names the lane and the reason, and no password."""
    with caplog.at_level(logging.INFO, "mongolane"):
        open_lane("mongodb://user:s3cret@localhost/", name)

    assert [record.message for record in caplog.records] == [
        f"using the {name} lane: asked for"
    ]


@pytest.mark.parametrize(
    ("uri", "options", "said"),
    [
        ("localhost:27017", {}, "mongodb://"),
        ("mongodb://", {}, "connection string"),
        ("http://localhost/", {}, "mongodb://"),
        ("mongodb://localhost:notaport/", {}, "[Pp]ort"),
        ("mongodb://localhost/?maxPoolSise=5", {}, "maxPoolSise"),
        ("mongodb://localhost/?maxPoolSize=many", {}, "maxPoolSize"),
        ("mongodb+srv://a.example.com/?maxPoolSise=5", {}, "maxPoolSise"),
        (URI, {"maxPoolSise": 5}, "maxPoolSise"),
        (URI, {"maxPoolSize": "many"}, "maxPoolSize"),
        (URI, {"minPoolSize": 9, "maxPoolSize": 3}, "minPoolSize"),
        ("mongodb://localhost/?tls=true&tlsCAFile=/no/such", {}, "no/such"),
        ("embedded://folder", {}, "absolute/path"),
        ("embedded:///tmp/x?maxPoolSise=5", {}, "maxPoolSise"),
    ],
)
def test_wrong_uris_and_options_are_named(
    uri: str, options: dict[str, Any], said: str
) -> None:
    """What cannot work is refused at once, by name."""
    with pytest.raises(ConfigurationError, match=said):
        open_lane(uri, **options)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"uri": URI, "lane": "fast"}, "no lane 'fast'"),
        ({}, "give a URI"),
        ({"uri": 5}, "int"),
        ({"client": object()}, "object"),
        ({"uri": URI, "client": object()}, "not both"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], said: str) -> None:
    """Arguments that make no sense are refused with a word of why."""
    with pytest.raises(ConfigurationError, match=said):
        open_lane(**arguments)


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://user:hunter/2pass@localhost/",
        "mongodb://user:hunter:2pass@localhost/",
        "mongodb://user:hunter@2pass@localhost/",
        "mongodb://user:hunter%zz2pass@localhost/",
        "mongodb://user:hunter2pass@localhost:x/",
        "mongodb://user:hunter2pass@localhost/?nonsense=1",
        "mongodb+srv://user:hunter2pass@localhost/",
    ],
)
def test_passwords_are_never_shown(uri: str) -> None:
    """Whatever is wrong with a URI, no piece of its password is in the traceback."""
    chained = None
    try:
        shown = repr(open_lane(uri))
    except MongolaneError as error:
        chained = error.__context__
        lines = traceback.format_exception(error)
        shown = "".join(line for line in lines if "File" not in line)

    assert chained is None
    assert "hunter" not in shown
    assert "2pass" not in shown


async def test_given_client_is_shared_and_left_open() -> None:
    """A lane over an AsyncMongoClient uses that one, and doesn't close it."""
    async with ScriptedServer(users={"user": "pencil"}) as server:
        client: Any = AsyncMongoClient(f"mongodb://user:pencil@{server.address}/")
        lane = open_lane(client=client)
        await lane.run(PING)
        await lane.close()
        answer = await client.admin.command("ping")
        await client.close()

    assert lane.name == "direct"
    assert answer["ok"] == 1.0


async def test_unreadable_client_gets_pymongos_lane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When a client doesn't show its credentials, auto falls back and says why."""
    from pymongo.pool_options import PoolOptions

    monkeypatch.delattr(PoolOptions, "_credentials")
    lane = open_lane(client=AsyncMongoClient(URI))

    assert lane.name == "pymongo"
    assert "credentials" in lane.reason


def test_threads_cannot_share_a_client() -> None:
    """The threads lane needs a URI."""
    with pytest.raises(ConfigurationError, match="threads"):
        open_lane(client=AsyncMongoClient(URI), lane="threads")


async def test_motors_settings_are_taken_over() -> None:
    """A Motor client, or a MongoClient, lends its settings, with a warning."""

    class MotorLike:
        def __init__(self, delegate: Any) -> None:
            self.delegate = delegate

    async with ScriptedServer(users={"user": "pencil"}) as server:
        uri = f"mongodb://user:pencil@{server.address}/"
        blocking: Any = MongoClient(uri, connect=False)
        with pytest.warns(UserWarning, match="MotorLike"):
            lane = open_lane(client=MotorLike(blocking))
        reply = await lane.run(PING)
        await lane.close()
        blocking.close()

    assert lane.name == "direct"
    assert reply.ok


async def test_description_tells_what_was_found() -> None:
    """describe names product, version, topology, servers, lane and reason."""
    build = {"version": "8.0.1", **OK}
    async with ScriptedServer({"buildInfo": build}) as server:
        found = await describe(server.uri)
        address = server.address

    assert (found.product, found.version) == ("MongoDB", "8.0.1")
    assert found.topology == "ReplicaSetWithPrimary"
    assert found.servers == {address: "RSPrimary"}
    assert found.lane == "direct"
    assert found.milliseconds > 0


async def test_control_pool_is_small() -> None:
    """PyMongo's own pool stays small while ours carries the traffic."""
    lane = open_lane(URI, maxPoolSize=50, minPoolSize=5)
    pool = lane.client.options.pool_options

    assert (pool.max_pool_size, pool.min_pool_size) == (10, 0)
    assert lane._options.max_size == 50
