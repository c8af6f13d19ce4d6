"""What is at a URI: for ``mongolane ping`` and for people who ask why."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ..commands import Command
from .choose import choose_by_uri

__all__ = ["Finding", "describe"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A server, as it was found.

    Attributes:
        product: ``MongoDB``, or the name of what speaks its protocol.
        version: as the server says.
        topology: ``Single``, ``ReplicaSetWithPrimary``, ``Sharded``, ...
        servers: addresses and what each one is.
        lane: the lane that would be used.
        reason: why that one.
        milliseconds: the time of one ping on an open connection.
    """

    product: str
    version: str
    topology: str
    servers: dict[str, str] = field(default_factory=dict)
    lane: str = ""
    reason: str = ""
    milliseconds: float = 0.0


async def describe(uri: str, lane: str = "auto", **options: Any) -> Finding:
    """
    Connect, look, and leave again.

    Raises:
        ServerSelectionTimeoutError: nothing answers; names the addresses.
        ConfigurationError: the URI or an option cannot work.
    """
    chosen, _ = choose_by_uri(uri, lane, options)
    try:
        build = (await chosen.run(Command("admin", {"buildInfo": 1}))).document()
        begin = time.perf_counter()
        await chosen.run(Command("admin", {"ping": 1}))
        elapsed = (time.perf_counter() - begin) * 1000
        client = chosen.client
        await client.aconnect()
        if chosen.name == "threads":
            await client.admin.command("ping")
        topology = client.topology_description
        return Finding(
            product=_product(build),
            version=str(build.get("version", "unknown")),
            topology=topology.topology_type_name,
            servers={
                _text(address): server.server_type_name
                for address, server in topology.server_descriptions().items()
            },
            lane=chosen.name,
            reason=chosen.reason,
            milliseconds=elapsed,
        )
    finally:
        await chosen.close()


def _text(address: tuple[str, int | None]) -> str:
    host, port = address
    return host if port is None else f"{host}:{port}"


def _product(build: dict[str, Any]) -> str:
    if "ferretdb" in build:
        return "FerretDB"
    if build.get("gitVersion") == "mongolane":
        return "mongolane's embedded engine"
    return "MongoDB"
