"""A lane that records what it is given and answers what a test has prepared."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

from mongolane import codec
from mongolane.expressions import FieldSpec, Path, Shape
from mongolane.queries import Source, Target
from mongolane.queries.json import json_rows


@dataclass
class Limits:
    """What a server says of itself."""

    max_document_size: int = 16 * 1024 * 1024
    max_message_size: int = 48_000_000
    max_write_batch_size: int = 100_000


class PretendLane:
    """Answers one prepared reply a command; an exception is raised."""

    name = "pretend"

    def __init__(self, *answers: Any, limits: Limits | None = None) -> None:
        self.answers = list(answers)
        self.sent: list[Any] = []
        self.pins: list[Any] = []
        self.forgotten: list[Any] = []
        self._limits = limits or Limits()

    async def run(self, command: Any, pin: Any = None) -> Any:
        self.sent.append(command)
        self.pins.append(pin)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        reply = codec.Reply(codec.encode(answer))
        reply.pin = "the server"
        return reply

    def ask(self, command: Any) -> Generator[Any, None, Any]:
        """``run`` for an ``__await__``."""
        return self.run(command).__await__()

    async def limits(self) -> Limits:
        return self._limits

    def forget(self, command: Any, pin: Any) -> None:
        self.forgotten.append((command.body, pin))

    async def close(self) -> None:
        pass

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of all commands."""
        return [command.body for command in self.sent]


@dataclass
class PretendDatabase:
    """A name and a lane."""

    lane: PretendLane
    name: str = "test"


@dataclass
class Person:
    """What documents become."""

    id: Any
    name: str
    age: int = 0
    extra: dict[str, Any] = field(default_factory=dict)


class PersonCodec:
    """Decodes and encodes persons by hand."""

    def decode(self, data: bytes) -> Person:
        return person(codec.decode(data))

    def decode_reply(self, reply: Any) -> list[Person]:
        return [person(document) for document in reply.documents()]

    def encode(self, instance: Any) -> bytes:
        document = {"_id": instance.id, "n": instance.name, "age": instance.age}
        return codec.encode(document)

    def encode_all(self, instances: list[Any], into: list[bytes]) -> None:
        into.extend(map(self.encode, instances))

    def json_reply(self, reply: Any, *, whole: bool = False) -> bytes:
        rows = [b'{"name":"%s"}' % row["n"].encode() for row in reply.documents()]
        return json_rows(rows, whole)


def person(document: dict[str, Any]) -> Person:
    """A person from a stored document; a ValueError's kin when it does not fit."""
    from mongolane.errors import DocumentDecodeError

    if not isinstance(document.get("age", 0), int):
        raise DocumentDecodeError("Person", document["_id"], [("age", "no number")])
    return Person(document["_id"], document.get("n", ""), document.get("age", 0))


ADDRESS = Shape("Address", {name: FieldSpec(name, name) for name in ("city", "size")})
PERSON = Shape(
    "Person",
    {
        "id": FieldSpec("id", "_id", natural=int),
        "name": FieldSpec("name", "n", str, natural=str),
        "age": FieldSpec("age", "age", int, natural=int),
        "address": FieldSpec("address", "address", shape=ADDRESS),
        "tags": FieldSpec("tags", "tags", list, item=FieldSpec("", "", str)),
    },
)


def people(lane: PretendLane, **changed: Any) -> Source[Person]:
    """A source of persons on a lane."""
    given: dict[str, Any] = {
        "database": PretendDatabase(lane),
        "collection": "people",
        "codec": PersonCodec(),
        "owner": "Person",
        "shape": PERSON,
        "target": lambda model: Target(NameCodec(), "Name", PERSON, {"n": 1, "_id": 0}),
    }
    return Source(**{**given, **changed})


class NameCodec(PersonCodec):
    """Reads names only."""

    def decode(self, data: bytes) -> Any:
        return codec.decode(data)["n"]

    def decode_reply(self, reply: Any) -> Any:
        return [document["n"] for document in reply.documents()]


def cursor(rows: Iterable[Any], id: int = 0, *, first: bool = True) -> dict[str, Any]:
    """A reply with a batch."""
    name = "firstBatch" if first else "nextBatch"
    inner = {"id": codec_int64(id), "ns": "test.people", name: list(rows)}
    return {"cursor": inner, "ok": 1.0}


def codec_int64(number: int) -> Any:
    """A number in 64 bits, as servers send cursor ids."""
    from mongolane.expressions.values import int64

    return int64(number)


def path(name: str) -> Any:
    """A path of a person."""
    return Path.of(PERSON, name)
