"""One server as the direct lane sees it: its description, its pool, its standing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymongo.server_description import ServerDescription

from .. import codec
from ..net import Pool

__all__ = ["Server", "ServerLimits", "limits_of"]

Address = tuple[str, int | None]
_MEMBERS = frozenset({"RSPrimary", "RSSecondary", "RSOther", "RSArbiter", "RSGhost"})


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What a server says of itself in hello; sizes in bytes."""

    max_document_size: int = 16 * 1024 * 1024
    max_message_size: int = 48_000_000
    max_write_batch_size: int = 100_000


def limits_of(description: ServerDescription) -> ServerLimits:
    """The limits that a server's last hello told."""
    return ServerLimits(
        description.max_bson_size,
        description.max_message_size,
        description.max_write_batch_size,
    )


class Server:
    """
    A server's address and pool, and what the newest description says of it.

    Attributes:
        has_sessions: whether commands carry an ``lsid``.
        retries_writes: whether it understands ``txnNumber``.
        read_element: ``$readPreference`` for a read with the client's own preference.
        limits: sizes that its last hello told.
        read_tails: what commands that read by the client's own preference end with, by
            database; kept here by the lane.
        is_suspect: an error came from it since the last description.
        is_deposed: that error was "not primary".
    """

    __slots__ = (
        "_preferences",
        "_single",
        "address",
        "description",
        "has_sessions",
        "is_deposed",
        "is_suspect",
        "limits",
        "pool",
        "read_element",
        "read_tails",
        "retries_writes",
    )

    address: Address
    pool: Pool
    is_suspect: bool
    is_deposed: bool
    description: ServerDescription

    def __init__(self, address: Address, pool: Pool) -> None:
        self.address, self.pool = address, pool
        self.description = ServerDescription(address)
        self.has_sessions: bool = False
        self.retries_writes: bool = False
        self.is_suspect = self.is_deposed = False
        self.read_element: bytes = b""
        self.read_tails: dict[str, bytes] = {}
        self.limits: ServerLimits = ServerLimits()
        self._single = False
        self._preferences: dict[int, tuple[Any, bytes]] = {}

    def __repr__(self) -> str:
        return f"<Server {self.pool.address} {self.description.server_type_name}>"

    def update(
        self, description: ServerDescription, *, single: bool, default: Any
    ) -> None:
        """A newer description has come."""
        if self.description.is_server_type_known and description.error is not None:
            self.pool.clear()
        if description is not self.description:
            # News of another member is no news of this one.
            self.is_suspect = self.is_deposed = False
        self.description, self._single = description, single
        self.limits = limits_of(description)
        self.has_sessions = description.logical_session_timeout_minutes is not None
        self.retries_writes = bool(description.retryable_writes_supported)
        self._preferences.clear()
        self.read_tails.clear()
        self.read_element = self.preference_element(default)

    def preference_element(self, preference: Any) -> bytes:
        """
        ``$readPreference`` as a BSON element, empty where none may be sent.

        Specification: server-selection, "Passing read preference to mongos and
        load balancers" and "Topology type: Single".
        """
        known = self._preferences.get(id(preference))
        if known is not None:
            return known[1]
        document = self._preference_document(preference)
        element = b""
        if document is not None:
            element = b"\x03$readPreference\0" + codec.encode(document)
        if len(self._preferences) < 64:
            # The preference itself is kept, so that its id stays its own.
            self._preferences[id(preference)] = (preference, element)
        return element

    def _preference_document(self, preference: Any) -> dict[str, Any] | None:
        kind = self.description.server_type_name
        document: dict[str, Any] = preference.document
        is_primary = document["mode"] == "primary"
        if kind == "Mongos":
            return None if is_primary else document
        if kind not in _MEMBERS:
            return None
        if self._single and is_primary:
            return {"mode": "primaryPreferred"}
        return None if is_primary else document
