"""Bytes from nowhere: refused or read, never a crash; memory stays where it was."""

from __future__ import annotations

import contextlib
import random
import sys
from types import ModuleType
from typing import Any

import bson
import pytest
from bson import ObjectId
from pydantic import ValidationError

from mongolane.errors import BSONError
from tests.codec.documents import to_bson
from tests.codec.models import ADDRESS, EVERYTHING, NODE
from tests.codec.test_values import AS_BSON


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of them changed, added or taken away."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made))
        kind = chance.randrange(3)
        if kind == 0:
            made[at] = chance.randrange(256)
        elif kind == 1:
            del made[at]
        else:
            made.insert(at, chance.randrange(256))
    if chance.random() < 0.5:
        made[:4] = len(made).to_bytes(4, "little")
    return bytes(made)


def calls(native: ModuleType) -> list[Any]:
    """Everything that reads bytes."""
    model = native.compile(EVERYTHING)
    tree = native.compile(NODE)
    return [
        native.decode,
        native.to_json,
        native.to_extended_json,
        native.Reply,
        lambda data: native.Reply(data).documents(),
        lambda data: tree.decode_reply(native.Reply(data)),
        model.decode,
        model.json,
        tree.decode,
        tree.json,
    ]


def test_changed_bytes_never_crash(native: ModuleType) -> None:
    """Whatever they have become, they are read or refused."""
    tree = {"name": "a", "children": [{"name": "b", "children": []}]}
    fitting = {
        "_id": ObjectId(),
        "t": "text",
        "number": 1,
        "tags": ["a"],
        "address": {"street": "s"},
        "pet": {"kind": "cat", "lives": 1},
    }
    reply = {"cursor": {"id": 0, "ns": "a.b", "firstBatch": [tree, tree]}, "ok": 1}
    originals = [to_bson(AS_BSON), *map(to_bson, (tree, fitting, reply))]
    chance = random.Random(5)
    readers = calls(native)
    for _ in range(4000):
        data = mutated(chance.choice(originals), chance)
        for call in readers:
            with contextlib.suppress(*REFUSALS):
                call(data)


REFUSALS = (BSONError, ValidationError, ValueError, TypeError, KeyError)


def test_memory_stays(native: ModuleType) -> None:
    """Decoding and encoding over and over keeps nothing."""
    resource = pytest.importorskip("resource")
    model = native.compile(ADDRESS)
    cursor = {"id": 0, "ns": "a.b", "firstBatch": [{"street": "s" * 50}] * 1000}
    data = bson.encode({"cursor": cursor, "ok": 1})

    def work(rounds: int) -> int:
        for _ in range(rounds):
            reply = native.Reply(data)
            for instance in model.decode_reply(reply)[:50]:
                model.encode(instance)
            model.json_reply(reply)
            reply.documents()
        return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    first = work(20)
    grown = work(60) - first

    assert grown < 4096 * (1024 if sys.platform == "darwin" else 1)
