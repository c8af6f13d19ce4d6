"""What a lane keeps of one server."""

from __future__ import annotations

from pymongo import ReadPreference
from pymongo.server_description import ServerDescription

from mongolane.lanes._servers import Server
from mongolane.net import Pool, PoolOptions

ADDRESS = ("127.0.0.1", 1)


async def never() -> object:
    raise AssertionError("nobody connects here")


async def test_only_its_own_news_clears_a_server() -> None:
    """A suspicion outlives news of other members, and ends with the server's own."""
    server = Server(ADDRESS, Pool("a", never, PoolOptions()))  # type: ignore[arg-type]
    first, second = ServerDescription(ADDRESS), ServerDescription(ADDRESS)
    server.update(first, single=False, default=ReadPreference.PRIMARY)
    server.is_suspect = server.is_deposed = True

    server.update(first, single=False, default=ReadPreference.PRIMARY)
    assert (server.is_suspect, server.is_deposed) == (True, True)

    server.update(second, single=False, default=ReadPreference.PRIMARY)
    assert (server.is_suspect, server.is_deposed) == (False, False)
