"""Large values: kept once, and refused where BSON or the memory has no place."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from types import ModuleType
from typing import Any

import bson
import pytest
from bson import ObjectId

from mongolane import Document, EmbeddedDocument, codec
from mongolane.errors import EncodeError
from mongolane.schema import describe

from .documents import to_bson


class Part(EmbeddedDocument):
    """With a large text of its own."""

    note: str = ""


class Large(Document):
    """With large values."""

    data: bytes = b""
    text: str = ""
    any: Any = None
    part: Part | None = None
    n: int = 0


SIZE = 100_000
STORED = [
    {"data": b"x" * SIZE, "n": 1},
    {"text": "x" * SIZE, "data": b"y" * SIZE},
    {"text": "é" * SIZE, "other": 1},
    {"any": {"b": ["z" * SIZE, b"z" * SIZE]}},
    {"part": {"_id": ObjectId(), "note": "x" * SIZE, "more": 1}},
    {"text": "small", "other": "x" * SIZE},
]


@pytest.mark.parametrize("stored", STORED, ids=lambda one: "-".join(one))
def test_what_was_read_is_known_to_the_byte(stored: Any) -> None:
    """Whichever values it lies in: a copy and a pickle know it, too."""
    schema, stored = describe(Large), {"_id": ObjectId(), **stored}
    data = to_bson(stored)
    cursor = {"id": bson.Int64(0), "ns": "a.b", "firstBatch": [stored, stored]}
    reply = codec.Reply(to_bson({"cursor": cursor, "ok": 1.0}))
    for one in (schema.codec.decode(data), *schema.codec.decode_reply(reply)):
        for same in (
            one,
            copy.copy(one),
            copy.deepcopy(one),
            pickle.loads(pickle.dumps(one)),
        ):
            assert bytes(same.__mongolane_raw__) == data
            same.n += 1
            changed, gone = schema.codec.changed(same, same.__mongolane_raw__)
            found = codec.decode(changed)
            assert found["n"] == same.n
            assert found.keys() & stored.keys() <= {"n", "part"}
            assert gone == []
            same.n -= 1


def test_large_values_are_kept_once(native: ModuleType) -> None:
    """Of a document that is mostly one value no second copy is kept."""
    schema = describe(Large)
    found = schema.codec.decode(to_bson({"data": b"x" * SIZE, "n": 1}))
    assert isinstance(found.__mongolane_raw__, native.Kept)


def test_a_value_beyond_bson_is_refused(native: ModuleType) -> None:
    """A length is an int32 there: what is longer would be written wrong."""
    with pytest.raises(EncodeError, match="larger than BSON can say") as caught:
        native.encode({"a": [bytes(2**31)]})
    assert caught.value.path == "a.0"


CODE = """
import resource
from mongolane import codec
data = bytes(300 << 20)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20),) * 2)
try:
    codec.encode({"data": data})
except MemoryError:
    print("an error")
"""


def test_no_memory_is_an_error(native: ModuleType) -> None:
    """It does not end the process."""
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert found.stdout == "an error\n", found.stderr
