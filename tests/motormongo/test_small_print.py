"""Small print of motormongo's contract that applications lean on."""

from __future__ import annotations

import asyncio
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from bson.errors import InvalidId

from mongolane import (
    BinaryField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    errors,
)
from mongolane.motormongo.fields import Field
from mongolane.motormongo.utils.formatter import (
    add_timestamps_if_required,
    enforce_types,
)
from tests.support.servers import Server


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
    assert (fetch.document, fetch.required, fetch.options) == (Club, False, {})
    assert fetch.validate(str(club.id)) == club.id
    with pytest.raises(errors.UnknownFieldError):
        _ = fetch.titel
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


class EvenField(IntegerField):
    """An application's own, which knows nothing of our errors."""

    def validate(self, value: Any) -> int:
        if value % 2:
            raise ValueError("is not even")
        return super().validate(value)


class PinField(BinaryField):
    """One that would tell a secret."""

    def validate(self, value: Any) -> Any:
        raise ValueError(f"{value} is too short")


class Even(Document):
    """Of fields of an application's own."""

    number = EvenField()
    pin = PinField(hash_function=lambda text: text.encode())


async def test_errors_of_own_fields_name_the_field(one_database: DataBase) -> None:
    """A ValueError becomes the field's error, with place and value, but no secret."""
    even = await Even.insert_one(number=2)
    for do in (
        lambda: Even.insert_one(number=3),
        lambda: Even.update_one({}, {"number": 3}),
        lambda: setattr(even, "number", 3),
    ):
        with pytest.raises(errors.IntegerValueError) as caught:
            await do()
        assert str(caught.value) == "Even.number: is not even: 3"
    secret = "-".join(("hu", "sh"))
    with pytest.raises(errors.InvalidBinaryTypeError) as told:
        Even(pin=secret)

    assert str(told.value) == "Even.pin: is refused"
    assert secret not in "".join(traceback.format_exception(told.value))


def test_a_bad_id_is_shown() -> None:
    """The error says which value it was."""
    with pytest.raises(
        InvalidId, match=r"^Even\.id: not a valid ObjectId: 'x'$"
    ) as bad:
        Even(_id="x")

    assert bad.value.value == "x"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: Player.find_one("a"), errors.DocumentNotFoundError),
        (lambda: Player.find_many(["a"]), errors.DocumentNotFoundError),
        (lambda: Player.find_many(limit="a"), errors.DocumentNotFoundError),
        (lambda: Player.find_many(limit=2.0), errors.DocumentNotFoundError),
        (lambda: Player.update_one({}, ["a"]), errors.DocumentUpdateError),
        (lambda: Player.update_many({}, None), errors.DocumentUpdateError),
        (lambda: Player.find_one_and_replace({}, "a"), errors.DocumentUpdateError),
        (lambda: Player.delete_one("a"), errors.DocumentDeleteError),
    ],
)
async def test_arguments_of_a_wrong_type(
    call: Any, kind: Any, one_database: DataBase
) -> None:
    """Motormongo raised a TypeError, or its own error: ours is both."""
    with pytest.raises(kind) as caught:
        await call()

    assert isinstance(caught.value, TypeError)


def test_an_id_that_can_be_none_is_no_attribute_either() -> None:
    """Setting ``_id`` raises what giving it to the class raises."""
    with pytest.raises(InvalidId, match=r"Player\.id"):
        Player()._id = "x"


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


class Part(Document):
    """Its names are those of parameters."""

    cls = StringField()
    self = StringField()
    query = StringField()


async def test_names_of_parameters_are_names_of_fields(database: DataBase) -> None:
    """``cls`` and ``self`` may be keys of documents, and of queries by keywords."""
    made = Part(cls="a", self="b", query="c")
    await Part.insert_one(cls="a", self="b")
    await made.save()

    assert (made.cls, made.self, made.query) == ("a", "b", "c")
    assert len(await Part.find_many(cls="a", self="b")) == 2
    assert await Part.find_one({"query": "c"}, cls="a") == made
    assert (await Part.find_one_and_delete({"query": "c"}, self="b")) == made
    assert await Part.delete_one(self="b", cls="z") is False
    assert await Part.delete_many(self="b") == 1


async def test_empty_fields_raise_errors_of_updates(database: DataBase) -> None:
    """Whatever goes wrong, it is a DocumentUpdateError: no find's, nor none at all."""
    await database.client[database.name]["player"].insert_one({"name": {"odd": 1}})
    for query in ({}, {"age": {"$no": 1}}, {"name": "none"}, {"_id": "no id"}):
        with pytest.raises(errors.DocumentUpdateError):
            await Player.find_one_and_update_empty_fields(query, {"age": 1})
    await DataBase.close()
    with pytest.raises(errors.DocumentUpdateError) as caught:
        await Player.find_one_and_update_empty_fields({}, {"age": 1})

    assert isinstance(caught.value, RuntimeError)


async def test_a_replacement_keeps_the_id(database: DataBase) -> None:
    """One that names another id is refused, and what was stored stays."""
    player = await Player.insert_one(name="a")
    with pytest.raises(errors.DocumentUpdateError):
        await Player.find_one_and_replace({}, {"_id": ObjectId(), "name": "b"})
    same = await Player.find_one_and_replace({}, {"_id": str(player.id), "name": "c"})

    assert same is not None
    assert (same.id, same.name) == (player.id, "c")
    assert await Player.find_many({}) == [same]


class Reading(Document):
    """Of a meter."""

    meter = StringField(required=True)
    value = IntegerField()
    unit = StringField(default="kWh")


@pytest.mark.parametrize("update", ["update_one", "update_many"])
@pytest.mark.parametrize("wrap", [dict, lambda fields: {"$set": fields}])
async def test_none_in_an_update(update: str, wrap: Any, database: DataBase) -> None:
    """None empties a field as a save does, is the default, or is refused."""
    await Reading.insert_one(meter="a", value=3, unit="J")
    with pytest.raises(errors.DocumentUpdateError, match=r"Reading\.meter"):
        await getattr(Reading, update)({}, wrap({"meter": None}))
    await getattr(Reading, update)({}, wrap({"value": None, "unit": None}))
    stored = await database.client[database.name]["reading"].find_one({}, {"_id": 0})

    assert stored == {"meter": "a", "unit": "kWh"}


async def test_connect_says_what_motormongo_said(
    engine: Server, database_name: str
) -> None:
    """Its failures are RuntimeErrors with the same first words, and leave nothing."""
    for uri, options in (
        (engine.uri, {"noSuchOption": 1}),
        ("mongodb://127.0.0.1:1/", {"serverSelectionTimeoutMS": 100}),
    ):
        with pytest.raises(RuntimeError, match=r"^Error connecting to MongoDB: "):
            await DataBase.connect(uri, database_name, **options)

        assert (DataBase.client, DataBase.db) == (None, None)


async def test_the_date_of_creation_outlives_a_replacement(database: DataBase) -> None:
    """So does one that a field sets by ``auto_now_add``."""

    class Entry(Document):
        made = DateTimeField(auto_now_add=True)
        changed = DateTimeField(auto_now=True)

    entry = await Entry.insert_one()
    new = await Entry.find_one_and_replace({}, {})

    assert new is not None
    assert new.made == entry.made
    assert new.changed > entry.changed


async def test_naive_dates_of_writes(database: DataBase) -> None:
    """``tz_aware = False`` holds for timestamps, and each write's is later."""

    class Naive(Document):
        at = DateTimeField()
        days = ListField(ListField(DateTimeField()))

        class Meta:
            tz_aware = False
            updated_at_timestamp = True

    days = [["2024-05-01"]]
    made: Any = await Naive.insert_one(at="2024-05-01T12:00:00+02:00", days=days)
    one: Any = await Naive.update_one({}, {"at": "2024-05-02"})
    (many,), _ = await Naive.update_many({}, {"at": "2024-05-03"})
    new: Any = await Naive.find_one_and_replace({}, {})
    new.at = one.at
    await new.save()
    dates = [each.updated_at for each in (made, one, many, await Naive.find_one())]

    assert dates == sorted(set(dates))
    assert {date.tzinfo for date in dates} == {None}
    assert made.at.isoformat() == "2024-05-01T10:00:00"
    assert made.days[0][0].isoformat() == many.days[0][0].isoformat()
    assert made.days[0][0].tzinfo is many.days[0][0].tzinfo is None


def test_declared_formats_are_the_only_ones() -> None:
    """Text in another format is refused, ISO 8601 as well; offsets count."""

    class Diary(Document):
        day = DateTimeField(datetime_formats=["%Y/%m/%d %z"])

    assert Diary(day="2024/05/01 +0200").day == datetime(2024, 4, 30, 22, tzinfo=UTC)
    with pytest.raises(errors.DateTimeFormatError):
        Diary(day="2024-05-01T00:00:00Z")


class Line(EmbeddedDocument):
    """A part of a part."""

    count = IntegerField(min_value=1)


class Cart(EmbeddedDocument):
    """A part."""

    lines = ListField(EmbeddedDocumentField(Line))


class Holder(EmbeddedDocument):
    """A part with a secret."""

    pin = BinaryField(hash_function=lambda text: text.encode())
    count = IntegerField()


class Buyer(Document):
    """Of both."""

    cart = EmbeddedDocumentField(Cart)
    holder = EmbeddedDocumentField(Holder)


async def test_errors_inside_of_parts_show_the_value(one_database: DataBase) -> None:
    """The whole way, and what was given; not what is stored, nor beside a secret."""
    text = (
        "Buyer.cart: is no Cart: lines: item 0: is no Line: count: must be at least 1"
    )
    given = {"lines": [{"count": -7}]}
    with pytest.raises(errors.EmbeddedDocumentTypeError) as caught:
        Buyer(cart=given)
    with pytest.raises(errors.EmbeddedDocumentTypeError) as secret:
        Buyer(holder={"pin": "hush", "count": "hush"})
    await (await Buyer.db())["buyer"].insert_one({"cart": given})
    with pytest.raises(errors.DocumentDecodeError) as stored:
        await Buyer.find()

    assert str(caught.value) == f"{text}, not -7"
    assert caught.value.value == given
    assert "hush" not in str(secret.value)
    assert secret.value.value is None
    assert "-7" not in str(stored.value)
