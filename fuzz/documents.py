"""Models by plan, documents for them, and changes of the documents, from a seed."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import random
import uuid
from collections import deque
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pydantic import ConfigDict, create_model
from tests.codec import models
from tests.codec.documents import OPTIONS, to_bson
from tests.codec.test_values import AS_BSON

from mongolane.codec import plan
from mongolane.codec.plan import DictOf, FieldPlan, ListOf, ModelPlan, Nullable, Scalar

# The bytes in front of keys.
TYPES = bytes([*range(1, 0x14), 0x7F, 0xFF])
OPTIONS_RAW = OPTIONS.with_options(document_class=RawBSONDocument)
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
OWN = [
    bson.Binary,
    bson.Code,
    bson.DBRef,
    bson.Int64,
    bson.MaxKey,
    bson.MinKey,
    bson.Regex,
    bson.Timestamp,
]


def _barking(how: str) -> plan.Model:
    """A dog that is told from others by its bark."""
    fields = (
        FieldPlan("kind", "kind", plan.Literal(("dog",))),
        FieldPlan("bark", "bark", plan.Literal((how,))),
        FieldPlan("many", "many", Scalar("int"), default=1),
    )
    made = create_model(how.title(), **{one.name: (Any, None) for one in fields})
    return plan.Model(ModelPlan(made, fields, fallback=_Refuse("mismatch")))


class _Refuse:
    """The fallback of a made model: what does not fit is refused."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __call__(self, document: dict[str, Any]) -> Any:
        raise ValueError(self.why)


CAT = plan.Model(models.CAT)
PARTS = [plan.Model(models.ADDRESS), plan.Model(models.NODE), CAT]
# Told apart by one key, and then by another.
DOGS = plan.OneOf(
    discriminator="bark", tagged={how: _barking(how) for how in ("loud", "soft")}
)
NESTED = plan.OneOf(discriminator="kind", tagged={"cat": CAT, "dog": DOGS})


class Random(random.Random):
    """Plans, documents and changes of bytes, from a seed."""

    # How often a value is of any type.
    misfits = 0.05

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
            return self.choice([*PARTS, NESTED])
        if below == 4:
            return plan.EnumOf(self.choice([models.Colour, models.Level]))
        if below == 5:
            return plan.OneOf((Scalar("int"), Scalar("str")))
        if below == 9 and self.random() < 0.1:
            return plan.Exactly(self.choice(OWN))
        if below == 6:
            return plan.DateTime()
        if below == 7:
            return Scalar("int", ge=-5, le=2**40)
        if below == 8:
            return Scalar("str", min_length=1, max_length=6)
        return Scalar(self.choice(SCALARS))

    def value(self, kind: Any, depth: int = 0) -> Any:
        """A value that fits mostly."""
        if self.random() < self.misfits or depth > 6:
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
                return self.choice(list(kind.cls)).value
            case plan.Literal():
                return self.choice(kind.values)
            case plan.OneOf():
                among = [*kind.alternatives, *kind.models]
                return self.value(self.choice(among), depth + 1)
            case plan.Exactly():
                known = [one for one in AS_BSON.values() if type(one) is kind.cls]
                return self.choice(known or [1, b"a", uuid.UUID(int=5)])
            case plan.DateTime():
                return dt.datetime.fromtimestamp(self.randrange(2**32), dt.UTC)
            case Scalar():
                if kind.ge is not None:
                    return self.choice([kind.ge, 0, kind.le])
                if kind.min_length is not None:
                    return "é" * self.randint(kind.min_length, kind.max_length or 20)
                return self.choice(_FITTING.get(kind.tag, list(AS_BSON.values())))
        return self.choice(list(AS_BSON.values()))

    def document(self, of: ModelPlan, depth: int = 0) -> RawBSONDocument:
        """One of the model; sometimes in another order, with more, or a key twice."""
        fields = list(of.fields)
        if self.random() < 0.2:
            self.shuffle(fields)
        made = [(one.key, self.value(one.kind, depth)) for one in fields]
        if self.random() < 0.2:
            made.append(("more", self.choice(list(AS_BSON.values()))))
        if self.random() < 0.1:
            again = self.choice(fields)
            value = self.choice([self.value(again.kind, depth), "other", None, 1, {}])
            made.insert(self.randrange(len(made)), (again.key, value))
        return enclosed([element(*pair) for pair in made])

    def rearranged(self, document: RawBSONDocument) -> RawBSONDocument:
        """One element, at any depth, gone, moved, twice or of another type."""
        pairs = list(document.items())
        elements = [element(*pair) for pair in pairs]
        at = self.randrange(len(pairs))
        key, value = pairs[at]
        if isinstance(value, RawBSONDocument) and len(value) and self.random() < 0.7:
            elements[at] = element(key, self.rearranged(value))
            return enclosed(elements)
        match self.randrange(5):
            case 0:
                del elements[at]
            case 1:
                elements.insert(self.randrange(len(pairs)), elements.pop(at))
            case 2:
                elements.insert(self.randrange(len(pairs)), elements[at])
            case 3:
                elements[at] = bytes([self.choice(TYPES)]) + elements[at][1:]
            case _:
                other = element(key, self.choice(list(AS_BSON.values())))
                elements.insert(self.choice([at, at + 1]), other)
        return enclosed(elements)

    def changed(self, document: RawBSONDocument) -> bytes:
        """Its bytes as they are, or elements changed, or single bytes, or both."""
        way = self.random()
        if way < 0.2:
            return document.raw
        if way < 0.7 and len(document):
            with contextlib.suppress(bson.errors.InvalidBSON):
                document = self.rearranged(document)
        return document.raw if way < 0.6 else self.mutated(document.raw)

    def mutated(self, data: bytes) -> bytes:
        """The bytes with a few of them changed, moved, added or taken away."""
        made = bytearray(data)
        for _ in range(self.choice([0, 1, 1, 2, 5])):
            at = self.randrange(len(made))
            match self.randrange(6):
                case 5:
                    types = [place for place, byte in enumerate(made) if byte in TYPES]
                    made[self.choice(types or [at])] = self.choice(TYPES)
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


def element(key: str, value: Any) -> bytes:
    """One element's bytes."""
    return to_bson({key: value})[4:-1]


def enclosed(elements: list[bytes]) -> RawBSONDocument:
    """The document of the elements."""
    inside = b"".join(elements)
    size = (len(inside) + 5).to_bytes(4, "little")
    return RawBSONDocument(size + inside + b"\0", OPTIONS_RAW)


_FITTING = {
    "str": ["", "a", "naïve \U0001f600", "x" * 300],
    "any": list(AS_BSON.values()),
    "uuid": [uuid.UUID(int=5)],
    "int": [0, 1, -(2**31), 2**53, 2**63 - 1],
    "float": [0.0, -0.0, 1.5, 3, math.inf],
    "bool": [True, False],
    "bytes": [b"", b"\0\xff"],
    "decimal": [bson.Decimal128("1.50"), bson.Decimal128("NaN")],
    "object_id": [bson.ObjectId("65" * 12)],
}
