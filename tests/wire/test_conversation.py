"""Bytes in, whole messages out, whatever pieces they come in."""

from __future__ import annotations

import struct

import bson
import pytest

from mongolane.errors import ProtocolError
from mongolane.wire import ClientConversation, ServerConversation, append_message
from mongolane.wire.conversation import BUFFER_SIZE

PING = bson.encode({"ping": 1, "$db": "admin"})


def feed(conversation: object, data: bytes, size: int | None = None) -> list[object]:
    """What a conversation gives when ``data`` arrives in pieces of ``size``."""
    given: list[object] = []
    while data:
        room = conversation.get_buffer(-1)  # type: ignore[attr-defined]
        piece = data[: min(len(room), size or len(data))]
        room[: len(piece)] = piece
        data = data[len(piece) :]
        given.append(conversation.received(len(piece)))  # type: ignore[attr-defined]
    return given


@pytest.mark.parametrize("size", [None, 1, 7, 16, 17, 26])
def test_reply_arrives_in_pieces(size: int | None) -> None:
    """A reply is given once, when its last byte is there."""
    client = ClientConversation()
    client.request(PING)

    given = feed(client, append_message(9, 1, 0, PING), size)

    assert [data for data in given if data is not None] == [PING]
    assert given[-1] == PING


@pytest.mark.parametrize("extra", [-30, -21, 0, 1, 100_000, 3_000_000])
def test_large_replies_get_their_own_buffer(extra: int) -> None:
    """Around and above the buffer's size every byte of a reply arrives."""
    padding = b"x" * (BUFFER_SIZE + extra)
    body = bson.encode({"padding": padding})
    client = ClientConversation()
    client.request(PING)

    given = feed(client, append_message(9, 1, 0, body))

    assert given[-1] == body
    assert len(client.get_buffer(-1)) == BUFFER_SIZE


def test_replies_are_copies() -> None:
    """What was given stays the same when the buffer is used again."""
    client = ClientConversation()
    first, second = bson.encode({"a": 1}), bson.encode({"a": 2})
    client.request(PING)
    (kept,) = feed(client, append_message(9, 1, 0, first))
    client.request(PING)
    feed(client, append_message(9, 2, 0, second))

    assert kept == first


def test_request_numbers_grow_and_wrap() -> None:
    """Request ids are positive int32 numbers, one after the other."""
    client = ClientConversation()
    ids = [struct.unpack_from("<i", client.request(PING), 4)[0] for _ in range(3)]
    client._last_id = 0x7FFF_FFFF

    assert ids == [1, 2, 3]
    assert struct.unpack_from("<i", client.request(PING), 4)[0] == 1


def header(length: int, response_to: int = 1, opcode: int = 2013) -> bytes:
    return struct.pack("<iiii", length, 9, response_to, opcode)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (append_message(9, 2, 0, PING), "reply to request 2"),
        (append_message(9, 1, 2, PING), "moreToCome"),
        (append_message(9, 1, 1, PING), "flags"),
        (append_message(9, 1, 0, PING) + b"x", "behind the end"),
        (append_message(9, 1, 0, PING, ("d", [PING])), "more than one section"),
        (header(40, opcode=1) + bytes(24), "opcode 1"),
        (header(48_000_001), "length 48000001"),
        (header(-1), "length -1"),
        (header(0), "length 0"),
        (header(16), "length 16"),
        (header(20) + bytes(4), "too short"),
        (header(2**31 - 1), "length 2147483647"),
    ],
)
def test_bad_replies_are_refused(data: bytes, said: str) -> None:
    """A reply that isn't the awaited one, whole and alone, ends the conversation."""
    client = ClientConversation()
    client.request(PING)

    with pytest.raises(ProtocolError, match=said):
        feed(client, data)


def test_unsolicited_bytes_are_refused() -> None:
    """What arrives while nothing is awaited is an error, even a whole message."""
    with pytest.raises(ProtocolError, match="nobody had asked"):
        feed(ClientConversation(), append_message(9, 0, 0, PING))


def test_notice_awaits_nothing() -> None:
    """A request without a reply sets moreToCome, and a reply to it is refused."""
    client = ClientConversation()
    data = client.notice(PING)

    assert struct.unpack_from("<I", data, 16)[0] == 2
    with pytest.raises(ProtocolError):
        feed(client, append_message(9, 1, 0, PING))


@pytest.mark.parametrize("size", [None, 1, 13])
def test_server_takes_requests_in_a_row(size: int | None) -> None:
    """The serving side gives each of several requests once, in order."""
    client, server = ClientConversation(), ServerConversation()
    large = bson.encode({"x": b"y" * 100_000})
    data = client.request(PING) + client.request(large) + client.request(PING)

    given = feed(server, data, size)

    bodies = [message.body for batch in given for message in batch]  # type: ignore[attr-defined]
    assert bodies == [PING, large, PING]


def test_both_roles_understand_each_other() -> None:
    """A request with a sequence reaches the server, and its answer the client."""
    client, server = ClientConversation(), ServerConversation()
    ((request,),) = feed(server, client.request(PING, ("documents", [PING, PING])))

    (reply,) = feed(client, server.reply(request, PING))

    assert request.sequences == {"documents": [PING, PING]}
    assert reply == PING
