"""Several instances at once: the same as one by one."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from bson import ObjectId
from pydantic import ConfigDict, Field

from mongolane import Document, EmbeddedDocument
from mongolane.errors import EncodeError
from mongolane.schema import describe


class Row(Document):
    """Has nothing that a write sets but its id."""

    name: str
    tags: list[str] = Field(default_factory=list)


class Other(Row):
    """Another class."""


LEAD = b"123456789"


def asking(asked: list[int], first: int = 0) -> Any:
    def reserve(count: int) -> tuple[bytes, int]:
        asked.append(count)
        return LEAD, first

    return reserve


def prepare(
    compiled: Any,
    rows: list[Any],
    ids: list[Any],
    reserve: Any,
    *,
    at: int = 0,
    again: list[int] | None = None,
    stamps: Any = (),
    mark: Any = None,
) -> int:
    places = [] if again is None else again
    end: int = compiled.prepare(rows, at, ids, places, reserve, list(stamps), mark)
    return end


def test_documents_are_those_of_one_by_one(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    rows = [Row(name=str(at), tags=["a"] * at) for at in range(5)]
    found: list[bytes] = [b"there"]
    compiled.encode_all(rows, found)
    assert found == [b"there", *map(compiled.encode, rows)]


def test_more_elements_stand_behind_the_own(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    found: list[bytes] = []
    compiled.encode_all([Row(name="a")], found, codec.encode({"k": 1})[4:-1])
    assert codec.decode(found[0]) == {"name": "a", "tags": [], "k": 1}


def test_what_is_encoded_tells_where_it_stopped(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    rows = [Row(name="a"), Row.model_construct(name=2**70), Row(name="c")]
    found: list[bytes] = []
    with pytest.raises(EncodeError) as caught:
        compiled.encode_all(rows, found)
    assert caught.value.path == "name"
    assert found == [compiled.encode(rows[0])]


def test_ids_are_given_where_there_are_none(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    known = ObjectId()
    rows = [Row(name="a"), Row(id=known, name="b"), Row(name="c")]
    asked: list[int] = []
    ids: list[Any] = []
    assert prepare(compiled, rows, ids, asking(asked, 2**24 - 1)) == 3
    made = [ObjectId(LEAD + b"\xff\xff\xff"), ObjectId(LEAD + b"\0\0\0")]
    assert ids == [made[0], known, made[1]]
    assert [row.id for row in rows] == ids
    assert asked == [3]
    assert all(row.model_fields_set == {"id", "name"} for row in rows)


def test_no_ids_are_asked_for_in_vain(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    asked: list[int] = []
    prepare(compiled, [Row(id=ObjectId(), name="a")], [], asking(asked))
    assert asked == []


def test_another_class_ends_the_run(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    rows = [Other(name="o"), Row(name="a"), Other(name="o"), Row(name="b")]
    ids: list[Any] = []
    assert prepare(compiled, rows, ids, asking([]), at=1) == 2
    assert (rows[0].id, rows[2].id, rows[3].id) == (None, None, None)
    assert ids == [rows[1].id]


def test_shared_sets_are_left_to_the_others(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    data = codec.encode({"name": "a"})
    first, second, third = (compiled.decode(data) for _ in range(3))
    prepare(compiled, [first, second], [], asking([]))
    assert first.model_fields_set == second.model_fields_set == {"id", "name"}
    assert third.model_fields_set == {"name"}
    first.model_fields_set.clear()
    assert second.model_fields_set == {"id", "name"}


def test_frozen_classes_get_their_ids(codec: ModuleType) -> None:
    class Fixed(Document):
        model_config = ConfigDict(frozen=True)
        name: str = ""

    compiled = codec.compile(describe(Fixed).plan)
    one = Fixed()
    prepare(compiled, [one], [], asking([], 7))
    assert one.id == ObjectId(LEAD + b"\0\0\x07")


class Part(EmbeddedDocument):
    """Belongs where its document does."""

    name: str = ""
    inner: Part | None = None


class Kin(Part):
    """Another class than is declared."""


class Whole(Document):
    part: Part | None = None
    parts: list[Part] = Field(default_factory=list)
    plain: dict[str, int] = Field(default_factory=dict)


SLOT = "__mongolane_database__"


def marked(one: Any) -> Any:
    return object.__getattribute__(one, SLOT)


def test_marks_are_set_on_all_that_is_embedded(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Whole).plan)
    one = Whole(part=Part(inner=Part()), parts=[Part(), Part()])
    empty = Whole()
    again: list[int] = []
    prepare(compiled, [one, empty], [], asking([]), again=again, mark=(SLOT, 5))
    assert one.part is not None
    inside = [one, empty, one.part, one.part.inner, *one.parts]
    assert list(map(marked, inside)) == [5] * 6
    assert again == []


def test_other_classes_than_declared_are_looked_at_again(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Whole).plan)
    rows = [Whole(), Whole(part=Kin()), Whole(parts=[Part(), Kin()])]
    again: list[int] = []
    prepare(compiled, rows, [], asking([]), again=again, mark=(SLOT, 5))
    assert again == [1, 2]


def test_dates_are_set_where_there_are_none(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    fresh = Row.model_construct(tags=[])
    known = Row(name="a")
    ids: list[Any] = []
    again: list[int] = []
    stamps = [("name", "now", True), ("tags", "then", False)]
    prepare(compiled, [fresh, known], ids, asking([]), again=again, stamps=stamps[:1])
    assert (fresh.name, known.name, again) == ("now", "a", [])
    assert fresh.model_fields_set >= {"id", "name"}
    prepare(compiled, [known], ids, asking([]), again=again, stamps=stamps)
    assert (known.tags, again) == ([], [0])


def test_instances_remember_what_they_equal(codec: ModuleType) -> None:
    compiled = codec.compile(describe(Row).plan)
    rows = [Row(name="a"), Other(name="b")]
    compiled.remember(rows, [b"one", b"two"])
    held = [object.__getattribute__(row, "__mongolane_raw__") for row in rows]
    assert held == [b"one", b"two"]


HARD = frozenset({"_id"})


def statement(codec: ModuleType, old: dict[str, Any], new: dict[str, Any]) -> Any:
    compiled = codec.compile(describe(Row).plan)
    return compiled.statement(codec.encode(old), codec.encode(new), HARD)


@pytest.mark.parametrize(
    ("new", "change"),
    [
        ({"_id": 1, "name": "b", "tags": ["x"]}, {"$set": {"name": "b"}}),
        ({"tags": ["x", "y"], "_id": 1, "name": "a"}, {"$set": {"tags": ["x", "y"]}}),
        ({"_id": 1, "name": "a"}, {"$unset": {"tags": ""}}),
        (
            {"_id": 1, "name": 5, "k": None},
            {"$set": {"name": 5, "k": None}, "$unset": {"tags": ""}},
        ),
    ],
)
def test_statements_say_what_changed(
    codec: ModuleType, new: dict[str, Any], change: dict[str, Any]
) -> None:
    made = statement(codec, {"_id": 1, "name": "a", "tags": ["x"], "odd": 2}, new)
    assert codec.decode(made) == {"q": {"_id": 1}, "u": change}


def test_statements_of_nothing_are_empty(codec: ModuleType) -> None:
    # What the class does not declare is nobody's to unset.
    assert statement(codec, {"_id": 1, "name": "a", "odd": 2}, {"name": "a"}) is None
    old = {"odd": 2, "_id": 1, "name": "a"}
    assert statement(codec, old, {"_id": 1, "name": "a"}) == b""


@pytest.mark.parametrize(
    "new",
    [
        {"_id": 2, "name": "a"},
        {"_id": 1, "name": "a", "a.b": 1},
        {"_id": 1, "name": "a", "$a": 1},
        {"_id": 1, "name": "a", "": 1},
    ],
)
def test_statements_leave_what_is_hard(codec: ModuleType, new: dict[str, Any]) -> None:
    assert statement(codec, {"_id": 1, "name": "a"}, new) is None


def test_statements_need_an_id(codec: ModuleType) -> None:
    assert statement(codec, {"name": "a"}, {"name": "b"}) is None
