"""Documents that are made to cost more than they weigh."""

from __future__ import annotations

from collections.abc import Iterator

EMPTY = b"\x05\0\0\0\0"
LENGTHS = {"far": 2**31 - 1, "over": 64, "negative": -1, "least": -(2**31)}
# The types that have a length in front.
LONG_TYPES = {
    "text": 0x02,
    "document": 0x03,
    "array": 0x04,
    "binary": 0x05,
    "pointer": 0x0C,
    "code": 0x0D,
    "symbol": 0x0E,
    "scoped code": 0x0F,
}


def enclosed(elements: bytes) -> bytes:
    """A document of ready elements."""
    return (len(elements) + 5).to_bytes(4, "little") + elements + b"\0"


def lying(key: str) -> Iterator[tuple[str, bytes]]:
    """Documents whose own length, or that of the value under ``key``, is not true."""
    for how, length in LENGTHS.items():
        front = length.to_bytes(4, "little", signed=True)
        yield f"{how} end", front + b"\x0aa\0\0"
        for name, kind in LONG_TYPES.items():
            head = bytes([kind]) + key.encode() + b"\0"
            yield f"{how} end of {name}", enclosed(head + front + bytes(16))


def deep(levels: int) -> Iterator[tuple[str, bytes]]:
    """Documents in documents, in arrays, in scopes, and instances in instances."""
    document, array, scope, tree = EMPTY, EMPTY, EMPTY, EMPTY
    name = b"\x02name\0\x02\0\0\0a\0\x04children\0"
    for _ in range(levels):
        document = enclosed(b"\x03a\0" + document)
        array = enclosed(b"\x040\0" + array)
        code = b"\x02\0\0\0a\0" + scope
        scope = enclosed(b"\x0fa\0" + (len(code) + 4).to_bytes(4, "little") + code)
        tree = enclosed(name + enclosed(b"\x030\0" + tree))
    yield "documents", document
    yield "arrays", array
    yield "scopes", scope
    yield "instances", tree


def wide(count: int) -> Iterator[tuple[str, bytes]]:
    """Documents of very many elements, and arrays whose keys are no positions."""
    numbers = range(count)
    yield "keys", enclosed(b"".join(b"\x0ak%d\0" % at for at in numbers))
    yield "one key", enclosed(b"\x0ak\0" * count)
    yield "empty keys", enclosed(b"\x0a\0" * count)
    for name, item in {
        "nulls": b"\x0a%d\0",
        "texts": b"\x02%d\0\x02\0\0\0a\0",
        "documents": b"\x03%d\0" + EMPTY,
    }.items():
        items = enclosed(b"".join(item % at for at in numbers))
        yield name, enclosed(b"\x04children\0" + items)
    far = enclosed(b"\x0a%d\0" % 2**62 * count)
    yield "items that all stand far away", enclosed(b"\x04children\0" + far)
    without = enclosed(b"\x0a\0" * count)
    yield "items without a position", enclosed(b"\x04children\0" + without)
    yield "a key", enclosed(b"\x0a" + b"k" * count + b"\0")
