"""Types that say to pydantic what they are: stored as their serializer gives them."""

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import (
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    PlainSerializer,
    field_serializer,
    field_validator,
)
from pydantic_core import core_schema

from mongolane import DataBase, Document, EmbeddedDocument
from mongolane.errors import EncodeError


class Release:
    """A version's numbers; text in JSON."""

    def __init__(self, text: str) -> None:
        self.numbers = tuple(map(int, text.split(".")))

    def __str__(self) -> str:
        return ".".join(map(str, self.numbers))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Release) and other.numbers == self.numbers

    def __hash__(self) -> int:
        return hash(self.numbers)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls(value),
            serialization=core_schema.to_string_ser_schema(),
        )


class Since:
    """A moment, which says nothing to pydantic."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Since) and other.moment == self.moment


def since(value: Any) -> Any:
    """What a validator makes of it."""
    return Since(value) if isinstance(value, datetime) else value


Told = Annotated[Since, BeforeValidator(since), PlainSerializer(lambda one: one.moment)]
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
ANY = ConfigDict(arbitrary_types_allowed=True)


class Part(EmbeddedDocument):
    """Holds one that may be None."""

    release: Release | None = None


class Package(Document):
    """Such a type in each place, and one that its annotation tells about."""

    model_config = ANY
    latest: Release
    all: list[Release] = []  # noqa: RUF012 (pydantic copies it)
    counts: dict[Release, int] = {}  # noqa: RUF012
    pair: tuple[int, Release] | None = None
    part: Part = Part()
    either: Release | int = 3
    told: Told = Since(NOON)


class Served(Document):
    """The class says how its field is written, and read."""

    model_config = ANY
    moments: list[Since]

    @field_validator("moments", mode="before")
    @classmethod
    def _made(cls, values: Any) -> Any:
        return [since(one) for one in values]

    @field_serializer("moments")
    def _shown(self, values: list[Since]) -> list[datetime]:
        return [one.moment for one in values]


async def test_stored_and_read_back(one_database: DataBase) -> None:
    """In each place it is stored in the serializer's form, found by it, and read."""
    one, two = Release("1.2"), Release("2.0")
    made = Package(
        latest=two,
        all=[one, two],
        counts={one: 1},
        pair=(1, one),
        part=Part(release=one),
        either=one,
    )
    await made.insert()

    assert await Package.find(Package.latest == two) == [made]
    assert await Package.find(Package.told == Since(NOON)).count() == 1
    (stored,) = await Package.find().raw()
    assert {**stored, "_id": None} == {
        "_id": None,
        "latest": "2.0",
        "all": ["1.2", "2.0"],
        "counts": [{"k": "1.2", "v": 1}],
        "pair": [1, "1.2"],
        "part": {"release": "1.2"},
        "either": "1.2",
        "told": NOON,
    }


async def test_a_serializer_of_the_class(one_database: DataBase) -> None:
    """A field is stored as the class's own serializer gives it."""
    made = await Served(moments=[Since(NOON)]).insert()
    made.moments.append(Since(NOON))
    await made.save()

    assert await Served.get(made.id) == made
    assert (await Served.find().raw())[0]["moments"] == [NOON, NOON]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Annotated[Since, BeforeValidator(since)], "at: .* has no form in BSON"),
        (
            Annotated[Since, PlainSerializer(lambda one: "noon")],
            "at: what the serializer of Since gives cannot be read again",
        ),
    ],
    ids=["no serializer", "one that goes one way"],
)
async def test_refused(one_database: DataBase, kind: Any, reason: str) -> None:
    """What could not be read again is not stored."""

    class Held(Document):
        model_config = ANY
        at: kind

    with pytest.raises(EncodeError, match=reason):
        await Held(at=Since(NOON)).insert()
