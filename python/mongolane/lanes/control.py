"""
The control plane: which servers there are, and which one a command goes to.

PyMongo's ``AsyncMongoClient`` watches the servers (SRV, monitoring, elections); this
module reads its ``topology_description``, an immutable object that is replaced when
something changes. So a routing decision holds as long as the description is the same
object, and a request costs one property and one comparison.

Nothing public lets us report an error to PyMongo's monitors. A server that gave one
is kept as suspect until the next description: others are preferred to it. After "not
primary" it is *deposed*: a request waits a moment for the news of the election.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

import pymongo.errors
from pymongo import AsyncMongoClient
from pymongo.read_preferences import Primary
from pymongo.topology_description import TopologyDescription

from .. import commands
from ..abc import Command
from ..errors import ServerSelectionTimeoutError
from ..net import Pool
from ._servers import Address, Server, ServerLimits
from ._translate import translate

__all__ = ["Control"]

_PRIMARY = Primary()
_WRITE = commands.Command("admin", {"ping": 1}, is_write=True)
_PATIENCE = 1.0
"""Seconds to wait for news of an election: twice minHeartbeatFrequencyMS."""


class Control:
    """
    Routes commands by the client's description of the topology.

    Args:
        client: PyMongo's client, on the running event loop.
        make_pool: makes a pool for an address.
    """

    client: AsyncMongoClient[Any]

    def __init__(
        self, client: AsyncMongoClient[Any], make_pool: Callable[[Address], Pool]
    ) -> None:
        self.client, self._make_pool = client, make_pool
        self.servers: dict[Address, Server] = {}
        self._seen: TopologyDescription | None = None
        self._preference = client.options.read_preference
        self._selector = client.options.server_selector
        self._writers: list[Server] = []
        self._readers: list[Server] = []
        self._others: dict[int, tuple[Any, list[Server]]] = {}

    # -- the path of each request -------------------------------------------------

    def route(self, command: Command) -> Server | None:
        """The server for a command, at once; None when there is none (``select``)."""
        description = self.client.topology_description
        if description is not self._seen:
            self._look(description)
        if command.is_write:
            servers = self._writers
        elif command.read_preference is None:
            servers = self._readers
        else:
            servers = self._suitable(command.read_preference)
        if len(servers) == 1 and not servers[0].is_suspect:
            return servers[0]
        return self._choose(servers)

    def _choose(self, servers: list[Server]) -> Server | None:
        """
        Two at random, the one with fewer requests in flight.

        Specification: server-selection, "Selecting within the latency window".
        """
        trusted = [server for server in servers if not server.is_suspect]
        trusted = trusted or [server for server in servers if not server.is_deposed]
        if len(trusted) < 2:
            return trusted[0] if trusted else None
        one, two = random.sample(trusted, 2)
        return one if one.pool.load <= two.pool.load else two

    def _suitable(self, preference: Any) -> list[Server]:
        known = self._others.get(id(preference))
        if known is not None:
            return known[1]
        servers = self._apply(preference)
        if len(self._others) < 64:
            self._others[id(preference)] = (preference, servers)
        return servers

    def _apply(self, preference: Any) -> list[Server]:
        assert self._seen is not None
        chosen = self._seen.apply_selector(preference, custom_selector=self._selector)
        return [self.servers[found.address] for found in chosen]

    def _look(self, description: TopologyDescription) -> None:
        """Take in a new description."""
        self._seen = description
        found = description.server_descriptions()
        single = description.topology_type_name == "Single"
        for address, server_description in found.items():
            server = self.servers.get(address)
            if server is None:
                server = Server(address, self._make_pool(address))
                self.servers[address] = server
            server.update(server_description, single=single, default=self._preference)
        for address in self.servers.keys() - found.keys():
            self.servers.pop(address).pool.close()
        self._others.clear()
        self._writers = self._apply(_PRIMARY)
        self._readers = self._apply(self._preference)

    # -- when no server is at hand --------------------------------------------------

    async def select(self, command: Command) -> Server:
        """
        Wait until there is a server for a command.

        Raises:
            ServerSelectionTimeoutError: none within ``serverSelectionTimeoutMS``; the
                message names every address and what is wrong with it.
        """
        if self._suspects(command):
            return await self._outwait(command)
        kick = asyncio.create_task(self._kick(command))
        # Its outcome may come when nobody asks any more.
        kick.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            return await self._poll(command, kick)
        finally:
            kick.cancel()

    def _suspects(self, command: Command) -> list[Server]:
        """Servers that would do but for an error they gave."""
        preference = _PRIMARY if command.is_write else command.read_preference
        return self._apply(preference or self._preference)

    async def _outwait(self, command: Command) -> Server:
        """A new description, or the end of our patience, ends a suspicion."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE
        self._hurry()
        while loop.time() < end:
            await asyncio.sleep(0.01)
            server = self.route(command)
            if server is not None:
                return server
        for server in self._suspects(command):
            server.is_deposed = False
        return self.route(command) or await self.select(command)

    def _hurry(self) -> None:
        """
        Wake PyMongo's monitors, if this version lets us.

        A streaming monitor hears of an election by itself; one that polls would look
        again after heartbeatFrequencyMS only.
        """
        topology: Any = getattr(self.client, "_topology", None)
        with contextlib.suppress(Exception):
            topology._request_check_all()

    async def _poll(self, command: Command, kick: asyncio.Task[None]) -> Server:
        pause = 0.001
        while True:
            server = self.route(command)
            if server is not None:
                return server
            if kick.done():
                kick.result()  # raises
            await asyncio.wait((kick,), timeout=pause)
            pause = min(pause * 2, 0.05)

    async def _kick(self, command: Command) -> None:
        """
        Have PyMongo look for servers now, and know when to give up.

        ``address`` selects a writable server without opening a connection, which makes
        every monitor look at once. (A cancelled ping would leak PyMongo's socket.)
        """
        limit = self.client.options.server_selection_timeout
        end = asyncio.get_running_loop().time() + limit
        try:
            # InvalidOperation means several mongos: they are known, then.
            with contextlib.suppress(pymongo.errors.InvalidOperation):
                await self.client.address
        except pymongo.errors.PyMongoError as error:
            raise translate(error) from None
        await asyncio.sleep(end - asyncio.get_running_loop().time())
        preference = None if command.is_write else command.read_preference
        raise ServerSelectionTimeoutError(
            f"no server for {preference or self._preference} within {limit:g} s:"
            f" {self.client.topology_description!r}"
        )

    # -- the rest ---------------------------------------------------------------------

    def suspect(self, server: Server, *, is_deposed: bool = False) -> None:
        """
        An error came from this server; others are preferred for now.

        Args:
            server: the one.
            is_deposed: it said that it isn't the primary; better wait for the news.
        """
        server.is_suspect = True
        server.is_deposed = server.is_deposed or is_deposed

    async def limits(self) -> ServerLimits:
        """The limits of the server that takes the writes."""
        server = self.route(_WRITE) or await self.select(_WRITE)
        return server.limits

    async def close(self) -> None:
        """Close every pool."""
        pools = [server.pool for server in self.servers.values()]
        for pool in pools:
            pool.close()
        for pool in pools:
            await pool.wait_closed()
