"""
The first words on a connection: hello, then SCRAM; as steps that someone else runs.

A generator yields what it needs, an ``Ask`` (send this, give me the reply's
document) or a ``Derivation`` (compute this, if you like in a thread), and returns
a ``Greeting``. Specifications: mongodb-handshake, auth.
"""

from __future__ import annotations

import os
import platform
from base64 import b64encode
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..errors import AuthenticationError, ConfigurationError
from .message import MAX_MESSAGE_SIZE
from .scram import DIGESTS, Derivation, Scram

__all__ = [
    "Ask",
    "Credential",
    "Greeting",
    "Steps",
    "driver_metadata",
    "handshake",
]

MAX_METADATA = 512
_ATTEMPTS = 10


class Ask(NamedTuple):
    """A command to send as it is: no session, no cluster time."""

    database: str
    body: dict[str, Any]


Steps = Generator[Ask | Derivation, Any, "Greeting"]


@dataclass(frozen=True, slots=True)
class Credential:
    """
    Who we are. ``mechanism`` None lets the server's list decide.

    Its ``repr`` never shows the password.
    """

    username: str
    password: str = field(repr=False)
    source: str = "admin"
    mechanism: str | None = None


@dataclass(slots=True)
class Greeting:
    """What a server says of itself in its reply to hello."""

    max_document_size: int = 16 * 1024 * 1024
    max_message_size: int = MAX_MESSAGE_SIZE
    max_write_batch_size: int = 100_000
    max_wire_version: int = 0
    session_minutes: int | None = None
    set_name: str | None = None
    is_mongos: bool = False
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_standalone(self) -> bool:
        """Neither a member of a replica set nor a mongos."""
        return self.set_name is None and not self.is_mongos

    @classmethod
    def read(cls, reply: Mapping[str, Any]) -> Greeting:
        """From the reply to hello; what it doesn't say has the protocol's default."""
        known = {
            "max_document_size": reply.get("maxBsonObjectSize"),
            "max_message_size": reply.get("maxMessageSizeBytes"),
            "max_write_batch_size": reply.get("maxWriteBatchSize"),
            "max_wire_version": reply.get("maxWireVersion"),
            "session_minutes": reply.get("logicalSessionTimeoutMinutes"),
            "set_name": reply.get("setName"),
        }
        given = {name: value for name, value in known.items() if value is not None}
        mongos = reply.get("msg") == "isdbgrid"
        return cls(**given, is_mongos=mongos, document=reply)


def driver_metadata(version: str, appname: str | None = None) -> dict[str, Any]:
    """
    Who is calling, for the server's log: at most 512 bytes (mongodb-handshake).

    What doesn't fit is left out in the specification's order: first the details
    of the operating system, then the platform.
    """
    metadata: dict[str, Any] = {}
    if appname:
        metadata["application"] = {"name": appname}
    metadata["driver"] = {"name": "mongolane", "version": version}
    metadata["os"] = {
        "type": platform.system(),
        "architecture": platform.machine(),
        "version": platform.release(),
    }
    metadata["platform"] = (
        f"{platform.python_implementation()} {platform.python_version()}"
    )
    if _size(metadata) > MAX_METADATA:
        metadata["os"] = {"type": platform.system()}
    if _size(metadata) > MAX_METADATA:
        del metadata["platform"]
    return metadata


def _size(document: Mapping[str, Any]) -> int:
    """The BSON length of a document of texts and documents of texts."""
    return 5 + sum(
        2 + len(key.encode())
        + (_size(value) if isinstance(value, Mapping) else 5 + len(value.encode()))
        for key, value in document.items()
    )  # fmt: skip


def handshake(metadata: Mapping[str, Any], credential: Credential | None) -> Steps:
    """
    Greet, and authenticate if there is a credential.

    Raises:
        AuthenticationError: the server refused, or is not whom it pretends to be.
    """
    body: dict[str, Any] = {"ismaster": 1, "helloOk": True, "client": dict(metadata)}
    scram = None
    if credential is not None:
        if credential.mechanism is None:
            body["saslSupportedMechs"] = f"{credential.source}.{credential.username}"
        # Guess that the server takes this mechanism: a right guess saves a round trip.
        scram = _scram(credential, credential.mechanism or "SCRAM-SHA-256")
        start = _sasl_start(scram)
        body["speculativeAuthenticate"] = {**start, "db": credential.source}
    reply = yield Ask("admin", body)
    greeting = Greeting.read(reply)
    if credential is not None and scram is not None:
        yield from _authenticate(credential, scram, reply)
    return greeting


def _authenticate(
    credential: Credential, scram: Scram, hello: Mapping[str, Any]
) -> Generator[Ask | Derivation, Any, None]:
    reply = hello.get("speculativeAuthenticate")
    if reply is None:
        mechanism = credential.mechanism or _choose(hello)
        scram = _scram(credential, mechanism)
        reply = yield Ask(credential.source, _sasl_start(scram))
    salted = yield scram.derivation(bytes(reply["payload"]))
    payload = scram.final(salted)
    verified = False
    for _ in range(_ATTEMPTS):
        reply = yield Ask(
            credential.source,
            {
                "saslContinue": 1,
                "conversationId": reply.get("conversationId", 1),
                "payload": payload,
            },
        )
        if not verified:
            scram.verify(bytes(reply["payload"]))
            verified = True
        if reply.get("done"):
            return
        payload = b""  # a server that doesn't know skipEmptyExchange
    raise AuthenticationError("authentication failed: the server never ended it", 18)


def _choose(hello: Mapping[str, Any]) -> str:
    """The default mechanism: auth specification, "Default Authentication Methods"."""
    mechanisms = hello.get("saslSupportedMechs") or ()
    return "SCRAM-SHA-256" if "SCRAM-SHA-256" in mechanisms else "SCRAM-SHA-1"


def _scram(credential: Credential, mechanism: str) -> Scram:
    if mechanism not in DIGESTS:
        raise ConfigurationError(f"the direct lane does not speak {mechanism}")
    nonce = b64encode(os.urandom(32)).decode()
    return Scram(mechanism, credential.username, credential.password, nonce)


def _sasl_start(scram: Scram) -> dict[str, Any]:
    return {
        "saslStart": 1,
        "mechanism": scram.mechanism,
        "payload": scram.first(),
        "options": {"skipEmptyExchange": True},
    }
