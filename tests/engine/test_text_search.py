"""Text indexes and `$text`: what is found, how well it fits, how they are listed."""

import pymongo
import pymongo.errors
import pytest

SCORE = {"score": {"$meta": "textScore"}}


@pytest.fixture
def stores(things):
    things.insert_many(
        [
            {"_id": 1, "name": "Java Hut", "about": "Coffee and cakes"},
            {"_id": 2, "name": "Burger Buns", "about": "Gourmet hamburgers"},
            {"_id": 3, "name": "Coffee Shop", "about": "Just coffee"},
            {"_id": 4, "name": "Clothes Clothes Clothes", "about": "Discount clothing"},
            {"_id": 5, "name": "Java Shopping", "about": "Indonesian goods"},
        ]
    )
    things.create_index([("name", "text"), ("about", "text")], name="words")
    return things


def search(text, **options):
    return {
        "$text": {
            "$search": text,
            **{f"${key}": value for key, value in options.items()},
        }
    }


def ids(cursor):
    return sorted(document["_id"] for document in cursor)


def refusal(call):
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        call()
    return caught.value.code


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (search("java coffee shop"), [1, 3, 5]),
        (search('java "coffee shop"'), [3]),
        (search("java shop -coffee"), [5]),
        (search("clothe"), [4]),
        (search("CAKE"), [1]),
        (search("Coffee", caseSensitive=True), [1, 3]),
        (search("coffee", caseSensitive=True), [3]),
        (search("and"), []),
        (search("cakes", language="none"), []),
        ({**search("coffee"), "_id": {"$gt": 1}}, [3]),
        ({"$or": [search("coffee"), {"_id": 2}]}, [1, 2, 3]),
    ],
    ids=str,
)
def test_words_are_found(stores, given, expected):
    """Any of the words by its stem, all of the phrases, none of what is unwanted."""
    assert expected == ids(stores.find(given))
    assert len(expected) == stores.count_documents(given)


def test_scores_are_shown_and_sorted_by(stores):
    """A score can be shown, and sorted by, in `find` and in pipelines."""
    found = list(
        stores.find(search("coffee"), {"name": 1, **SCORE}).sort(
            [("score", SCORE["score"])]
        )
    )
    assert [{"_id": 3, "name": "Coffee Shop", "score": 1.5}] == found[:1]
    assert 0.75 == found[1]["score"]
    whole = stores.find_one(search("gourmet"), SCORE)
    assert {"_id", "name", "about", "score"} == set(whole)
    piped = stores.aggregate(
        [
            {"$match": search("coffee")},
            {"$sort": {"score": {"$meta": "textScore"}}},
            {"$project": {"_id": 1}},
            {"$set": SCORE},
        ]
    )
    assert [{"_id": 3, "score": 1.5}, {"_id": 1, "score": 0.75}] == list(piped)
    grouped = stores.aggregate(
        [
            {"$match": search("coffee")},
            {"$sort": SCORE},
            {"$group": {"_id": None, "all": {"$push": "$$ROOT"}}},
        ]
    )
    assert [3, 1] == [document["_id"] for document in next(grouped)["all"]]


def test_writes_search_too(stores):
    """Updates and deletes take a search for a filter."""
    assert (
        2
        == stores.update_many(search("coffee"), {"$set": {"hot": True}}).modified_count
    )
    assert 1 == stores.delete_many(search("clothing")).deleted_count
    stores.update_one({"_id": 2}, {"$set": {"about": "Fine teas"}})
    assert [2] == ids(stores.find(search("tea")))
    assert [] == ids(stores.find(search("gourmet")))


def test_a_search_needs_its_index(stores):
    """Without a text index, or with a hidden one, there is no search."""
    assert 27 == refusal(lambda: list(stores.database.absent.find(search("x"))))
    stores.database.command(
        {"collMod": stores.name, "index": {"name": "words", "hidden": True}}
    )
    assert 27 == refusal(lambda: list(stores.find(search("x"))))
    assert 27 == refusal(lambda: list(stores.aggregate([{"$match": search("x")}])))


def test_a_search_stands_in_few_places(stores):
    """Where a search can't be answered it is refused."""
    for given in (
        {"$nor": [search("x")]},
        {"$and": [search("x"), search("y")]},
        {"$text": {"$search": 1}},
        {"$text": {"$search": "x", "$language": "klingon"}},
    ):
        assert refusal(lambda given=given: list(stores.find(given))) in (2, 14)
    assert 2 == refusal(lambda: list(stores.find(search("x")).hint("_id_")))
    assert 17313 == refusal(
        lambda: list(stores.aggregate([{"$limit": 1}, {"$match": search("x")}]))
    )
    for call in (
        lambda: list(stores.find({}, SCORE)),
        lambda: list(stores.find({}).sort([("s", SCORE["score"])])),
        lambda: list(stores.aggregate([{"$set": SCORE}])),
    ):
        assert 40218 == refusal(call)


def test_a_compound_text_index(things):
    """The fields before the texts must be given; those behind need not."""
    things.create_index([("shop", 1), ("name", "text"), ("n", -1)], name="c")
    things.insert_many(
        {"_id": i, "shop": i % 2, "name": "red apple", "n": i} for i in range(4)
    )

    assert [1, 3] == ids(things.find({"shop": 1, **search("apples")}))
    assert 291 == refusal(lambda: list(things.find(search("apples"))))
    key = next(i for i in things.list_indexes() if i["name"] == "c")["key"]
    assert [("shop", 1), ("_fts", "text"), ("_ftsx", 1), ("n", -1)] == list(key.items())


def test_how_a_text_index_is_listed(things):
    """A text index lists its weights and languages."""
    things.create_index(
        [("b", "text"), ("a", "text")],
        weights={"a": 10},
        default_language="portuguese",
        language_override="idioma",
        name="t",
    )
    things.create_index(
        [("b", "text"), ("a", "text")],
        weights={"a": 10, "b": 1},
        default_language="portuguese",
        language_override="idioma",
        name="t",
    )
    listed = dict(next(i for i in things.list_indexes() if i["name"] == "t"))

    assert {"_fts": "text", "_ftsx": 1} == dict(listed.pop("key"))
    assert [("a", 10), ("b", 1)] == list(listed.pop("weights").items())
    assert {
        "v": 2,
        "name": "t",
        "default_language": "portuguese",
        "language_override": "idioma",
        "textIndexVersion": 3,
    } == listed


def test_all_texts_are_indexed(things):
    """A wildcard takes in all texts at any depth, in the document's own language."""
    things.create_index([("$**", "text")], weights={"title": 5}, name="all")
    things.insert_many(
        [
            {"_id": 1, "title": "apple", "x": {"y": ["pear", {"z": "plum"}]}},
            {"_id": 2, "language": "portuguese", "texto": "duas casas"},
        ]
    )

    assert [1] == ids(things.find(search("plums")))
    assert [2] == ids(things.find(search("casa", language="pt")))
    assert 5.0 == things.find_one(search("apples"), SCORE)["score"]
    assert 17262 == refusal(
        lambda: things.insert_one({"language": "klingon", "t": "x"})
    )


def test_one_text_index_is_enough(stores):
    """A second text index is refused, and so is one that was asked for wrongly."""
    words = [("name", "text"), ("about", "text")]
    for keys, options, code in (
        ([("other", "text")], {}, 85),
        ([("n", 1), ("other", "text")], {}, 67),
        (words, {"name": "words", "default_language": "none"}, 85),
        (words, {"name": "other"}, 85),
    ):
        assert code == refusal(lambda k=keys, o=options: stores.create_index(k, **o))
    stores.drop_index("words")
    for keys, options, code in (
        ([("a", "text"), ("n", 1), ("b", "text")], {}, 17389),
        ([("a", "text")], {"weights": {"a": 0}}, 16674),
        ([("a", "text")], {"weights": 5}, 17284),
        ([("a", "text")], {"default_language": "klingon"}, 17264),
        ([("a", "text")], {"language_override": "a.b"}, 17136),
        ([("a", "text"), ("b", "hashed")], {}, 67),
        ([("a", "text")], {"collation": {"locale": "en"}}, 67),
        ([("a", 1)], {"weights": {"a": 1}}, 67),
    ):
        assert code == refusal(lambda k=keys, o=options: stores.create_index(k, **o))


def test_a_text_index_survives(start, tmp_path):
    """A search works as before after a restart."""
    engine = start(tmp_path)
    with engine.client() as client:
        client.test.things.create_index([("a", "text")], weights={"a": 3})
        client.test.things.insert_one({"_id": 1, "a": "green apples"})
        before = list(client.test.things.list_indexes())
    engine.stop()
    with start(tmp_path).client() as client:
        assert before == list(client.test.things.list_indexes())
        assert 2.25 == client.test.things.find_one(search("apple"), SCORE)["score"]
