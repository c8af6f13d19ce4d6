"""Bytes that no driver would send."""

import os
import random
import socket
import struct
from pathlib import Path
from urllib.parse import urlsplit

import bson
import pytest


@pytest.fixture
def connect(engine):
    """Opens bare connections to the engine."""
    host, port = urlsplit(engine.uri).netloc.split(":")

    def open_one():
        return socket.create_connection((host, int(port)), timeout=5)

    return open_one


def message(payload, opcode=2013):
    return struct.pack("<iiii", 16 + len(payload), 7, 0, opcode) + payload


def command(document):
    return message(b"\0\0\0\0\0" + bson.encode(document))


def answer(connection):
    """The reply's document, or None where the engine hung up."""
    head = b""
    while len(head) < 16:
        part = connection.recv(16 - len(head))
        if not part:
            return None
        head += part
    (size,) = struct.unpack_from("<i", head)
    body = b""
    while len(body) < size - 16:
        body += connection.recv(size - 16 - len(body))
    return bson.decode(body[5:])


def alive(connect):
    with connect() as connection:
        connection.sendall(command({"ping": 1, "$db": "admin"}))
        return answer(connection)["ok"] == 1


def test_random_bytes_do_no_harm(connect):
    """Random bytes end their own connection at most."""
    chance = random.Random(5)
    for _ in range(200):
        with connect() as connection:
            connection.sendall(chance.randbytes(chance.randrange(1, 300)))

    assert alive(connect)


def test_changed_commands_do_no_harm(connect):
    """A command with some bytes changed is answered or hung up on."""
    chance = random.Random(6)
    whole = command(
        {
            "find": "c",
            "filter": {
                "a": {"$in": [1, "x", bson.Regex("a")]},
                "$expr": {"$gt": ["$a", 1]},
            },
            "sort": {"a": 1},
            "limit": 5,
            "$db": "fuzz",
        }
    )
    for _ in range(2000):
        changed = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(16, len(changed))] = chance.randrange(256)
        with connect() as connection:
            connection.sendall(changed)
            reply = answer(connection)
            assert reply is None or "ok" in reply

    assert alive(connect)


@pytest.mark.parametrize(
    "payload",
    [
        struct.pack("<iiii", -1, 1, 0, 2013),
        struct.pack("<iiii", 2**31 - 1, 1, 0, 2013),
        struct.pack("<iiii", 16, 1, 0, 2013),
        message(b"\0\0\0\0\0" + b"\xff\xff\xff\x7f"),
        message(b"\xff\xff\0\0\0" + bson.encode({"ping": 1})),
        message(b"\0\0\0\0\x05" + bson.encode({"ping": 1})),
        message(b"\0\0\0\0\x01" + struct.pack("<i", 5)),
        message(b"junk", opcode=2012),
    ],
    ids=str,
)
def test_an_impossible_message_is_hung_up_on(connect, payload):
    """A message that can't be followed ends its connection."""
    with connect() as connection:
        connection.sendall(payload)

        assert answer(connection) is None
    assert alive(connect)


def test_bad_documents_get_an_error(connect):
    """BSON that is wrong inside a sound message is answered with an error."""
    broken = bytearray(bson.encode({"find": "c", "$db": "x"}))
    broken[4] = 0x42
    with connect() as connection:
        connection.sendall(message(b"\0\0\0\0\0" + bytes(broken)))
        reply = answer(connection)
        connection.sendall(command({"ping": 1, "$db": "admin"}))

        assert (0, 22) == (reply["ok"], reply["code"])
        assert 1 == answer(connection)["ok"]


def test_deep_filters_are_refused(connect):
    """Nesting has a limit, in BSON and in filters."""
    deep = {"a": 1}
    for _ in range(150):
        deep = {"$and": [deep]}
    with connect() as connection:
        connection.sendall(command({"find": "c", "filter": deep, "$db": "x"}))
        reply = answer(connection)

        assert 0 == reply["ok"]
    assert alive(connect)


def test_the_old_hello(connect):
    """A handshake by OP_QUERY is answered by OP_REPLY."""
    query = struct.pack("<i", 0) + b"admin.$cmd\0" + struct.pack("<ii", 0, -1)
    with connect() as connection:
        connection.sendall(message(query + bson.encode({"isMaster": 1}), opcode=2004))
        reply = connection.recv(65536)

        assert 1 == struct.unpack_from("<i", reply, 12)[0]
        assert bson.decode(reply[36:])["ismaster"]


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs Linux's /proc")
def test_promised_bytes_take_no_memory(start):
    """Messages of which only the header has come take no room of their size."""
    running = start()
    host, port = urlsplit(running.uri).netloc.split(":")
    head = struct.pack("<iiii", 47_000_000, 1, 0, 2013)
    waiting = [socket.create_connection((host, int(port))) for _ in range(20)]
    for connection in waiting:
        connection.sendall(head + bytes(100))
    with running.client() as client:
        assert client.admin.command("ping")["ok"] == 1
    resident = int(Path(f"/proc/{running.process.pid}/statm").read_text().split()[1])
    for connection in waiting:
        connection.close()

    assert resident * os.sysconf("SC_PAGE_SIZE") < 500_000_000


def test_many_connections(start):
    """Three hundred connections at once are answered, and none of them remains."""
    running = start()
    host, port = urlsplit(running.uri).netloc.split(":")
    many = [socket.create_connection((host, int(port)), 10) for _ in range(300)]
    for connection in many:
        connection.sendall(command({"ping": 1, "$db": "admin"}))
    answers = [answer(connection)["ok"] for connection in many]
    for connection in many:
        connection.close()

    assert [1] * 300 == answers
    with running.client() as client:
        assert client.admin.command("ping")["ok"] == 1


def test_a_reader_that_leaves_or_sleeps(start):
    """Clients that don't read their replies hold up neither others nor the stop."""
    running = start()
    host, port = urlsplit(running.uri).netloc.split(":")
    with running.client() as client:
        client.t.c.insert_many({"_id": i, "text": "x" * 10_000} for i in range(1000))
        request = command({"find": "c", "batchSize": 1000, "$db": "t"})
        sleeping = [socket.create_connection((host, int(port))) for _ in range(5)]
        for connection in sleeping:
            connection.sendall(request * 3)
        for _ in range(10):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(request)
                connection.recv(10)
        client.t.c.insert_one({"_id": -1})
        assert 1001 == client.t.c.count_documents({})
        running.stop()
    for connection in sleeping:
        connection.close()

    assert 0 == running.process.returncode
