"""Embedded documents may have an ``_id``, and fields called ``id``."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from bson import ObjectId
from bson.errors import InvalidId

from mongolane import (
    DataBase,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    ListField,
    StringField,
)


class Comment(EmbeddedDocument):
    """Declares no id."""

    text = StringField()


class Item(EmbeddedDocument):
    """Declares a field that is called so."""

    id = StringField()


class Post(Document):
    """Has some of both."""

    top = EmbeddedDocumentField(Comment)
    comments = ListField(EmbeddedDocumentField(Comment))
    item = EmbeddedDocumentField(Item)
    items = ListField(EmbeddedDocumentField(Item))
    threads = ListField(ListField(EmbeddedDocumentField(Comment)))


ONE, TWO = ObjectId(), ObjectId()


async def stored(database: DataBase) -> Any:
    """The document as it is stored."""
    return await database.client[database.name]["post"].find_one({}, {"_id": 0})


async def test_parts_keep_the_ids_they_were_given(database: DataBase) -> None:
    """Given to a class, in a dict, or set, as an id or text: stored, and read back."""
    set_later = Comment(text="c")
    set_later._id = str(TWO)
    post = Post(
        top={"_id": str(ONE), "text": "a"},
        comments=[Comment(_id=TWO, text="b"), set_later, {"text": "d"}],
        threads=[[], [{"text": "e"}, {"_id": ONE}]],
    )
    await post.save()
    held = await stored(database)
    read: Any = await Post.find_one()

    assert held["top"] == {"_id": ONE, "text": "a"}
    assert [one.get("_id") for one in held["comments"]] == [TWO, TWO, None]
    assert held["threads"] == [[], [{"text": "e"}, {"_id": ONE}]]
    assert read == post
    assert read.to_dict() == post.to_dict()
    assert list(read.to_dict()["top"].items()) == [("_id", str(ONE)), ("text", "a")]
    assert copy.deepcopy(read).to_dict() == read.to_dict()
    assert pickle.loads(pickle.dumps(read)).to_dict() == read.to_dict()
    assert read.comments[0]._id == TWO
    assert not hasattr(read.comments[2], "_id")


async def test_ids_of_parts_in_updates_and_saves(database: DataBase) -> None:
    """Operators and saves store them, and leave those that are there."""
    await Post.insert_one(comments=[{"_id": ONE, "text": "a"}])
    post: Any = await Post.update_one(
        {}, {"$push": {"comments": {"_id": str(TWO), "text": "b"}}}
    )
    post.comments[0].text = "c"
    post.comments.append({"_id": TWO, "text": "d"})
    post.top = Comment(_id=ONE)
    await post.save()
    held = await stored(database)
    (many,), _ = await Post.update_many({}, {"top": {"_id": TWO, "text": "e"}})
    new: Any = await Post.find_one_and_replace({}, {"top": {"_id": ONE}})

    assert [one["_id"] for one in held["comments"]] == [ONE, TWO, TWO]
    assert held["top"] == {"_id": ONE}
    assert (many.top._id, new.top._id) == (TWO, ONE)


@pytest.mark.parametrize(
    "query",
    [
        {"comments._id": TWO},
        {"comments._id": str(TWO)},
        {"top._id": {"$in": [str(ONE)]}},
        {"comments": {"$elemMatch": {"_id": str(TWO), "text": "b"}}},
    ],
)
async def test_parts_are_found_by_their_ids(
    query: dict[str, Any], database: DataBase
) -> None:
    """Text is an id there, too, in pipelines as well."""
    comments = [{"_id": ONE, "text": "a"}, {"_id": TWO, "text": "b"}]
    post = await Post.insert_one(top={"_id": ONE}, comments=comments)
    pipeline = [{"$match": query}]

    assert await Post.find_many(query) == [post]
    assert await Post.aggregate(pipeline, return_as_list=True) == [post]


async def test_a_field_called_id_is_stored_as_id(database: DataBase) -> None:
    """As motormongo stored it; a part's ``_id`` is something else."""
    posts = database.client[database.name]["post"]
    await posts.insert_one({"item": {"id": "a", "_id": ONE}, "items": [{"id": "b"}]})
    post: Any = await Post.find_one({"item.id": "a", "items.id": "b"})
    post.items.append(Item(id="c"))
    await post.save()

    assert (post.item.id, post.item._id) == ("a", ONE)
    assert post.to_dict()["items"] == [{"id": "b"}, {"id": "c"}]
    assert await stored(database) == {
        "item": {"id": "a", "_id": ONE},
        "items": [{"id": "b"}, {"id": "c"}],
    }


@pytest.mark.parametrize("given", ["x", 5])
def test_what_can_be_no_id_of_a_part(given: Any) -> None:
    """It is bson's InvalidId, and a ValueError, wherever it is given."""
    for make in (lambda: Comment(_id=given), lambda: Post(top={"_id": given})):
        with pytest.raises(InvalidId) as caught:
            make()

        assert isinstance(caught.value, ValueError)


async def test_other_ids_of_parts_are_read_as_they_are(database: DataBase) -> None:
    """What other applications gave their parts is not refused, and stays."""
    posts = database.client[database.name]["post"]
    await posts.insert_one({"top": {"_id": "own", "text": "a"}})
    post: Any = await Post.find_one({"top._id": "own"})
    post.top.text = "b"
    await post.save()

    assert post.top._id == "own"
    assert (await stored(database))["top"] == {"_id": "own", "text": "b"}


async def test_without_its_id_a_document_is_another(database: DataBase) -> None:
    """``del post._id`` makes a copy of what is saved next."""
    post = await Post.insert_one(top={"text": "a"})
    first = post.id
    del post._id
    assert not hasattr(post, "_id")
    await post.save()

    assert post.id not in (None, first)
    assert len(await Post.find_many()) == 2
