"""
The choice of a lane: what the direct lane can do, what was asked for, which it is.

Nothing here connects. What is wrong with a URI or an option is found here, though,
and said with the option's name.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import pymongo.errors
from pymongo import AsyncMongoClient, MongoClient
from pymongo.monitoring import CommandListener

from ..errors import ConfigurationError
from ..wire.scram import DIGESTS
from ._access import FromClient, FromUri, UnreadableClientError
from ._home import Home
from ._settings import Settings, read_settings, scrub
from .direct import DirectLane
from .embedded import SCHEME, EmbeddedServer
from .pymongo import PyMongoLane
from .threads import ThreadsLane

__all__ = ["choose_by_uri", "open_lane"]

T = TypeVar("T")

log: logging.Logger = logging.getLogger("mongolane")

_LANES = ("auto", "direct", "pymongo", "threads")

_MECHANISMS = {None, *DIGESTS}
_SIZES = {"minpoolsize", "maxpoolsize"}

_CONTROL_POOL = 10
"""Most connections of PyMongo's pool when our own plane carries the traffic."""


def open_lane(
    uri: str | None = None,
    lane: str = "auto",
    client: Any = None,
    **options: Any,
) -> Home:
    """
    Choose a lane to a server. No I/O: the first use connects.

    Args:
        uri: ``mongodb://``, ``mongodb+srv://`` or ``embedded://``.
        lane: ``auto``, ``direct``, ``pymongo`` or ``threads``.
        client: an ``AsyncMongoClient`` to share, instead of a URI.
        options: PyMongo's keyword options; they win over the URI's.

    Raises:
        ConfigurationError: a URI or an option that cannot work, or a lane that cannot
            serve it; says why.
    """
    if lane not in _LANES:
        raise ConfigurationError(
            f"there is no lane {lane!r}; there are {', '.join(_LANES)}"
        )
    if client is not None:
        if uri is not None or options:
            raise ConfigurationError("give a client, or a URI with options, not both")
        chosen = _by_client(client, lane)
    elif uri is None:
        raise ConfigurationError("give a URI, for example mongodb://localhost:27017/")
    else:
        chosen, _ = choose_by_uri(uri, lane, options)
    log.info("using the %s lane: %s", chosen.name, chosen.reason)
    return chosen


# -- by URI ----------------------------------------------------------------------------


def choose_by_uri(
    uri: str, lane: str, options: dict[str, Any]
) -> tuple[Home, Settings]:
    """The lane for a URI, without the log line, and what the URI says."""
    if not isinstance(uri, str):
        raise ConfigurationError(f"the URI is a {type(uri).__name__}, not text")
    embedded = EmbeddedServer(uri) if uri.startswith(SCHEME) else None
    checked = embedded.placeholder if embedded else uri
    settings = read_settings(checked, options)
    probe = _client(AsyncMongoClient, checked, options)
    name, reason = _decide(lane, why_not_direct(probe, settings.mechanism))
    chosen = _make(
        name, reason, embedded.uri if embedded else lambda: uri, probe, settings
    )
    if embedded:
        chosen.on_close(embedded.release)
    return chosen, settings


def _make(
    name: str,
    reason: str,
    place: Callable[[], str],
    probe: AsyncMongoClient[Any],
    settings: Settings,
) -> Home:
    options = settings.options

    def make_client() -> AsyncMongoClient[Any]:
        return _client(AsyncMongoClient, place(), options)

    def make_sync_client() -> MongoClient[Any]:
        return _client(MongoClient, place(), options)

    def make_control() -> AsyncMongoClient[Any]:
        most = min(probe.options.pool_options.max_pool_size, _CONTROL_POOL)
        less = {k: v for k, v in options.items() if k.lower() not in _SIZES}
        return _client(
            AsyncMongoClient, place(), {**less, "minPoolSize": 0, "maxPoolSize": most}
        )

    if name == "threads":
        return ThreadsLane(make_client, make_sync_client, reason)
    if name == "pymongo":
        return PyMongoLane(make_client, reason)
    return DirectLane(make_control, FromUri(settings), probe.options, reason)


def _client(kind: Callable[..., T], uri: str, options: dict[str, Any]) -> T:
    """One of PyMongo's clients; its complaints as ours, without any secret."""
    try:
        return kind(uri, **options)
    except (pymongo.errors.PyMongoError, ValueError, TypeError, OSError) as error:
        # Raised outside of this block: a chained error could show the URI.
        problem = scrub(str(error), uri)
    password = options.get("password")
    if password:
        problem = problem.replace(str(password), "***")
    raise ConfigurationError(f"the connection cannot be set up: {problem}")


# -- by client -------------------------------------------------------------------------


def _by_client(client: Any, lane: str) -> Home:
    """The lane over a client that somebody else made, and will close."""
    if not isinstance(client, AsyncMongoClient):
        return _by_other_client(client, lane)
    access, problem = _readable(client)
    name, reason = _decide(lane, problem)
    if name == "threads":
        raise ConfigurationError(
            "the threads lane cannot share an AsyncMongoClient; give it a URI"
        )
    if name == "pymongo" or access is None:
        return PyMongoLane(lambda: client, reason, owns_client=False)
    return DirectLane(lambda: client, access, client.options, reason, owns_client=False)


def _by_other_client(client: Any, lane: str) -> Home:
    """A lane with the same settings as a Motor client or a ``MongoClient``."""
    blocking = getattr(client, "delegate", client)
    kept = getattr(blocking, "_init_kwargs", None)
    if not isinstance(blocking, MongoClient) or not isinstance(kept, dict):
        raise ConfigurationError(
            f"client= takes an AsyncMongoClient, not {type(client).__name__}"
        )
    warnings.warn(
        f"{type(client).__name__} is not an AsyncMongoClient: its settings are used,"
        " but its connections aren't shared",
        stacklevel=4,
    )
    given = {key: value for key, value in kept.items() if value is not None}
    for key in ("connect", "_pool_class", "_monitor_class", "_condition_class"):
        given.pop(key, None)

    def make_client() -> AsyncMongoClient[Any]:
        return AsyncMongoClient(**given)

    probe = make_client()
    access, problem = _readable(probe)
    name, reason = _decide(lane, problem)
    if name == "threads":
        return ThreadsLane(make_client, lambda: MongoClient(**given), reason)
    if name == "pymongo" or access is None:
        return PyMongoLane(make_client, reason)
    return DirectLane(make_client, access, probe.options, reason)


def _readable(client: AsyncMongoClient[Any]) -> tuple[FromClient | None, str | None]:
    """What the direct lane must know of a client, or why it cannot serve it."""
    try:
        access = FromClient(client)
    except UnreadableClientError:
        return None, "this version of PyMongo doesn't show the client's credentials"
    return access, why_not_direct(client, access.mechanism)


# -- the decision ----------------------------------------------------------------------


def _decide(lane: str, problem: str | None) -> tuple[str, str]:
    """Name and reason; the direct lane wherever it can serve."""
    if lane == "auto":
        if problem is None:
            return "direct", "chosen because nothing speaks against it"
        return "pymongo", f"chosen because {problem}"
    if lane == "direct" and problem is not None:
        raise ConfigurationError(f'lane="direct" cannot serve this: {problem}')
    return lane, "asked for"


def why_not_direct(client: AsyncMongoClient[Any], mechanism: str | None) -> str | None:
    """What the direct lane lacks for a client's options; None when nothing."""
    options, pool = client.options, client.options.pool_options
    compression = getattr(pool, "_compression_settings", None)
    listeners = [
        listener
        for listener in options.event_listeners
        if isinstance(listener, CommandListener)
    ]
    lacks = {
        "it doesn't serve load balancers (loadBalanced)": options.load_balanced,
        "it doesn't encrypt (auto_encryption_opts)": options.auto_encryption_opts,
        "it doesn't declare an API version (server_api)": pool.server_api,
        "it doesn't compress (compressors)": compression and compression.compressors,
        "it doesn't keep to timeoutMS": options.timeout is not None,
        "it doesn't tell command listeners (event_listeners)": listeners,
        f"it doesn't authenticate by {mechanism}": mechanism not in _MECHANISMS,
    }
    return next((lack for lack, is_asked in lacks.items() if is_asked), None)
