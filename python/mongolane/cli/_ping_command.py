"""``mongolane ping``: what is found at a URI, or what stands in the way."""

from __future__ import annotations

import asyncio
import sys

from ..errors import (
    ConfigurationError,
    MongolaneError,
    NetworkError,
    ServerSelectionTimeoutError,
)
from ..lanes import Finding, describe
from ._text import brief, without_password

__all__ = ["run_ping"]


def run_ping(uri: str, timeout: float) -> int:
    """Look; the exit code."""
    limit = round(timeout * 1000)
    try:
        found = asyncio.run(describe(uri, serverSelectionTimeoutMS=limit))
    except (MongolaneError, OSError) as error:
        print(without_password(_problem(uri, error)), file=sys.stderr)
        return 1
    print(without_password(_told(found)))
    return 0


def _told(found: Finding) -> str:
    servers = ", ".join(f"{host} ({kind})" for host, kind in found.servers.items())
    return "\n".join(
        (
            f"server      {found.product}, version {found.version}",
            f"topology    {found.topology}: {servers}",
            f"lane        {found.lane}: {found.reason}",
            f"round trip  {found.milliseconds:.2f} ms",
        )
    )


def _problem(uri: str, error: Exception) -> str:
    if isinstance(error, ConfigurationError):
        return f"this cannot be used: {error}"
    address = uri.partition("://")[2].rpartition("@")[2].partition("/")[0] or uri
    lost = (ServerSelectionTimeoutError, NetworkError, OSError)
    if isinstance(error, lost):
        return f"no server could be reached at {address}: {brief(error)}"
    return f"the server at {address} refused: {error}"
