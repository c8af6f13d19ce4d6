"""A filter's values are stored as the field's are, also when they come as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pydantic
import pytest
from bson import Binary, ObjectId
from pydantic import BaseModel

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    Mapped,
    Stored,
    field,
)
from mongolane.errors import QueryError


class Day(Document):
    """Types that JSON has as text."""

    day: date
    days: list[date] = []  # noqa: RUF012 (pydantic copies it)
    past: pydantic.PastDate | None = None
    url: pydantic.HttpUrl | None = None
    long: timedelta = timedelta(1)
    at: time = time(1)


FIRST = datetime(2020, 1, 2, tzinfo=UTC)
NOON = datetime(2020, 1, 2, 12, tzinfo=UTC)

CASES: list[tuple[dict[str, Any], Any]] = [
    ({"day": "2020-01-02"}, FIRST),
    ({"day": {"$in": ["2020-01-02", date(2020, 1, 2)]}}, {"$in": [FIRST, FIRST]}),
    ({"day": {"$gte": NOON}}, {"$gte": NOON}),
    ({"days": "2020-01-02"}, FIRST),
    ({"past": {"$lt": "2020-01-02"}}, {"$lt": FIRST}),
    ({"url": "http://A.b"}, "http://a.b/"),
    ({"url": {"$regex": "^http"}}, {"$regex": "^http"}),
    ({"url": {"$gte": "h"}}, {"$gte": "h"}),
    ({"long": "P1D"}, 86400.0),
    ({"long": {"$gt": 60}}, {"$gt": 60}),
    ({"at": "01:00"}, "01:00:00"),
]


@pytest.mark.parametrize(("given", "sent"), CASES, ids=[str(one[0]) for one in CASES])
def test_text_stands_for_a_value(given: dict[str, Any], sent: Any) -> None:
    """Text is what it says; a moment stays one; what is no such text is left alone."""
    [name] = given

    assert Day.find(given).command()["filter"] == {name: sent}


class Kind(Enum):
    """A field's values."""

    A = "a"


class Part(EmbeddedDocument):
    """With a key of its own."""

    city: Annotated[str, Stored("c")]


class Cat(BaseModel):
    """Told by its kind."""

    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    """Told by its kind."""

    kind: Literal["dog"] = "dog"


class Checked(Document):
    """Fields that go through Python: by a validator, or by keys that are no text."""

    part: Annotated[Mapped[Part], Stored("p")]
    parts: Mapped[list[Part]] = field(default_factory=list)
    kinds: Mapped[list[Kind]] = field(default_factory=list)
    mark: Mapped[UUID | None] = field(default=None)
    by_kind: Mapped[dict[Kind, Part]] = field(default_factory=dict)
    by_id: Mapped[dict[ObjectId, Part]] = field(default_factory=dict)
    by_day: Mapped[dict[date, int]] = field(default_factory=dict)
    by_number: Mapped[dict[int, Part]] = field(default_factory=dict)

    @pydantic.field_validator("part", "parts", "kinds", "mark")
    @classmethod
    def _same(cls, value: Any) -> Any:
        return value


ID = ObjectId()
MARK = UUID(int=3)


@pytest.mark.parametrize(
    ("condition", "sent"),
    [
        (Checked.part.city == "x", {"p.c": "x"}),  # type: ignore[union-attr]
        (Checked.part == {"city": "x"}, {"p": {"$eq": {"c": "x"}}}),
        (Checked.parts.city == "x", {"parts.c": "x"}),  # type: ignore[union-attr]
        (Checked.parts.elem_match({"city": "x"}),
         {"parts": {"$elemMatch": {"c": "x"}}}),
        (Checked.kinds == Kind.A, {"kinds": "a"}),
        (Checked.mark == MARK, {"mark": Binary.from_uuid(MARK)}),
        ({"mark": str(MARK)}, {"mark": Binary.from_uuid(MARK)}),
        (Checked.by_kind[Kind.A].city == "x", {"by_kind.a.c": "x"}),
        (Checked.by_id[ID].city == "x", {f"by_id.{ID}.c": "x"}),
        (Checked.by_id[str(ID)].city == "x", {f"by_id.{ID}.c": "x"}),
        (Checked.by_day[date(2024, 1, 2)] > 1, {"by_day.2024-01-02": {"$gt": 1}}),
        (Checked.by_number[-1].city == "x", {"by_number.-1.c": "x"}),
        ({"by_kind.a.city": "x"}, {"by_kind.a.c": "x"}),
    ],
)  # fmt: skip
def test_paths_through_python(condition: Any, sent: dict[str, Any]) -> None:
    """A field that goes through Python is asked as it is stored, at any depth."""
    assert Checked.find(condition).command()["filter"] == sent


def test_values_through_python_must_fit() -> None:
    """What is none of its values is refused there, too."""
    with pytest.raises(QueryError, match="is no Kind"):
        Checked.find({"kinds": {"$in": ["zz"]}}).command()


class Choosing(Document):
    """Literals: alone, in lists, in unions told apart by them."""

    mode: Literal["a", "b"] = "a"
    level: Mapped[Literal[1, 2] | None] = field(default=None)
    modes: list[Literal["a", "b"]] = []  # noqa: RUF012 (pydantic copies it)
    flag: Literal[True, "x"] = True
    open: Literal["a"] | int = 1
    pet: Cat | Dog | None = None


@pytest.mark.parametrize(
    ("condition", "sent"),
    [
        ({"mode": "b"}, "b"),
        ({"mode": Kind.A}, "a"),
        ({"mode": None}, None),
        ({"mode": {"$in": ["a", None]}}, {"$in": ["a", None]}),
        ({"level": 2.0}, 2.0),
        ({"modes": "a"}, "a"),
        ({"flag": True}, True),
        ({"open": 5}, 5),
        ({"pet.kind": "dog"}, "dog"),
        ({"mode": {"$regex": "^z"}}, {"$regex": "^z"}),
    ],
)
def test_values_of_literals_are_asked(condition: Any, sent: Any) -> None:
    """Any of a Literal's values is sent as it is given."""
    [asked] = Choosing.find(condition).command()["filter"].values()

    assert (asked, type(asked)) == (sent, type(sent))


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"mode": "z"}, "mode: 'z' is none of 'a', 'b'"),
        ({"mode": {"$in": ["a", "z"]}}, "mode: 'z' is none of 'a', 'b'"),
        ({"mode": {"$ne": 1}}, "mode: 1 is none of"),
        ({"level": True}, "level: True is none of 1, 2"),
        ({"modes": "z"}, "modes: 'z' is none of"),
        ({"modes": ["a", "z"]}, "modes: 'z' is none of"),
        ({"flag": 1}, "flag: 1 is none of True, 'x'"),
        ({"pet.kind": "cow"}, "kind: 'cow' is none of 'cat'"),
    ],
)
def test_other_values_of_literals_are_refused(condition: Any, told: str) -> None:
    """What a Literal does not name is refused, and the error names the field."""
    with pytest.raises(QueryError, match=told):
        Choosing.find(condition).command()


class Tagged(Document):
    """Sets: at the top, and below an array."""

    tags: Mapped[set[int]] = field(default_factory=set)
    rows: Mapped[list[set[int]]] = field(default_factory=list)


ALL = {"$all": [8, 0], "$size": 2}


@pytest.mark.parametrize(
    ("condition", "sent"),
    [
        (Tagged.tags == {8, 0}, {"tags": ALL}),
        (Tagged.tags != {8, 0}, {"tags": {"$not": ALL}}),
        (~(Tagged.tags != {8, 0}), {"tags": ALL}),
        ({"tags": {8, 0}}, {"tags": ALL}),
        ({"tags": {"$ne": {8, 0}}}, {"tags": {"$not": ALL}}),
        (Tagged.tags == {8}, {"tags": {"$eq": [8]}}),
        (Tagged.tags == 8, {"tags": 8}),
        (Tagged.rows[0] == {8, 0}, {"rows.0": {"$eq": [8, 0]}}),
        (Tagged.rows == [{8, 0}], {"rows": {"$eq": [[8, 0]]}}),
    ],
)
async def test_a_set_is_found_by_its_members(
    one_database: DataBase, condition: Any, sent: Any
) -> None:
    """Whatever order they are stored in, where a server can be asked so."""
    query = Tagged.find(condition)
    assert query.command()["filter"] == sent
    [made, _] = [await Tagged(tags=set(one)).insert() for one in ([0, 8], [0, 8, 1])]
    assert list(made.tags) != [8, 0]
    if sent == {"tags": ALL}:
        assert await query == [made]
