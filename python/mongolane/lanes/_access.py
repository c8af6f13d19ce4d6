"""
The two things about a connection that PyMongo keeps private: credentials and TLS.

From a URI they are read again by public means (``FromUri``). Of a client that
somebody else made they can only be read from private attributes; that is guarded,
and where it fails, the direct lane isn't possible.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Protocol

from ..net import tls_context
from ..wire import Credential
from ._settings import Settings, read_settings

__all__ = ["Access", "FromClient", "FromUri", "UnreadableClientError"]


class Access(Protocol):
    """Who we are, and by which TLS."""

    async def read(self) -> tuple[Credential | None, ssl.SSLContext | None]:
        """Called once, when the client has connected."""


class FromUri:
    """By parsing the URI; a ``mongodb+srv://`` one with what DNS adds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def read(self) -> tuple[Credential | None, ssl.SSLContext | None]:
        return await asyncio.to_thread(self._read)

    def _read(self) -> tuple[Credential | None, ssl.SSLContext | None]:
        settings = self._settings
        if settings.is_srv:
            settings = read_settings(settings.uri, settings.options, resolve=True)
        return settings.credential, tls_context(settings.merged)


class UnreadableClientError(Exception):
    """A client that doesn't show what is needed; not for users."""


class FromClient:
    """
    From a live client's private attributes.

    Raises:
        UnreadableClientError: this version of PyMongo keeps them elsewhere.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._look()

    @property
    def mechanism(self) -> str | None:
        """The authentication mechanism, None for the default or for nobody."""
        found = self._look()[0]
        return None if found is None or found[0] == "DEFAULT" else str(found[0])

    def _look(self) -> tuple[Any, Any]:
        options = self._client.options.pool_options
        try:
            return options._credentials, options._ssl_context
        except AttributeError:
            raise UnreadableClientError from None

    async def read(self) -> tuple[Credential | None, ssl.SSLContext | None]:
        found, context = self._look()
        if found is None:
            return None, context
        source = found.source or "admin"
        password = found.password or ""
        return Credential(found.username, password, source, self.mechanism), context
