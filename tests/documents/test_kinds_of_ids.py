"""An id may be of any type that a server takes, and finds its document."""

from __future__ import annotations

import dataclasses
import enum
import json
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal

import pydantic
import pytest
from bson import ObjectId
from pydantic import BaseModel, ConfigDict

from mongolane import DataBase, Document, EmbeddedDocument, errors

DAY = date(2020, 1, 2)
NOON = datetime(2020, 1, 2, 12, tzinfo=timezone(timedelta(hours=5, minutes=45)))
OID = ObjectId("65f0c1d2e3a4b5c6d7e8f901")


class Kind(enum.Enum):
    """Text and numbers."""

    ONE = "one"
    TWO = 2


class Level(enum.IntEnum):
    """Numbers."""

    LOW = 1
    HIGH = 2


class Key(BaseModel):
    """Two values in one."""

    model_config = ConfigDict(frozen=True)
    a: int
    day: date


class Part(EmbeddedDocument):
    """The same of ours."""

    n: int
    of: ObjectId = OID


@dataclasses.dataclass(frozen=True)
class Line:
    """A dataclass."""

    a: int
    day: date


CASES: list[tuple[Any, Any, Any]] = [
    (ObjectId, OID, ObjectId("65f0c1d2e3a4b5c6d7e8f902")),
    (uuid.UUID, uuid.UUID(int=1), uuid.UUID(int=2)),
    (str, "a", str(OID)),
    (int, -(2**63), 2**63 - 1),
    (float, 1.5, 2.5),
    (Decimal, Decimal("1.50"), Decimal(2)),
    (Annotated[Decimal, pydantic.Field(decimal_places=2)], Decimal("1.50"), Decimal(2)),
    (bytes, b"", b"a"),
    (datetime, datetime(2020, 1, 2, tzinfo=UTC), NOON),
    (date, DAY, date(2021, 1, 2)),
    (time, time(1), time(2)),
    (timedelta, timedelta(1), timedelta(2)),
    (Key, Key(a=1, day=DAY), Key(a=2, day=DAY)),
    (Part, Part(n=1), Part(n=2)),
    (Line, Line(1, DAY), Line(2, DAY)),
    (Kind, Kind.ONE, Kind.TWO),
    (Level, Level.LOW, Level.HIGH),
    (Literal["x", "y"], "x", "y"),
    (uuid.UUID | ObjectId, uuid.UUID(int=1), OID),
    (pydantic.HttpUrl, pydantic.HttpUrl("http://a/"), pydantic.HttpUrl("http://b/")),
    (Annotated[str, pydantic.Field(min_length=1)], "q", "r"),
]


def keyed(annotation: Any, **body: Any) -> Any:
    """A document with ids of a type."""
    annotations = {"id": annotation, "n": int}
    body = {"__annotations__": annotations, "n": 0, "__module__": __name__, **body}
    return type("Keyed", (Document,), body)


@pytest.mark.parametrize(
    ("annotation", "one", "other"), CASES, ids=[str(one[0])[-40:] for one in CASES]
)
async def test_an_id_of_a_type(
    database: DataBase, annotation: Any, one: Any, other: Any
) -> None:
    """Stored, asked for, changed and deleted by it; twice it is refused."""
    cls = keyed(annotation)
    await cls(id=one, n=1).insert()
    await cls(_id=other, n=2).save()

    for given, n in ((one, 1), (other, 2)):
        read = await cls.get(given)
        assert (read.id, type(read.id), read.n) == (given, type(given), n)
        assert await cls.find(cls.id == given) == [read]
        assert await cls.find_one({"_id": given}) == read
    assert await cls.find(cls.id.in_([one, other])).count() == 2
    with pytest.raises(errors.DuplicateKeyError):
        await cls(id=one).insert()
    read.n = 3
    await read.save()
    assert [doc.n for doc in await cls.find(cls.n == 3)] == [3]
    _, created = await cls(id=one, n=9).upsert("id")
    assert not created
    await read.delete()
    assert await cls.delete_many({"id": one}) == 1
    assert await cls.count() == 0


@pytest.mark.parametrize(
    ("annotation", "one", "other"), CASES, ids=[str(one[0])[-40:] for one in CASES]
)
async def test_an_id_as_json_has_it(
    one_database: DataBase, annotation: Any, one: Any, other: Any
) -> None:
    """What ``json()`` says is an id of the document it says it of."""
    cls = keyed(annotation)
    await cls(id=other).insert()
    [said] = json.loads(await cls.find().json())

    assert (await cls.get(said["id"])).id == other


async def test_ids_made_by_a_factory(one_database: DataBase) -> None:
    """A factory makes an id for each object, when it is built."""
    cls = keyed(str, id=pydantic.Field(default_factory=lambda: uuid.uuid4().hex))
    first, second = cls(), cls()
    await first.insert()
    await second.save()

    assert {first.id, second.id} == {one.id for one in await cls.find()}


async def test_a_validator_of_all_fields_leaves_the_id(one_database: DataBase) -> None:
    """A class that checks every field has its ids made as others have."""

    class Stripped(Document):
        text: str

        @pydantic.field_validator("*")
        @classmethod
        def _strip(cls, value: Any) -> Any:
            return value.strip() if isinstance(value, str) else value

    made = await Stripped(text=" a ").insert()

    assert type(made.id) is ObjectId
    assert await Stripped.get(str(made.id)) == made


@pytest.mark.parametrize(
    "annotation", [tuple[int, str], list[int], set[int] | None, complex], ids=str
)
def test_an_array_is_no_id(annotation: Any) -> None:
    """What no server takes is refused before one is asked, and says what would do."""
    with pytest.raises(errors.ConfigurationError, match=r"Keyed\.id.*array"):
        keyed(annotation).find()
