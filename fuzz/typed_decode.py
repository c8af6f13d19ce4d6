"""
Any bytes: the native codec and its twin give equal instances, or both refuse them.

``python -m fuzz.typed_decode SECONDS [SEED]`` makes models and documents for them,
changes the documents' bytes, and reads them by plan: natively and by the twin, as an
instance, as a reply and as JSON. It looks at memory and at the reference counts of what
all documents share, and exits with 1 and the bytes in hexadecimal when something
differs. After a crash of the interpreter, the last seed it printed tells the round.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import itertools
import math
import random
import re
import resource
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import bson
from pydantic import BaseModel, ConfigDict, create_model
from tests.codec import models
from tests.codec.documents import to_bson
from tests.codec.test_values import AS_BSON

from mongolane import _native
from mongolane.codec import _python, plan
from mongolane.codec.plan import DictOf, FieldPlan, ListOf, ModelPlan, Nullable, Scalar
from mongolane.errors import BSONError

REFUSALS = (ValueError, TypeError, KeyError, OverflowError, RecursionError)
SCALARS = [
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "decimal",
    "uuid",
    "object_id",
    "any",
]


class Random(random.Random):
    """Plans, documents and changes of bytes, from a seed."""

    def plan(self) -> ModelPlan:
        """A model of any shape, or one of those that the tests have."""
        if self.random() < 0.3:
            return self.choice(
                [models.EVERYTHING, models.NODE, models.PRIVATE, models.OPEN]
            )
        names = [f"f{number}" for number in range(self.choice([1, 3, 8, 33]))]
        extra = self.choice(["ignore", "ignore", "allow", "forbid"])
        made = create_model(
            "Made",
            __config__=ConfigDict(extra=extra, arbitrary_types_allowed=True),
            **dict.fromkeys(names, (Any, None)),
        )
        fields = tuple(self.field(name) for name in names)
        return ModelPlan(made, fields, fallback=_Refuse("mismatch"), extra=extra)

    def field(self, name: str) -> FieldPlan:
        """A field under its own name or another, with or without a default."""
        key = self.choice([name, name, name[::-1] + "é"])
        kind = self.kind(0)
        if self.random() < 0.6:
            nullable = kind if isinstance(kind, Nullable) else Nullable(kind)
            return FieldPlan(name, key, nullable, default=None)
        return FieldPlan(name, key, kind)

    def kind(self, depth: int) -> plan.Kind:
        """How a field is stored."""
        below = self.randrange(9) if depth < 3 else 9
        if below == 0:
            return Nullable(self.kind(depth + 1))
        if below == 1:
            return ListOf(self.kind(depth + 1), self.choice([list, tuple, deque]))
        if below == 2:
            return DictOf(self.kind(depth + 1))
        if below == 3:
            return plan.Model(self.choice([models.ADDRESS, models.NODE, models.CAT]))
        if below == 4:
            return plan.EnumOf(self.choice([models.Colour, models.Level]))
        if below == 5:
            return plan.OneOf((Scalar("int"), Scalar("str")))
        if below == 6:
            return plan.DateTime()
        if below == 7:
            return Scalar("int", ge=-5, le=2**40)
        if below == 8:
            return Scalar("str", min_length=1, max_length=6)
        return Scalar(self.choice(SCALARS))

    def value(self, kind: Any, depth: int = 0) -> Any:
        """A value that fits mostly."""
        if self.random() < 0.05 or depth > 6:
            return self.choice(list(AS_BSON.values()))
        match kind:
            case Nullable():
                return self.choice([None, self.value(kind.inner, depth + 1)])
            case ListOf():
                many = range(self.randrange(4))
                return [self.value(kind.item, depth + 1) for _ in many]
            case DictOf():
                keys = self.sample(["a", "é", "b.c", "$d", ""], self.randrange(3))
                return {key: self.value(kind.value, depth + 1) for key in keys}
            case plan.Model():
                return self.document(kind.plan, depth + 1)
            case plan.EnumOf():
                return self.choice(["red", "blue", 1, 2, "green"])
            case plan.DateTime():
                return dt.datetime.fromtimestamp(self.randrange(2**32), dt.UTC)
            case Scalar():
                return self.choice(_FITTING.get(kind.tag, list(AS_BSON.values())))
        return self.choice(list(AS_BSON.values()))

    def document(self, of: ModelPlan, depth: int = 0) -> dict[str, Any]:
        """A document of the model, sometimes in another order or with more."""
        fields = list(of.fields)
        if self.random() < 0.2:
            self.shuffle(fields)
        made = {one.key: self.value(one.kind, depth) for one in fields}
        if self.random() < 0.2:
            made["more"] = self.choice(list(AS_BSON.values()))
        return made

    def mutated(self, data: bytes) -> bytes:
        """The bytes with a few of them changed, moved, added or taken away."""
        made = bytearray(data)
        for _ in range(self.choice([0, 1, 1, 2, 5])):
            at = self.randrange(len(made))
            match self.randrange(5):
                case 0:
                    made[at] = self.randrange(256)
                case 1:
                    made[at] ^= 1 << self.randrange(8)
                case 2 if len(made) > 5:
                    del made[at]
                case 3:
                    made.insert(at, self.choice(b"\0\1\2\3\4\5\7\x08\x10\xff"))
                case _:
                    made[at : at + 4] = made[at : at + 4][::-1]
        if self.random() < 0.7:
            made[:4] = len(made).to_bytes(4, "little")
        return bytes(made)


_FITTING = {
    "str": ["", "a", "naïve \U0001f600", "x" * 300],
    "int": [0, 1, -(2**31), 2**53, 2**63 - 1],
    "float": [0.0, -0.0, 1.5, 3, math.inf],
    "bool": [True, False],
    "bytes": [b"", b"\0\xff"],
    "decimal": [bson.Decimal128("1.50"), bson.Decimal128("NaN")],
    "object_id": [bson.ObjectId("65" * 12)],
}


class _Refuse:
    """The fallback of a made model: what does not fit is refused."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __call__(self, document: dict[str, Any]) -> Any:
        raise ValueError(self.why)


def shape(value: Any) -> Any:
    """A value with its types, so that 1, 1.0 and True differ and NaN equals NaN."""
    if isinstance(value, BaseModel):
        held = {key: shape(item) for key, item in value.__dict__.items()}
        private = value.__pydantic_private__
        beside = shape(value.__pydantic_extra__), shape(private)
        return type(value), list(held), held, value.model_fields_set, beside
    if isinstance(value, dict):
        return list(value), {key: shape(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, deque)):
        return type(value), [shape(item) for item in value]
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


class Shared:
    """Reference counts of what all documents of a class share; they must stay."""

    def __init__(self, of: ModelPlan) -> None:
        self.objects = [of.cls, None, True, False, *models.Colour, *models.Level]
        for one in of.fields:
            self.objects += [one.name, one.key, one.kind]

    def counts(self) -> list[int]:
        """The counts now, garbage aside."""
        gc.collect()
        # Immortal ones (None, True) have a number of their own, the same always.
        return [sys.getrefcount(one) for one in self.objects]


def one_round(chance: Random) -> int:
    """One model, many documents; how many calls."""
    of = chance.plan()
    native, twin = _native.compile(of), _python.compile(of)
    originals = []
    while len(originals) < 4:
        with contextlib.suppress(*REFUSALS):
            originals.append(to_bson(chance.document(of)))
    inputs = [chance.mutated(chance.choice(originals)) for _ in range(100)]
    for data in inputs:
        compare(data, native, twin)
        hostile(data, native)
    # The same work again and again: caches fill and empty, a leak only grows.
    shared = Shared(of)
    counts = [shared.counts()]
    for _ in range(3):
        for data in inputs:
            hostile(data, native)
            with contextlib.suppress(*REFUSALS):
                native.decode(data)
        counts.append(shared.counts())
    for held, *seen in zip(shared.objects, *counts, strict=True):
        steps = [after - before for before, after in itertools.pairwise(seen)]
        moved = all(step > 0 for step in steps) or all(step < 0 for step in steps)
        assert not moved, ("reference counts", repr(held)[:200], seen)
    return len(inputs)


def repeated(data: bytes) -> bool:
    """
    Whether a key stands twice in it.

    Native hands a document to the fallback at the first value that does not fit; the
    twin sees the last value of a key only. The real fallback does so, too.
    """
    with contextlib.suppress(*REFUSALS):
        return len(_native.encode(_native.decode(data))) < len(data)
    return False


def known_to_differ(data: bytes) -> bool:
    """Whether native may refuse, or leave to the fallback, what the twin accepts."""
    # Undefined, deprecated, is null to PyMongo; native leaves it to the fallback.
    with contextlib.suppress(*REFUSALS):
        return "$undefined" in str(_native.to_extended_json(data)) or repeated(data)
    return False


def compare(data: bytes, native: Any, twin: Any) -> None:
    """Native and twin agree."""
    found, expected = outcome(native.decode, data), outcome(twin.decode, data)
    if found == "refused" != expected and known_to_differ(data):
        return
    if expected == "refused" != found:
        # Native steps over unknown fields without reading them; the rest must be sound.
        instance = native.decode(data)
        again = twin.decode(native.encode(instance))
        found, expected = repr(instance), repr(again)
    assert found == expected, ("decode", data.hex(), found, expected)
    plain = outcome(_native.decode, data), outcome(_python.decode, data)
    # PyMongo refuses a UUID that has not 16 bytes; native keeps it as Binary.
    odd = plain[1] == "refused" and re.search(r"Binary\(b.*?, 4\)", repr(plain[0]))
    assert odd or plain[0] == plain[1], ("without a plan", data.hex(), *plain)
    if found == "refused":
        return
    instance = native.decode(data)
    written = outcome(native.encode, instance), outcome(twin.encode, instance)
    assert written[0] == written[1], ("encode", data.hex(), *written)


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
    while time.monotonic() < ends:
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
