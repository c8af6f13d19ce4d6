"""Small print of motormongo's contract that applications lean on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from bson import ObjectId
from bson.errors import InvalidId

from mongolane import (
    DataBase,
    DateTimeField,
    Document,
    IntegerField,
    ReferenceField,
    StringField,
    errors,
)
from mongolane.motormongo.fields import Field
from mongolane.motormongo.utils.formatter import (
    add_timestamps_if_required,
    enforce_types,
)


class Club(Document):
    """Referred to."""

    title = StringField()


class Player(Document):
    """Of a club."""

    updated_at = DateTimeField()

    name = StringField(unique=True)
    age = IntegerField(default=1)
    club = ReferenceField(document_class=Club)
    kind = Field(type=str)

    class Meta:
        created_at_timestamp = True
        updated_at_timestamp = True


async def test_defaults_win_over_the_query(database: DataBase) -> None:
    """find_one_or_create makes a document of ``{**query, **defaults}``."""
    made, created = await Player.find_one_or_create(
        {"name": "a", "age": 3}, {"name": "b"}
    )
    stored = await Player.get(made.id)

    assert created
    assert stored is not None
    assert (stored.name, stored.age) == ("b", 3)


async def test_find_one_or_create_makes_one(database: DataBase) -> None:
    """Of twenty at once one creates, also when the query has an id as text."""
    oid = str(ObjectId())
    query = {"_id": oid, "name": "a"}
    results = await asyncio.gather(
        *(Player.find_one_or_create(query, {"age": one}) for one in range(20))
    )

    assert sum(created for _, created in results) == 1
    assert {str(one.id) for one, _ in results} == {oid}
    assert await Player.count() == 1


async def test_writes_of_many_have_strictly_later_dates(database: DataBase) -> None:
    """However fast they follow each other, update_many and update_one go on."""
    player = await Player.insert_one(name="a")
    seen = [player.updated_at]
    for age in range(5):
        (many,), _ = await Player.update_many({"name": "a"}, {"age": 10 + age})
        one = await Player.update_one({"name": "a"}, {"age": 20 + age})
        new = await Player.find_one_and_replace({"name": "a"}, {"name": "a"})
        assert one is not None
        assert new is not None
        seen += [many.updated_at, one.updated_at, new.updated_at]
    stored = await Player.get(player.id)

    assert sorted(set(seen)) == seen
    assert stored is not None
    assert stored.updated_at == seen[-1]


async def test_a_document_that_is_not_stored_has_no_underscored_id(
    database: DataBase,
) -> None:
    """hasattr(user, "_id") tells whether a document was stored; ``id`` is None."""
    player = Player(name="a")
    assert (hasattr(player, "_id"), player.id) == (False, None)
    await player.save()

    assert (hasattr(player, "_id"), player._id) == (True, player.id)


async def test_a_reference_field_fetches(database: DataBase) -> None:
    """Class access gives what has ``fetch``, and is still a path."""
    club = await Club.insert_one(title="t")
    player = await Player.insert_one(name="a", club=club)

    fetch: Any = Player.club
    assert (await fetch.fetch(player)).title == "t"
    assert await Player.find(Player.club == club) == [player]


@pytest.mark.parametrize("given", ["x", 5, "z" * 24, [1]])
def test_what_can_be_no_id(given: Any) -> None:
    """It is bson's InvalidId, motormongo's way, and a ValueError."""
    with pytest.raises(InvalidId) as caught:
        Player(_id=given)

    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "values", [{"club": Club(title="t")}, {"club": 5}, {"kind": 5}]
)
def test_type_errors_stay_type_errors(values: dict[str, Any]) -> None:
    """Where motormongo raised a TypeError, ours is one, and a ValueError as well."""
    with pytest.raises(TypeError) as caught:
        Player(**values)

    assert isinstance(caught.value, ValueError)


async def test_odd_arguments(one_database: DataBase) -> None:
    """insert_one of something else is a TypeError and a ValueError."""
    for kind in (TypeError, ValueError):
        with pytest.raises(kind):
            await Player.insert_one([1])


def test_from_dict_takes_a_class_by_keyword() -> None:
    """``subcls=`` names the class to be made; other values of that name are data."""
    assert isinstance(Document.from_dict(subcls=Club, title="t"), Club)
    assert isinstance(Club.from_dict(subcls="text", title="t"), Club)


def test_fields_are_listed() -> None:
    """``_fields`` has a class's own field objects by name."""

    class Captain(Player):
        years = IntegerField()

    fields: Any = Captain
    assert list(fields._fields) == ["years"]
    assert fields._fields["years"].name == "years"


def test_formatter_keeps_its_parameters() -> None:
    """All operations but an update set the creation date; names are motormongo's."""
    assert set(add_timestamps_if_required(Player, operation="create", a=1)) == {
        "a",
        "created_at",
        "updated_at",
    }
    assert set(add_timestamps_if_required(Player, "insert")) == {
        "created_at",
        "updated_at",
    }
    assert set(add_timestamps_if_required(Player)) == {"updated_at"}
    with pytest.raises(TypeError, match="label"):
        enforce_types(args_with_types=[(1, str, "label")])


def test_an_index_failure_is_logged_without_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """handle_operation_failure is there, and only names the error."""
    DataBase.handle_operation_failure(errors.ServerError("secret"), {})

    assert "ServerError" in caplog.text
    assert "secret" not in caplog.text
