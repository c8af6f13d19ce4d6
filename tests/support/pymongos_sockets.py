"""
PyMongo's sockets close themselves.

What is cancelled while PyMongo connects (a request, or the monitor of a client that is
closed) leaves its socket to the collector, for ``pool_shared._async_create_connection``
closes it after other errors only. Python says so in whatever test runs by then.
"""

from __future__ import annotations

import socket
import types
from collections.abc import Iterator

import pymongo.pool_shared
import pytest


class Closing(socket.socket):
    """
    One that nobody has to close.
    """

    def __del__(self) -> None:
        self.close()


@pytest.fixture(scope="session", autouse=True)
def closing_sockets() -> Iterator[None]:
    """
    PyMongo makes such sockets, and nobody else.
    """
    made = types.SimpleNamespace(**{**vars(socket), "socket": Closing})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pymongo.pool_shared, "socket", made)
        yield
