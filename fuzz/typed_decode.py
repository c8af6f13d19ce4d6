"""
Any bytes: the native codec and its twin give equal instances, or both refuse them.

``python -m fuzz.typed_decode SECONDS [SEED]`` makes models and documents for them,
changes the documents' bytes, and reads them by plan: natively and by the twin, as an
instance, as a reply and as JSON. It looks at memory and at the reference counts of what
all documents share, and exits with 1 and the bytes in hexadecimal when something
differs. After a crash of the interpreter, or a round without end, the last seed it
printed tells the round: ``python -m fuzz.typed_decode 0 SEED`` runs that one alone.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import random
import resource
import sys
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

import bson
from fuzz.documents import Random, element, enclosed
from pydantic import BaseModel
from tests.codec import models
from tests.support.references import drifting, references

from mongolane import _native
from mongolane.codec import _python
from mongolane.codec.plan import ModelPlan
from mongolane.errors import BSONError

# A round takes less than a second; one that takes so long hangs.
WAIT = 120
REFUSALS = (ValueError, TypeError, KeyError, OverflowError, RecursionError)


def shape(value: Any, given: bool = True) -> Any:
    """
    A value with its types, so that 1, 1.0 and True differ and NaN equals NaN.

    ``given``: and with what writing does not keep: which fields were set, and what is
    private.
    """
    inner = partial(shape, given=given)
    if isinstance(value, BaseModel):
        held = {key: inner(item) for key, item in value.__dict__.items()}
        fields = value.model_fields_set if given else None
        private = inner(value.__pydantic_private__) if given else None
        beside = inner(value.__pydantic_extra__), private
        return type(value), list(held), held, fields, beside
    if isinstance(value, dict):
        return list(value), {key: inner(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, deque)):
        return type(value), [inner(item) for item in value]
    if isinstance(value, (float, bson.Decimal128)):
        return type(value), repr(value)
    return type(value), repr(value) if value != value else value


def outcome(call: Any, *arguments: Any) -> Any:
    """What a call gives, or that it was refused."""
    try:
        return shape(call(*arguments))
    except REFUSALS as error:
        if not isinstance(error, (BSONError, ValueError)):
            raise AssertionError(f"{error!r}") from error
        return "refused"


def shared(of: ModelPlan) -> list[Any]:
    """What all documents of a class share; its reference counts must stay."""
    parts = [part for one in of.fields for part in (one.name, one.key, one.kind)]
    return [of.cls, of.fallback, None, True, *models.Colour, *models.Level, *parts]


def one_round(chance: Random) -> int:
    """One model, many documents; how many calls."""
    of = chance.plan()
    native, twin = _native.compile(of), _python.compile(of)
    originals = []
    while len(originals) < 4:
        with contextlib.suppress(*REFUSALS):
            chance.misfits = chance.choice([0, 0, 0.05])
            originals.append(chance.document(of))
    inputs = [chance.changed(chance.choice(originals)) for _ in range(100)]
    for data in inputs:
        compare(data, native, twin)
        hostile(data, native)
    replies = [
        reply(inputs),
        reply([data for data in inputs if accepted(native, data)]),
    ]
    for data in replies:
        hostile(data, native)
    in_batches(replies[1], native)

    def again() -> None:
        for data in (*inputs, *replies):
            hostile(data, native)
            with contextlib.suppress(*REFUSALS):
                native.decode(data)

    kept = drifting(again, references(shared(of)))
    assert not kept, ("reference counts", kept)
    return len(inputs)


def accepted(native: Any, data: bytes) -> bool:
    """Whether the bytes are read as an instance, and as JSON."""
    return "refused" not in (outcome(native.decode, data), parsed(native.json, data))


def reply(documents: list[bytes]) -> bytes:
    """A server's answer with those that could be documents at all."""
    sound = [one for one in documents if len(one) > 4 and fits(one)]
    batch = [b"\3%d\0" % at + one for at, one in enumerate(sound)]
    array = b"\4firstBatch\0" + enclosed(batch).raw
    cursor = enclosed([element("id", 0), element("ns", "a.b"), array])
    return enclosed([element("cursor", cursor), element("ok", 1.0)]).raw


def fits(document: bytes) -> bool:
    """Whether the length in front is the bytes', and the end is there."""
    return int.from_bytes(document[:4], "little") == len(document) and not document[-1]


def in_batches(data: bytes, native: Any) -> None:
    """What is read in a batch, whose texts are shared, is what is read alone."""
    answer = _native.Reply(data)
    alone = [shape(native.decode(one)) for one in answer.raw()]
    assert [shape(one) for one in native.decode_reply(answer)] == alone, data.hex()
    texts = [parsed(native.json, one) for one in answer.raw()]
    # A key that stands twice may be written twice.
    together = parsed(lambda _: b"[" + native.json_reply(answer) + b"]", data)
    assert together == (list, texts), data.hex()


def compare(data: bytes, native: Any, twin: Any) -> None:
    """Native and twin agree."""
    found, expected = outcome(native.decode, data), outcome(twin.decode, data)
    plain = outcome(_native.decode, data), outcome(_python.decode, data)
    assert plain[0] == plain[1], ("without a plan", data.hex(), *plain)
    if expected == "refused" != found and plain[0] == "refused":
        # Native steps over unknown fields without reading them; the rest must be sound.
        instance = native.decode(data)
        again = twin.decode(native.encode(instance))
        found, expected = shape(instance, False), shape(again, False)
    assert found == expected, ("decode", data.hex(), found, expected)
    texts = parsed(native.json, data), parsed(twin.json, data)
    beyond = plain[0] == "refused" != texts[0]
    assert beyond or texts[0] == texts[1], ("json", data.hex(), *texts)
    if found == "refused":
        return
    instance = native.decode(data)
    written = outcome(native.encode, instance), outcome(twin.encode, instance)
    assert written[0] == written[1], ("encode", data.hex(), *written)


def parsed(call: Any, data: bytes) -> Any:
    """What a call's JSON says, but for what may differ."""
    return outcome(lambda: json.loads(call(data), object_hook=_settled))


def _settled(members: dict[str, Any]) -> dict[str, Any]:
    for name in ("unique", "frozen"):
        # The order of a set is nobody's.
        if isinstance(members.get(name), list):
            members[name].sort(key=repr)
    if members.keys() == {"pattern", "options"}:
        # Letters that Python has no flag for are lost to PyMongo's Regex.
        known = [letter for letter in members["options"] if letter in "ilmsux"]
        members["options"] = sorted(set(known))
    # So is the order of a reference's own keys.
    return dict(sorted(members.items())) if "$ref" in members else members


def hostile(data: bytes, native: Any) -> None:
    """What has no twin to compare with must not crash."""
    calls = (_native.to_json, _native.to_extended_json, native.json)
    for call in calls:
        with contextlib.suppress(*REFUSALS):
            call(data)
    with contextlib.suppress(*REFUSALS):
        reply = _native.Reply(data)
        for read in (reply.document, reply.documents, reply.raw):
            with contextlib.suppress(*REFUSALS):
                read()
        with contextlib.suppress(*REFUSALS):
            native.decode_reply(reply)
        with contextlib.suppress(*REFUSALS):
            native.json_reply(reply)


def resident() -> int:
    """What this process holds now, in KiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def main() -> int:
    """Run until the time is over."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = (
        int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32)
    )
    ends = time.monotonic() + seconds
    total = rounds = warm = 0
    faulthandler.enable()
    while rounds == 0 or time.monotonic() < ends:
        faulthandler.dump_traceback_later(WAIT, exit=True)
        number = seed + rounds
        print(f"seed {number}", file=sys.stderr, flush=True)
        try:
            total += one_round(Random(number))
        except AssertionError as error:
            print(f"seed {number}: {error}")
            return 1
        rounds += 1
        if rounds == 30:
            warm = resident()
    grown = resident() - warm if warm else 0
    print(f"documents: {total}, models: {rounds}, grown by {grown} KiB since the 30th")
    # Made classes stay with pydantic's caches; a leak is far more than this.
    return int(bool(warm) and grown > 32 * 1024 + 200 * rounds)


if __name__ == "__main__":
    sys.exit(main())
