"""What cannot be stored, changed or read says why, and where."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import bson
import pytest
from bson import ObjectId

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    ListField,
    ReferenceField,
    Stored,
    StringField,
    errors,
)


class Leaf(EmbeddedDocument):
    """May hold itself."""

    name: str = ""
    inner: Leaf | None = None


class Tree(Document):
    """Anything."""

    name: str = ""
    number: float = 0.0
    at: datetime | None = None
    leaf: Leaf | None = None
    anything: Any = None

    class Meta:
        collection = "trees"


def made_as_stored(tree: Tree) -> dict[str, Any]:
    """A tree that has only a name, as a dict of its stored keys."""
    rest = {"number": 0.0, "at": None, "leaf": None, "anything": None}
    return {"_id": tree.id, "name": tree.name, **rest}


def loaded(tree: Tree) -> Any:
    """A tree's own JSON, in which nothing but JSON may be."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(tree.to_json(), parse_constant=refuse)


async def test_an_update_of_the_id(one_database: DataBase) -> None:
    """A change of _id is refused; the same _id is none."""
    tree = await Tree(name="a").insert()
    same = await Tree.update_one({"name": "a"}, {"_id": str(tree.id), "name": "b"})
    with pytest.raises(errors.DocumentUpdateError, match="_id"):
        await Tree.update_one({"name": "b"}, {"_id": ObjectId()})

    assert same is not None
    assert same.name == "b"


async def test_a_whole_dict_as_an_update(one_database: DataBase) -> None:
    """What to_dict() gives may be given back, and the dates are new all the same."""

    class Dated(Document):
        name = StringField()

        class Meta:
            updated_at_timestamp = True
            created_at_timestamp = True

    made: Any = await Dated.insert_one(name="a")
    again: Any = await Dated.update_one({"_id": made.id}, made.to_dict())

    assert again.created_at == made.created_at
    assert again.updated_at > made.updated_at


async def test_cyclic_values(one_database: DataBase) -> None:
    """A value that holds itself is refused, and nothing crashes."""
    leaf = Leaf()
    leaf.inner = leaf
    items: list[Any] = []
    items.append(items)

    made = await Tree(name="a").insert()
    made.anything = items
    for wrong in (Tree(leaf=leaf), Tree(anything=items), made):
        with pytest.raises(errors.EncodeError, match="contains itself"):
            await wrong.save()
        with pytest.raises(errors.EncodeError, match="contains itself"):
            wrong.to_dict()
        with pytest.raises(errors.EncodeError, match="contains itself"):
            await Tree.insert_all([Tree(), wrong])
    with pytest.raises(errors.EncodeError, match=r"^anything\.0\.0"):
        await Tree(anything=items).insert()
    with pytest.raises(errors.DocumentUpdateError, match="contains itself"):
        await Tree.update_one({"name": "a"}, {"anything": items})
    assert await Tree.find().raw() == [made_as_stored(made)]


async def test_deep_values(one_database: DataBase) -> None:
    """What is deeper than a server takes is refused by its path, however deep it is."""
    for depth in (201, 300, 5000):
        value: Any = 1
        for _ in range(depth):
            value = {"a": value}
        with pytest.raises(errors.EncodeError, match=r"^anything\.a\.a"):
            await Tree(anything=value).insert()

    assert await Tree.count() == 0


async def test_special_numbers(one_database: DataBase) -> None:
    """NaN and infinities are stored and read as they are."""
    await Tree(number=float("inf")).insert()
    await Tree(number=float("nan")).insert()
    found = await Tree.find()

    assert found[0].number == float("inf")
    assert found[1].number != found[1].number


@pytest.mark.parametrize(
    "value", [{"a\0b": 1}, "\ud800", {"x": object()}, {1j: 2}.keys(), 2**70]
)
async def test_what_bson_cannot_hold(one_database: DataBase, value: Any) -> None:
    """Keys with NUL, lone surrogates, objects and huge ints are refused."""
    with pytest.raises((errors.EncodeError, ValueError)) as caught:
        await Tree(anything=value).insert()

    assert "anything" in str(caught.value)
    assert await Tree.count() == 0


@pytest.mark.parametrize("value", ["\ud800", {"a\0b": 1}, ["x", "\ud800"]])
async def test_commands_that_cannot_be_encoded(database: DataBase, value: Any) -> None:
    """On every lane an EncodeError that names the path, and the next one works."""
    tree = await Tree(name="a").insert()
    one = Tree.find(Tree.name == "a")
    tries = (
        lambda: Tree.find_many({"anything": value}),
        lambda: Tree.update_one({"name": "a"}, {"anything": value}),
        lambda: Tree.update_many({}, {"$set": {"anything": value}}),
        lambda: one.first().and_replace(Tree(anything=value)),
        lambda: one.update([{"$set": {"anything": {"$literal": value}}}]),
    )
    for do in tries:
        with pytest.raises(errors.EncodeError, match="anything"):
            await do()

    assert await Tree.find() == [tree]


@pytest.mark.parametrize(
    "make",
    [
        lambda value: Tree.find().update({"anything": value}).command(),
        lambda value: Tree.find().first().and_update({"anything": value}).command(),
        lambda value: Tree.anything.set(value),
    ],
)
@pytest.mark.parametrize(
    ("value", "path"), [("\ud800", "anything: "), ([{"\0": 1}], "anything.0: ")]
)
def test_updates_name_the_way_to_what_cannot_be_stored(
    make: Any, value: Any, path: str
) -> None:
    """From the document's field on."""
    with pytest.raises(errors.EncodeError, match=f"^{re.escape(path)}"):
        make(value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tree.find(Tree.number == "x" * 10_000),
        lambda: Tree.find({"number": "x" * 10_000}).command(),
        lambda: Tree.find().update({"$inc": {"number": "x" * 10_000}}),
        lambda: Tree.find().update({"$set": "x" * 10_000}),
        lambda: Tree.find().update(["x" * 10_000]),
    ],
)
def test_messages_are_short(make: Any) -> None:
    """They quote the beginning of a long value."""
    with pytest.raises(errors.QueryError) as caught:
        make()

    assert len(str(caught.value)) < 300


async def test_special_numbers_in_json(one_database: DataBase) -> None:
    """JSON has no such numbers: they are null, whichever way it is made."""
    for number in (float("nan"), float("inf"), float("-inf")):
        await Tree(number=number, anything={"deep": [number]}).insert()

    for one in [*json.loads(await Tree.find().json()), *map(loaded, await Tree.find())]:
        assert one["number"] is None
        assert one["anything"] == {"deep": [None]}


async def test_keys_with_dots_and_dollars(one_database: DataBase) -> None:
    """Such keys are stored, read, and saved again."""
    tree = await Tree(anything={"a.b": 1, "$c": 2}).insert()
    read = await Tree.get(tree.id)
    assert read is not None
    assert read.anything == {"a.b": 1, "$c": 2}
    read.anything = {"a.b": 3}
    await read.save()
    again = await Tree.get(tree.id)

    assert again is not None
    assert again.anything == {"a.b": 3}


@pytest.mark.parametrize("milliseconds", [-(2**60), 2**60])
async def test_dates_outside_of_pythons(
    one_database: DataBase, milliseconds: int
) -> None:
    """A stored date that Python has no value for names id and path."""
    raw = one_database.client[one_database.name]["trees"]
    document = bson.SON(_id=1, at=bson.DatetimeMS(milliseconds))
    await raw.insert_one(document)
    with pytest.raises(errors.DocumentDecodeError, match=r"at") as caught:
        await Tree.find({"_id": {"$exists": True}})

    assert caught.value.document_id == 1


async def test_ids_of_old_documents(one_database: DataBase) -> None:
    """A stored id of another type names itself; the policy may let it pass."""
    raw = one_database.client[one_database.name]["trees"]
    await raw.insert_many([{"_id": 7, "name": "old"}, {"name": "new"}])
    with pytest.raises(errors.DocumentDecodeError, match="_id 7"):
        await Tree.find()

    assert [one.name for one in await Tree.find().on_invalid("skip")] == ["new"]


async def test_values_of_a_filter(one_database: DataBase) -> None:
    """Text where a number is declared is refused with class, field and value."""
    with pytest.raises(errors.QueryError, match=r"Tree\.number.*'x'"):
        await Tree.find({"number": "x"})
    assert await Tree.find_many({"number": "x"}) == []


IMPOSSIBLE = ["\ud800", "a\0b", "$a", "a$b", "system.a", "", "x" * 300, ".a", "a.", 5]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_names_of_collections(name: Any) -> None:
    """A name no server takes is refused with its class, when that is made."""
    with pytest.raises(errors.ConfigurationError, match="Named: "):

        class Named(Document):
            class Meta:
                collection = name


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("colection", "a", "did you mean 'collection'"),
        ("indices", [], "unknown setting 'indices'"),
        ("timestamps", "false", "timestamps is True or False"),
        ("tz_aware", None, "tz_aware is True or False"),
        ("options", "majority", "options is a dict"),
        ("indexes", "name", "indexes is a list"),
        ("indexes", [[]], "an index names its fields"),
    ],
)
def test_wrong_settings(setting: str, value: Any, said: str) -> None:
    """A setting that is misspelled, or of another type, is named with its class."""
    meta = type("Meta", (), {setting: value})
    with pytest.raises(errors.ConfigurationError, match=f"Set: .*{said}"):
        type(Document)("Set", (Document,), {"__module__": __name__, "Meta": meta})


@pytest.mark.parametrize(
    "wrong", [{"secret": "reveal"}, {"decimal": "up"}, {"name": "\ud800"}, {"name": 5}]
)
def test_wrong_marks(wrong: Any) -> None:
    """A mark that says what there is not is refused where it is written."""
    with pytest.raises(errors.ConfigurationError):
        Stored(**wrong)


class Owner(Document):
    """Refers to trees."""

    tree = ReferenceField(Tree)
    trees = ListField(ReferenceField(Tree))

    class Meta:
        collection = "owners"


async def test_references_to_missing_documents(database: DataBase) -> None:
    """What a reference leads to and is gone is None, in its place; the id stays."""
    tree, gone = await Tree(name="a").insert(), ObjectId()
    await Owner.insert_one(tree=gone, trees=[gone, tree.id, gone])
    owner: Any = await Owner.find_one({})

    for wrong in ([None], owner, [{"_id": 1}]):
        with pytest.raises(errors.QueryError, match="takes documents"):
            await Owner.prefetch(wrong)
    assert await owner.tree is None
    assert await owner.trees == [None, tree, None]
    await Owner.prefetch([owner])
    assert await owner.tree is None
    await owner.save()
    raw = database.client[database.name]["owners"]
    stored = await raw.find_one()
    assert (stored["tree"], stored["trees"]) == (gone, [gone, tree.id, gone])


def test_cyclic_filters_and_updates() -> None:
    """A filter or an update that contains itself is refused, and nothing crashes."""
    cyclic: dict[str, Any] = {}
    cyclic["a"] = cyclic
    for ask in (
        lambda: Tree.find({"anything": cyclic}).command(),
        lambda: Tree.find().update({"$set": {"anything": cyclic}}),
        lambda: Tree.find().update({"anything": [cyclic]}),
    ):
        with pytest.raises(errors.QueryError, match="contains itself"):
            ask()


WRONG_ARGUMENTS: list[Any] = [
    lambda: Tree.find().collation(5),  # type: ignore[arg-type]
    lambda: Tree.find().max_time(float("inf")),
    lambda: Tree.find().max_time(-1),
    lambda: Tree.find().with_options(read_concern=5),
    lambda: Tree.find().with_options(write_concern=[1]),
    lambda: Tree.find().sort(SELF),
    lambda: Tree.pipeline(None),  # type: ignore[arg-type]
    lambda: Tree.pipeline({"$match": {}}),  # type: ignore[arg-type]
    lambda: Tree.path(5),  # type: ignore[arg-type]
    lambda: Tree.path("number").all(5),  # type: ignore[arg-type]
    lambda: Tree.path("number").filtered(5),  # type: ignore[arg-type]
    lambda: Tree.using(DataBase),  # type: ignore[arg-type]
]
SELF: list[Any] = []
SELF.append(SELF)


@pytest.mark.parametrize("ask", WRONG_ARGUMENTS)
def test_arguments_of_another_type(ask: Any) -> None:
    """What no method can mean is refused by name, where it is written."""
    with pytest.raises(errors.QueryError):
        ask()


@pytest.mark.parametrize("operand", [3, None, [1], "x"])
@pytest.mark.parametrize("operator", ["$set", "$setOnInsert", "$inc"])
async def test_operands_of_another_type(
    one_database: DataBase, operator: str, operand: Any
) -> None:
    """An operator without a dict of fields is named, by each kind of update."""
    with pytest.raises(errors.QueryError, match=re.escape(operator)):
        Tree.find().update({operator: operand})
    with pytest.raises(errors.DocumentUpdateError, match=re.escape(operator)):
        await Tree.update_one({}, {operator: operand})


async def test_documents_of_another_type(one_database: DataBase) -> None:
    """The same for what is no document, no list of them, and no model."""
    tree = await Tree(name="a").insert()
    for wrong in (None, 5, object()):
        for ask in (Tree.insert_all, tree.patch, Tree.prefetch):
            with pytest.raises(errors.QueryError):
                await ask(wrong)  # type: ignore[operator]
        with pytest.raises(errors.ConfigurationError, match="pydantic model"):
            await Tree.find().project(wrong)  # type: ignore[type-var]
    with pytest.raises(errors.UnknownFieldError):
        await tree.patch({5: 1})  # type: ignore[dict-item]
