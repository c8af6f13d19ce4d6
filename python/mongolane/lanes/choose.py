"""
The choice of a lane: what the direct lane can do, what was asked for, which it is.

Nothing here connects. What is wrong with a URI or an option is found here, though,
and said with the option's name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pymongo.errors
from pymongo import AsyncMongoClient

from ..errors import ConfigurationError
from ..net import PoolOptions, Target, tls_context
from ..wire import Credential, driver_metadata
from ._home import Home
from ._servers import Address
from ._settings import Settings, read_settings, scrub
from .direct import DirectLane

__all__ = ["open_lane"]

log = logging.getLogger("mongolane")

_CONTROL_POOL = 10
_LANES = ("auto", "direct", "pymongo", "threads")


def open_lane(
    uri: str | None = None,
    lane: str = "auto",
    client: AsyncMongoClient[Any] | None = None,
    **options: Any,
) -> Home:
    """
    Choose a lane to a server. No I/O: the first use, or ``await lane.connect()``, connects.

    Args:
        uri: ``mongodb://``, ``mongodb+srv://`` or ``embedded://``; None with ``client``.
        lane: ``auto``, ``direct``, ``pymongo`` or ``threads``.
        client: an AsyncMongoClient to share instead of making one.
        options: PyMongo's keyword options.

    Raises:
        ConfigurationError: a URI or option that cannot work, or a lane that cannot
            serve it; says why.
    """
    settings = read_settings(uri or "mongodb://localhost:27017/", options)
    return _direct(settings, "asked for")


def _direct(settings: Settings, reason: str) -> DirectLane:
    pool_options, make_target = direct_parts(settings)
    return DirectLane(lambda: make_client(settings), make_target, pool_options, reason)


def make_client(settings: Settings, **more: Any) -> AsyncMongoClient[Any]:
    """PyMongo's client, its pool kept small: our own plane carries the traffic."""
    return AsyncMongoClient(settings.uri, **{**settings.options, **more})


def direct_parts(
    settings: Settings,
) -> tuple[PoolOptions, Callable[[Address], Target]]:
    probe = make_client(settings)
    options = probe.options.pool_options
    pool_options = PoolOptions(
        max_size=options.max_pool_size or float("inf"),
        min_size=options.min_pool_size,
        max_connecting=options.max_connecting,
        max_idle_time=options.max_idle_time_seconds,
        wait_queue_timeout=options.wait_queue_timeout,
        socket_timeout=options.socket_timeout,
    )
    metadata = driver_metadata("0.1.0", options.appname)
    credential = settings.credential
    tls = tls_context(settings.merged)

    def make_target(address: Address) -> Target:
        host, port = address
        return Target(host, port, metadata, credential, tls, options.connect_timeout)

    return pool_options, make_target
