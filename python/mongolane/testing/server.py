"""
A server whose answers a test writes down, made of ``wire``'s other role.

    async with ScriptedServer({"find": {"cursor": {...}, "ok": 1.0}}) as server:
        lane = open_lane(server.uri)

An answer is a document, a function of the command that gives one, an ``Action``, or
a list of any of these: then the first is for the first such command, and so on, and the
last one stays.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bson

from ..errors import ProtocolError
from ..wire import MORE_TO_COME, Message, ServerConversation
from ._scram import ITERATIONS, ScramServer

__all__ = [
    "Action",
    "Answer",
    "Close",
    "Cut",
    "Delay",
    "Hang",
    "Raw",
    "Received",
    "ScriptedServer",
]


class Action:
    """Something other than a plain answer."""


@dataclass(frozen=True)
class Close(Action):
    """Close the connection without an answer."""


@dataclass(frozen=True)
class Hang(Action):
    """Never answer."""


@dataclass(frozen=True)
class Cut(Action):
    """Send the first ``size`` bytes of the answer, then close."""

    size: int
    document: Mapping[str, Any] = field(default_factory=lambda: {"ok": 1.0})


@dataclass(frozen=True)
class Raw(Action):
    """Send what ``make`` makes of the request and the right answer's bytes."""

    make: Callable[[Message, bytes], bytes]
    document: Mapping[str, Any] = field(default_factory=lambda: {"ok": 1.0})


@dataclass(frozen=True)
class Delay(Action):
    """Answer after ``seconds``."""

    seconds: float
    document: Mapping[str, Any] = field(default_factory=lambda: {"ok": 1.0})


Answer = (
    Mapping[str, Any] | Callable[[dict[str, Any]], Any] | Action | Iterable["Answer"]
)


@dataclass(frozen=True)
class Received:
    """A command as it arrived: document sequences are put into ``body``."""

    name: str
    body: dict[str, Any]
    connection: int
    flags: int = 0


HELLO: dict[str, Any] = {
    "helloOk": True,
    "isWritablePrimary": True,
    "ismaster": True,
    "setName": "scripted",
    "maxBsonObjectSize": 16 * 1024 * 1024,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "logicalSessionTimeoutMinutes": 30,
    "minWireVersion": 0,
    "maxWireVersion": 25,
    "ok": 1.0,
}


class ScriptedServer:
    """
    Listens on a loopback port of the running event loop.

    Args:
        script: answers by command name. ``hello``, ``ping``, ``endSessions`` and
            authentication are answered when the script doesn't.
        hello: changes to what hello answers; a value None takes a key out.
        users: passwords by user name; None: nobody need authenticate.
        mechanisms: what the server takes.
        tls: the server's context.
        speculative: whether hello answers ``speculativeAuthenticate``.
        iterations: SCRAM's iteration count.
        forge: answer SCRAM with a wrong signature.

    Attributes:
        received: every command but hello, in order.
        hellos: every hello, in order.
        connections: how many were accepted.
        open: how many are open now.
    """

    users: Mapping[str, str] | None
    mechanisms: tuple[str, ...]
    speculative: bool
    iterations: int
    forge: bool

    def __init__(
        self,
        script: Mapping[str, Answer] | None = None,
        *,
        hello: Mapping[str, Any] | None = None,
        users: Mapping[str, str] | None = None,
        mechanisms: tuple[str, ...] = ("SCRAM-SHA-1", "SCRAM-SHA-256"),
        tls: ssl.SSLContext | None = None,
        speculative: bool = True,
        iterations: int = ITERATIONS,
        forge: bool = False,
        replica_set: bool = True,
    ) -> None:
        self.script: dict[str, Answer] = dict(script or {})
        self._changes = dict(hello or {})
        self.users, self.mechanisms = users, mechanisms
        self.speculative, self.iterations, self.forge = speculative, iterations, forge
        self._tls, self._replica_set = tls, replica_set
        self._turns: dict[str, int] = {}
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self.received: list[Received] = []
        self.hellos: list[dict[str, Any]] = []
        self.connections = 0
        self.port: int = 0

    async def __aenter__(self) -> ScriptedServer:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Link(self), "127.0.0.1", self.port, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        self.disconnect()
        await asyncio.sleep(0)

    def disconnect(self) -> None:
        """Cut every connection; new ones are welcome."""
        for link in list(self._links):
            link.abort()

    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._links)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        """What a client connects to."""
        return f"mongodb://{self.address}/"

    def commands(self, name: str) -> list[Received]:
        """The received commands of this name."""
        return [command for command in self.received if command.name == name]

    # -- answering --------------------------------------------------------------------

    def hello(self) -> dict[str, Any]:
        """What hello answers."""
        document = {**HELLO, "me": self.address, "hosts": [self.address]}
        document["primary"] = self.address
        if not self._replica_set:
            for key in ("setName", "hosts", "primary", "me"):
                document.pop(key)
        document.update(self._changes)
        return {key: value for key, value in document.items() if value is not None}

    def answer(self, received: Received) -> Any:
        """The scripted answer to a command."""
        if received.name in self.script:
            return self._scripted(received)
        if received.name in ("ping", "endSessions", "killCursors"):
            return {"ok": 1.0}
        return {
            "ok": 0.0,
            "errmsg": f"no such command: '{received.name}'",
            "code": 59,
            "codeName": "CommandNotFound",
        }

    def _scripted(self, received: Received) -> Any:
        answer = self.script[received.name]
        if isinstance(answer, list):
            turn = self._turns.get(received.name, 0)
            self._turns[received.name] = turn + 1
            answer = answer[min(turn, len(answer) - 1)]
        return answer(received.body) if callable(answer) else answer


class _Link(asyncio.BufferedProtocol):
    """One accepted connection."""

    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self._conversation = ServerConversation()
        self._transport: Any = None
        self._scram: ScramServer | None = None
        self._is_authenticated = server.users is None
        self.number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._server.connections += 1
        self.number = self._server.connections
        self._server._links.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server._links.discard(self)

    def abort(self) -> None:
        self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._conversation.get_buffer(sizehint)

    def buffer_updated(self, nbytes: int) -> None:
        try:
            requests = self._conversation.received(nbytes)
        except ProtocolError:
            self.abort()
            return
        for request in requests:
            self._take(request)

    def _take(self, request: Message) -> None:
        body = bson.decode(request.body)
        for name, documents in request.sequences.items():
            body[name] = [bson.decode(document) for document in documents]
        name = next(iter(body))
        if name.lower() in ("hello", "ismaster"):
            self._server.hellos.append(body)
            self._send(request, self._hello(body))
            return
        received = Received(name, body, self.number, request.flags)
        self._server.received.append(received)
        answer = self._sasl(name, body) or self._server.answer(received)
        if not request.flags & MORE_TO_COME:
            self._act(request, answer)

    def _act(self, request: Message, answer: Any) -> None:
        if isinstance(answer, Close):
            self.abort()
        elif isinstance(answer, Hang):
            return
        elif isinstance(answer, Cut):
            self._transport.write(self._bytes(request, answer.document)[: answer.size])
            self._transport.close()
        elif isinstance(answer, Raw):
            right = self._bytes(request, answer.document)
            self._transport.write(answer.make(request, right))
        elif isinstance(answer, Delay):
            loop = asyncio.get_running_loop()
            loop.call_later(answer.seconds, self._send, request, answer.document)
        else:
            self._send(request, answer)

    def _send(self, request: Message, document: Mapping[str, Any]) -> None:
        self._transport.write(self._bytes(request, document))

    def _bytes(self, request: Message, document: Mapping[str, Any]) -> bytes:
        return self._conversation.reply(request, bson.encode(document))

    # -- authentication ---------------------------------------------------------------

    def _hello(self, body: dict[str, Any]) -> dict[str, Any]:
        reply = self._server.hello()
        if "saslSupportedMechs" in body:
            reply["saslSupportedMechs"] = list(self._server.mechanisms)
        guess = body.get("speculativeAuthenticate")
        willing = self._server.speculative and self._server.users is not None
        if guess and willing and guess["mechanism"] in self._server.mechanisms:
            reply["speculativeAuthenticate"] = self._start(guess)
        return reply

    def _start(self, command: dict[str, Any]) -> dict[str, Any]:
        self._scram = ScramServer(
            self._server.users or {},
            iterations=self._server.iterations,
            forge=self._server.forge,
        )
        return self._scram.start(command)

    def _sasl(self, name: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if name == "saslStart":
            if body["mechanism"] not in self._server.mechanisms:
                return {"ok": 0.0, "errmsg": "mechanism not enabled", "code": 334}
            return self._start(body)
        if name == "saslContinue" and self._scram is not None:
            reply = self._scram.proceed(body)
            self._is_authenticated = bool(reply["ok"] and reply["done"])
            return reply
        if not self._is_authenticated:
            return {"ok": 0.0, "errmsg": "not authorized", "code": 13}
        return None
