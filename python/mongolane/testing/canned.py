"""
A server that answers every find with the same bytes, as fast as it can.

It runs in a process of its own, so that what a client costs can be told apart from what
the server costs: the whole answer is made beforehand, and only the number of the
request is written into it.
"""

from __future__ import annotations

import selectors
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import bson

from ..wire import append_message
from .server import HELLO

__all__ = ["CannedServer"]

_SIZE = struct.Struct("<i")


class CannedServer:
    """
    ``with CannedServer(documents=[...]) as server:`` gives a server at ``server.uri``.

    Every ``find`` and ``aggregate`` gets ``documents`` as its first and only batch;
    ``findAndModify`` gets the first of them;
    ``insert``, ``update`` and ``delete`` get ``n``; ``buildInfo`` gets a version;
    anything else gets ``ok: 1``.

    Args:
        documents: the batch.
        written: the ``n`` of each write's reply.
        session: whether it says that it knows sessions.
        cluster_time: whether every reply carries ``$clusterTime``.
    """

    def __init__(
        self,
        documents: Sequence[Mapping[str, Any]] = ({"_id": 1},),
        *,
        written: int = 1,
        session: bool = True,
        cluster_time: bool = True,
    ) -> None:
        self._settings = {
            "documents": [dict(document) for document in documents],
            "written": written,
            "session": session,
            "cluster_time": cluster_time,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.port: int = 0

    def __enter__(self) -> CannedServer:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import _main; _main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(bson.encode(self._settings))
        self._process.stdin.flush()
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    @property
    def uri(self) -> str:
        """What a client connects to."""
        return f"mongodb://127.0.0.1:{self.port}/"


class _Answers:
    """Ready replies by command name; the request's number goes to byte 8."""

    def __init__(self, settings: Mapping[str, Any], port: int) -> None:
        address = f"127.0.0.1:{port}"
        hello = {**HELLO, "me": address, "hosts": [address], "primary": address}
        if not settings["session"]:
            del hello["logicalSessionTimeoutMinutes"]
        self._extra: dict[str, Any] = {}
        if settings["cluster_time"]:
            moment = bson.Timestamp(1_700_000_000, 1)
            signature = {"hash": b"\0" * 20, "keyId": bson.Int64(0)}
            clock = {"clusterTime": moment, "signature": signature}
            self._extra = {"$clusterTime": clock, "operationTime": moment}
        batch = {"firstBatch": settings["documents"], "id": bson.Int64(0), "ns": "a.b"}
        cursor = self._make({"cursor": batch, "ok": 1.0})
        n = settings["written"]
        write = self._make({"n": n, "nModified": n, "ok": 1.0})
        self._by_name = {b"find": cursor, b"aggregate": cursor}
        first = settings["documents"][0] if settings["documents"] else None
        modified = self._make({"value": first, "ok": 1.0})
        self._by_name |= dict.fromkeys((b"findAndModify", b"findandmodify"), modified)
        self._by_name |= dict.fromkeys((b"insert", b"update", b"delete"), write)
        greeting = self._make(hello)
        self._by_name |= dict.fromkeys((b"hello", b"ismaster", b"isMaster"), greeting)
        build = {"version": "8.0.0", "versionArray": [8, 0, 0, 0], "ok": 1.0}
        self._by_name |= dict.fromkeys((b"buildInfo", b"buildinfo"), self._make(build))
        nothing = {"firstBatch": [], "id": bson.Int64(0), "ns": "a.b"}
        empty = self._make({"cursor": nothing, "ok": 1.0})
        self._by_name |= dict.fromkeys((b"listCollections", b"listIndexes"), empty)
        self._other = self._make({"ok": 1.0})

    def _make(self, document: Mapping[str, Any]) -> bytes:
        return append_message(1, 0, 0, bson.encode({**document, **self._extra}))

    def reply(self, message: memoryview) -> bytes:
        name = bytes(message[26:48]).partition(b"\0")[0]
        answer = self._by_name.get(name, self._other)
        return answer[:8] + message[4:8] + answer[12:]


def _serve(settings: Mapping[str, Any]) -> None:
    """A loop over readable sockets; one thread, no asyncio: nothing to wait for."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port = listener.getsockname()[1]
    answers = _Answers(settings, port)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    print(port, flush=True)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                link, _address = listener.accept()
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(link, selectors.EVENT_READ, bytearray())
            else:
                _answer(selector, key.fileobj, key.data, answers)


def _answer(selector: Any, link: Any, pending: bytearray, answers: _Answers) -> None:
    try:
        data = link.recv(65536)
    except OSError:
        data = b""
    if not data:
        selector.unregister(link)
        link.close()
        return
    pending += data
    while len(pending) >= 16:
        size = _SIZE.unpack_from(pending)[0]
        if len(pending) < size:
            return
        link.sendall(answers.reply(memoryview(bytes(pending[:size]))))
        del pending[:size]


def _main() -> None:
    head = sys.stdin.buffer.read(4)
    rest = sys.stdin.buffer.read(_SIZE.unpack(head)[0] - 4)
    _serve(bson.decode(head + rest))
