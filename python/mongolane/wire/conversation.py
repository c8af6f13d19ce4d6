"""
One side of one connection: bytes come in, whole messages come out.

Theory of operation. Nobody here reads a socket. Whoever does asks for a buffer
(``get_buffer``), lets the kernel fill a part of it, and says how much it was
(``received``). The buffer is 64 KiB and used again for each message: so header
and body arrive by one system call, and nothing is allocated but the body itself.
(asyncio's own ``data_received`` allocates 256 KiB for each read, above malloc's
mmap threshold: 9 microseconds a reply instead of one.) A message that is larger
gets a buffer of its exact size, once its header is known.

A buffer for a large message is kept for the next one: malloc gives and takes back
such sizes page by page, which costs more than the bytes' way through the kernel.

What is handed out is always a copy: a reused buffer must never be referenced by
what was decoded from it.

A client sends one request at a time and must see the answer before the next
("Single Track", connection-monitoring-and-pooling). So there is one awaited
number, and whatever arrives that doesn't answer it ends the connection.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence

from ..errors import ProtocolError
from ._swift import request_message, whole_reply
from .message import (
    HEADER_SIZE,
    MAX_MESSAGE_SIZE,
    MORE_TO_COME,
    OP_MSG,
    Message,
    append_message,
    read_message,
)

__all__ = ["BUFFER_SIZE", "ClientConversation", "Inbox", "ServerConversation"]

BUFFER_SIZE = 64 * 1024
# Of all conversations together one larger buffer is kept, and none above this size.
_MOST_KEPT = 4 * 1024 * 1024
_kept: deque[bytearray] = deque(maxlen=1)
_SIZE = struct.Struct("<i")
_REQUEST = struct.Struct("<iiiiIB")
_MAX_ID = 0x7FFF_FFFF


class Inbox:
    """
    The buffer, and where in it the message being received ends.

    Args:
        max_message_size: no longer message is accepted.
    """

    __slots__ = (
        "_bytes",
        "_filled",
        "_free",
        "_home",
        "_small",
        "_view",
        "max_message_size",
    )

    def __init__(self, max_message_size: int = MAX_MESSAGE_SIZE) -> None:
        self.max_message_size: int = max_message_size
        # What the view shows, and the small one, which is kept.
        self._bytes = self._small = bytearray(BUFFER_SIZE)
        self._home = memoryview(self._small)
        self._view = self._free = self._home
        self._filled = 0

    def get_buffer(self, hint: int = -1) -> memoryview:
        """Where the next bytes belong; never empty."""
        return self._free

    @property
    def is_between_messages(self) -> bool:
        """Whether no part of a message lies in the buffer."""
        return self._filled == 0

    def _length(self) -> int:
        """The length of the message at the buffer's start; 0 while it is unknown."""
        if self._filled < HEADER_SIZE:
            return 0
        length: int = _SIZE.unpack_from(self._view)[0]
        if not HEADER_SIZE < length <= self.max_message_size:
            raise ProtocolError(
                f"a message with length {length}; the limit is {self.max_message_size}"
            )
        return length

    def _make_room(self, length: int) -> None:
        """Point to the free part; move to a larger buffer for a large message."""
        if length > len(self._view):
            large = _large_buffer(length)
            large[: self._filled] = self._view[: self._filled]
            self._bytes, self._view = large, memoryview(large)
        self._free = self._view[self._filled :]

    def _reset(self) -> None:
        """Begin again in the small buffer."""
        if self._view is not self._home and len(self._bytes) <= _MOST_KEPT:
            _kept.append(self._bytes)
        self._view = self._free = self._home
        self._bytes = self._small


def _large_buffer(length: int) -> bytearray:
    """The kept buffer, if it is large enough, or one of exactly this size."""
    try:
        kept = _kept.pop()
    except IndexError:
        return bytearray(length)
    return kept if len(kept) >= length else bytearray(length)


class ClientConversation(Inbox):
    """The side that asks: one request, then its one reply."""

    __slots__ = ("_awaited", "_last_id")

    def __init__(self, max_message_size: int = MAX_MESSAGE_SIZE) -> None:
        super().__init__(max_message_size)
        self._last_id = self._awaited = 0

    def request(
        self, body: bytes, sequence: tuple[str, Sequence[bytes]] | None = None
    ) -> bytes:
        """The bytes of a request whose reply will be awaited."""
        number = self._last_id = self._last_id + 1 if self._last_id < _MAX_ID else 1
        self._awaited = number
        if sequence is None:
            return _REQUEST.pack(21 + len(body), number, 0, OP_MSG, 0, 0) + body
        return append_message(number, 0, 0, body, sequence)

    def ask(
        self, elements: bytes, tail: bytes, session: bytes, cluster: bytes
    ) -> bytes:
        """The same, where the document's elements lie in four places."""
        number = self._last_id = self._last_id + 1 if self._last_id < _MAX_ID else 1
        self._awaited = number
        return request_message(number, elements, tail, session, cluster)

    def notice(
        self, body: bytes, sequence: tuple[str, Sequence[bytes]] | None = None
    ) -> bytes:
        """The bytes of a request that gets no reply: ``moreToCome`` is set."""
        number = self._last_id = self._last_id + 1 if self._last_id < _MAX_ID else 1
        return append_message(number, 0, MORE_TO_COME, body, sequence)

    def received(self, count: int) -> bytes | None:
        """
        Take note of ``count`` new bytes; the reply's document if it is whole now.

        Raises:
            ProtocolError: what arrived is not the awaited reply. The connection
                must be closed.
        """
        filled = self._filled + count
        data = whole_reply(self._bytes, filled, self._awaited)
        if data is None:
            self._filled = filled
            self._received_part()
            return None
        self._awaited = self._filled = 0
        if self._view is not self._home:
            self._reset()
        elif self._free is not self._home:
            self._free = self._home
        return data

    def _received_part(self) -> None:
        """Wait for more, or say what is wrong."""
        if not self._awaited:
            raise ProtocolError("bytes arrived that nobody had asked for")
        length = self._length()
        if length and self._filled >= length:
            self._refuse(length)
        self._make_room(length)

    def _refuse(self, length: int) -> None:
        if self._filled > length:
            raise ProtocolError("bytes arrived behind the end of the reply")
        message = read_message(self._view[:length])
        if message.response_to != self._awaited:
            raise ProtocolError(
                f"a reply to request {message.response_to},"
                f" but request {self._awaited} waits"
            )
        if message.flags & MORE_TO_COME:
            raise ProtocolError("moreToCome in a reply that must be the only one")
        raise ProtocolError("a reply with more than one section")


class ServerConversation(Inbox):
    """The side that answers; for scripted servers, proxies and benchmarks."""

    __slots__ = ("_last_id",)

    def __init__(self, max_message_size: int = MAX_MESSAGE_SIZE) -> None:
        super().__init__(max_message_size)
        self._last_id = 0

    def received(self, count: int) -> list[Message]:
        """
        Take note of ``count`` new bytes; the requests that are whole now.

        Raises:
            ProtocolError: bytes that are no message.
        """
        self._filled += count
        requests: list[Message] = []
        length = self._length()
        while length and self._filled >= length:
            requests.append(read_message(self._view[:length]))
            self._drop(length)
            length = self._length()
        self._make_room(length)
        return requests

    def reply(self, request: Message, body: bytes, flags: int = 0) -> bytes:
        """The bytes of a reply to ``request``."""
        self._last_id = self._last_id + 1 if self._last_id < _MAX_ID else 1
        return append_message(self._last_id, request.request_id, flags, body)

    def _drop(self, length: int) -> None:
        """Forget the first message, keep what lies behind it."""
        rest = bytes(self._view[length : self._filled])
        self._reset()
        self._view[: len(rest)] = rest
        self._filled = len(rest)
