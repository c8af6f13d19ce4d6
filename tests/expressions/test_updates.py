"""Updates: merged operators, refused conflicts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bson import Decimal128, ObjectId

from mongolane.errors import QueryError, UnknownFieldError
from mongolane.expressions import Order, asc, desc
from mongolane.expressions.updates import to_update
from tests.expressions.shapes import USER, Colour, User

HEX = "65f0a1b2c3d4e5f6a7b8c9d0"


@pytest.mark.parametrize(
    ("change", "document", "shown"),
    [
        (User.name.set("x"), {"$set": {"n": "x"}}, "User.name.set('x')"),
        (User.tags.set(("a",)), {"$set": {"tags": ["a"]}}, None),
        (User.name.unset(), {"$unset": {"n": ""}}, "User.name.unset()"),
        (User.age.inc(), {"$inc": {"age": 1}}, "User.age.inc(1)"),
        (User.age.mul(2), {"$mul": {"age": 2}}, "User.age.mul(2)"),
        (User.items[0].price.set(1),
         {"$set": {"items.0.p": Decimal128("1")}}, "User.items[0].price.set(1)"),
        (User.age.min(2), {"$min": {"age": 2}}, None),
        (User.age.max(2), {"$max": {"age": 2}}, None),
        (User.name.rename("other"), {"$rename": {"n": "other"}}, None),
        (User.age.set_on_insert(1), {"$setOnInsert": {"age": 1}}, None),
        (User.place.current_date(), {"$currentDate": {"place": True}}, None),
        (User.place.current_date("timestamp"),
         {"$currentDate": {"place": {"$type": "timestamp"}}}, None),
        (User.age.bit(and_=5), {"$bit": {"age": {"and": 5}}}, "User.age.bit(and_=5)"),
        (User.tags.push("a"), {"$push": {"tags": "a"}}, "User.tags.push('a')"),
        (User.tags.push(each=["a"], slice=-3, sort=1, position=0),
         {"$push": {"tags": {"$each": ["a"], "$slice": -3, "$sort": 1,
                             "$position": 0}}},
         "User.tags.push(each=['a'], slice=-3, sort=1, position=0)"),
        (User.items.push({"p": 1}, sort=Order("p", -1)),
         {"$push": {"items": {"$each": [{"p": 1}], "$sort": {"p": -1}}}}, None),
        (User.items.push(each=[], sort=-User.items.price),
         {"$push": {"items": {"$each": [], "$sort": {"p": -1}}}}, None),
        (User.items.push(each=[], sort={"price": 1, "count": -1}),
         {"$push": {"items": {"$each": [], "$sort": {"p": 1, "count": -1}}}}, None),
        (User.tags.push(each=[], sort=-User.tags),
         {"$push": {"tags": {"$each": [], "$sort": -1}}}, None),
        (User.extra.push({"$each": [1]}),
         {"$push": {"extra": {"$each": [{"$each": [1]}]}}}, None),
        (User.extra.add_to_set({"$each": [1]}),
         {"$addToSet": {"extra": {"$each": [{"$each": [1]}]}}}, None),
        (User.friends.push(HEX), {"$push": {"friends": ObjectId(HEX)}}, None),
        (User.tags.add_to_set("a"), {"$addToSet": {"tags": "a"}}, None),
        (User.tags.add_to_set(each=["a"]), {"$addToSet": {"tags": {"$each": ["a"]}}},
         None),
        (User.tags.pull("a"), {"$pull": {"tags": "a"}}, None),
        (User.extra.pull({"$gt": 1}), {"$pull": {"extra": {"$eq": {"$gt": 1}}}}, None),
        (User.tags.pull_all(["a"]), {"$pullAll": {"tags": ["a"]}}, None),
        (User.tags.pop(), {"$pop": {"tags": 1}}, "User.tags.pop(1)"),
        (User.tags.pop(-1), {"$pop": {"tags": -1}}, None),
    ],
)  # fmt: skip
def test_change_gives_document(change, document, shown):
    """Each update operator gives the server's document, and shows what was typed."""
    assert document == change.to_update() == to_update([change], USER)
    assert shown is None or shown == repr(change)


def test_operators_merge():
    """Two $set on different fields are both kept."""
    found = to_update([User.name.set("x"), {"$set": {"age": 3}}, {"tags": ["a"]}], USER)

    assert found == {"$set": {"n": "x", "age": 3, "tags": ["a"]}}


@pytest.mark.parametrize(
    "changes",
    [
        [User.age.set(1), User.age.set(2)],
        [User.age.set(1), User.age.inc(1)],
        [User.address.set({}), User.address.size.set(1)],
        [User.address.size.set(1), User.address.set({})],
        [{"$set": {"address.size": 1}, "$unset": {"address": ""}}],
        [User.name.rename("age"), User.age.set(1)],
        [{"name": "a"}, {"n": "b"}],
        [User.name.rename("colour"), User.colour.set(Colour.RED)],
        [User.items.each.price.set(1), User.items[0].price.set(2)],
        [User.items[0].set({}), User.items.each.price.set(2)],
        [User.items.filtered("x").price.set(1), User.items.each.price.inc(2)],
        [User.items.matched.price.set(1), User.items.each.set({})],
        [User.items.each.price.set(1), User.items.push({})],
    ],
)
def test_conflicts_are_refused(changes):
    """The same path, or one inside the other, is refused with both named."""
    with pytest.raises(QueryError, match="conflicting changes of User"):
        to_update(changes, USER)


def test_siblings_do_not_conflict():
    """Fields of one embedded document, or with a common beginning, do not conflict."""
    found = to_update([{"address.size": 1, "address.city.name": "x"}], USER)

    assert found == {"$set": {"address.size": 1, "address.c.n": "x"}}


def test_elements_may_be_several():
    """Elements that a server can tell apart are its own to judge."""
    item = User.items
    for one, other in (
        (item.filtered("x").price, item.filtered("y").price),
        (item.filtered("x").price, item[0].price),
        (item.matched.price, item[1].price),
        (item.each.price, item.each.count),
        (item[0].price, item[1].price),
    ):
        update = to_update([one.set(1), other.set(2)], USER)
        assert set(update["$set"]) == {str(one), str(other)}


OTHER = "65f0a1b2c3d4e5f6a7b8c9d1"


@pytest.mark.parametrize(
    "changes",
    [
        [User.id.set(HEX)],
        [{"_id": HEX}],
        [{"$unset": {"id": ""}}],
        [{"$rename": {"_id": "name"}}],
        [{"$rename": {"name": "_id"}}],
        [{"$rename": {"name": "id"}}],
        [User.name.rename("_id")],
        [User.name.rename("id")],
        [User.name.rename(User.id)],
        [[{"$set": {"_id": 1}}]],
        [[{"$set": {"id": 1}}]],
        [[{"$addFields": {"_id": {"$toString": "$_id"}}}]],
        [[{"$set": {"_id.x": 1}}]],
        [[{"$unset": "_id"}]],
        [[{"$unset": ["n", "_id"]}]],
        [[{"$project": {"_id": "$n"}}]],
        [[{"$replaceWith": {"_id": 1}}]],
        [[{"$replaceRoot": {"newRoot": {"_id": "$n"}}}]],
        [[{"$replaceWith": {"$mergeObjects": ["$$ROOT", {"_id": 1}]}}]],
        [[{"$replaceWith": {"$literal": {"_id": 1}}}]],
        [[{"$set": {"age": 1}}, {"$set": {"_id": 1}}]],
    ],
)
def test_id_change_is_refused(changes):
    """An update that would change _id is refused; the error names the class."""
    with pytest.raises(QueryError, match="would change the _id of a User"):
        to_update(changes, USER)
    with pytest.raises(QueryError, match=f"of the User ObjectId.'{OTHER}'"):
        to_update(changes, USER, document_id=lambda: ObjectId(OTHER))


@pytest.mark.parametrize(
    "changes",
    [
        [User.id.set(HEX)],
        [{"id": HEX}],
        [[{"$set": {"_id": ObjectId(HEX)}}]],
        [[{"$replaceWith": {"_id": {"$literal": ObjectId(HEX)}}}]],
    ],
)
def test_both_ids_are_named(changes):
    """Where both ids are known, the error has both; the same one is no change."""
    message = f"of the User ObjectId.'{OTHER}'. to ObjectId.'{HEX}'"
    with pytest.raises(QueryError, match=message):
        to_update(changes, USER, document_id=lambda: ObjectId(OTHER))

    more = [] if isinstance(changes[0], list) else [{"age": 1}]
    found = to_update([*changes, *more], USER, document_id=lambda: ObjectId(HEX))
    assert found == changes[0] or found == {"$set": {"age": 1}}


@pytest.mark.parametrize(
    "stage",
    [
        {"$replaceWith": {"$mergeObjects": [{"_id": 1}, "$$ROOT", {"n": "x"}]}},
        {"$replaceWith": {"_id": "$_id", "n": "x"}},
        {"$replaceRoot": {"newRoot": "$address"}},
        {"$project": {"_id": 1, "n": 1}},
        {"$project": {"_id": 0, "n": 1}},
    ],
)
def test_stages_that_keep_the_id_pass(stage):
    """A stage that says nothing else of _id passes as it is."""
    assert to_update([[stage]], USER) == [stage]


@pytest.mark.parametrize(
    ("stage", "named"),
    [
        ({"$match": {"age": 1}}, r"\$match is no stage"),
        ("$set", "dict of one stage"),
        ({}, "dict of one stage"),
        ({"$set": {"a": 1}, "$unset": "b"}, "dict of one stage"),
        ({"$set": 3}, r"\$set needs a dict"),
        ({"$replaceRoot": "$address"}, r"\$replaceRoot needs a dict"),
    ],
)
def test_odd_stages_are_refused(stage, named):
    """What is no stage of an update is refused by name."""
    with pytest.raises(QueryError, match=named):
        to_update([[stage]], USER)


def test_rename_takes_names():
    """A name of the class stands for its key; another is the key itself."""
    assert to_update([User.extra.rename("name")], USER) == {"$rename": {"extra": "n"}}
    assert to_update([User.extra.rename(User.name)], USER) == {
        "$rename": {"extra": "n"}
    }
    assert to_update([User.extra.rename("new")], USER) == {"$rename": {"extra": "new"}}


def test_id_on_insert_is_allowed():
    """A new document may be given its _id."""
    assert to_update([User.id.set_on_insert(HEX)], USER) == {
        "$setOnInsert": {"_id": ObjectId(HEX)}
    }


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [{}],
        [[]],
        [3],
        [{"$set": 3}],
        [{"$set": {"age": 1}, "name": "x"}],
        [[{"$set": {"a": 1}}], {"age": 1}],
        [[{"$set": {"a": {"$function": {}}}}]],
        [{"$set": {"extra": {"$function": {}}}}],
        [{"$inc": {"age": "x"}}],
        [{"$mul": {"age": None}}],
    ],
)
def test_odd_update_is_refused(changes):
    """An update that cannot be meant is refused."""
    with pytest.raises(QueryError):
        to_update(changes, USER)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"$push": {"age": 1}}, r"\$push needs an array, and User\.age holds none"),
        ({"$addToSet": {"name": "x"}}, r"\$addToSet needs an array"),
        ({"$pop": {"age": 1}}, r"\$pop needs an array"),
        ({"$pull": {"name": "x"}}, r"\$pull needs an array"),
        ({"$pullAll": {"name": ["x"]}}, r"\$pullAll needs an array"),
        ({"$inc": {"name": 1}}, r"\$inc needs a number, and User\.name holds none"),
        ({"$mul": {"tags": 2}}, r"\$mul needs a number"),
        ({"$bit": {"name": {"or": 1}}}, r"\$bit needs a number"),
        ({"$inc": {"age": 1.5}}, r"User\.age is an int, which \$inc by 1\.5"),
        ({"$mul": {"age": float("inf")}}, r"User\.age is an int, which \$mul by inf"),
        ({"$bit": {"age": {"nand": 1}}}, "one of and, or, xor"),
        ({"$bit": {"age": 3}}, "one of and, or, xor"),
        ({"$bit": {"age": {"or": 1.5}}}, "takes an integer, not 1.5"),
        ({"$pop": {"tags": 2}}, "takes 1 .last. or -1"),
        ({"$currentDate": {"place": "now"}}, r"\$currentDate takes True"),
        ({"$currentDate": {"place": {"$type": "time"}}}, r"\$currentDate takes True"),
        ({"$pullAll": {"tags": "ab"}}, "a list of elements is needed, not 'ab'"),
        ({"$push": {"tags": {"$each": "ab"}}}, "a list of elements is needed"),
        ({"$push": {"tags": {"$each": [], "$slicee": 1}}}, r"no modifier '\$slicee'"),
        ({"$push": {"tags": {"$slice": 1}}}, r"\$slice of \$push needs \$each"),
        ({"$push": {"tags": {"$each": [], "$slice": "1"}}}, "is an integer, not '1'"),
        ({"$addToSet": {"tags": {"$each": [], "$slice": 1}}}, r"no modifier '\$slice'"),
    ],
)
def test_odd_operands_are_refused(change, named):
    """An operand that a server would refuse is refused before, with field and why."""
    with pytest.raises(QueryError, match=named):
        to_update([change], USER)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: User.items.count.set(1), "User.items is an array; say which elements"),
        (lambda: {"items.price": 1}, "User.items is an array; say which elements"),
        (lambda: User.tags[0].rename("other"), "cannot reach into an array"),
        (lambda: User.name.rename("items.0.price"), "cannot reach into an array"),
        (lambda: {"$rename": {"name": "items.$[].price"}}, "reach into an array"),
        (lambda: User.name.rename(""), "names no new path"),
    ],
)
def test_elements_must_be_told(make, named):
    """A path into an array that names no elements is refused: no server takes it."""
    with pytest.raises(QueryError, match=named):
        to_update([make()], USER)


def test_whole_numbers_stay_ints():
    """An int is counted on by a whole number, whatever its type, as an int."""
    assert repr(User.age.inc(2.0).operand) == "2"
    assert repr(User.age.mul(Decimal("3.0")).operand) == "3"


def test_sorts_in_dicts_have_stored_keys():
    """The $sort of a dict's $push takes the elements' names, as push() does."""
    found = to_update(
        [{"$push": {"items": {"$each": [], "$sort": {"price": -1}}}}], USER
    )

    assert found == {"$push": {"items": {"$each": [], "$sort": {"p": -1}}}}


def test_unknown_operator_in_update():
    """An operator that there is none of is refused, with the near one."""
    with pytest.raises(QueryError, match=r"\$sett .*did you mean \$set\?"):
        to_update([{"$sett": {"age": 1}}], USER)


def test_unknown_field_in_update():
    """A name that the class does not declare is refused in an update, too."""
    with pytest.raises(UnknownFieldError, match="did you mean 'name'"):
        to_update([{"$set": {"nmae": 1}}], USER)


def test_dict_update_is_converted():
    """Values of a dict update take their stored form by operator."""
    found = to_update(
        [
            {
                "$set": {"items.0.price": "2"},
                "$push": {"friends": {"$each": [HEX], "$slice": 3}},
                "$pullAll": {"tags": ["a"]},
                "$inc": {"age": -1},
                "$rename": {"name": "extra.name"},
            }
        ],
        USER,
    )

    assert found == {
        "$set": {"items.0.p": Decimal128("2")},
        "$push": {"friends": {"$each": [ObjectId(HEX)], "$slice": 3}},
        "$pullAll": {"tags": ["a"]},
        "$inc": {"age": -1},
        "$rename": {"n": "extra.name"},
    }


def test_pulled_elements_meet_conditions():
    """pull() takes conditions on the elements' fields, or on the elements."""
    assert User.items.pull(
        (User.items.price > 1) & (User.items.count == 2)
    ).operand == {
        "p": {"$gt": Decimal128("1")},
        "count": 2,
    }
    assert User.tags.pull(User.tags.each > "x").operand == {"$gt": "x"}
    either = (User.items.price > 1) | (User.items.count == 2)
    assert User.items.pull(either).operand == {
        "$or": [{"p": {"$gt": Decimal128("1")}}, {"count": 2}]
    }


def test_filter_in_dict_is_refused():
    """An expression inside of a dict's operator is refused, with what to write."""
    with pytest.raises(QueryError, match=r"write User\.items\.pull"):
        to_update([{"$pull": {"items": User.items.price > 1}}], USER)
    assert to_update([{"$push": {"friends": HEX}, "$pull": {"tags": "a"}}], USER) == {
        "$push": {"friends": ObjectId(HEX)},
        "$pull": {"tags": "a"},
    }


def test_pull_takes_filters():
    """$pull takes a filter on the elements, with their names mapped."""
    assert to_update([{"$pull": {"items": {"price": {"$gt": "1"}}}}], USER) == {
        "$pull": {"items": {"p": {"$gt": Decimal128("1")}}}
    }


def test_pipeline_passes():
    """A pipeline stands alone and passes as it is."""
    pipeline = [{"$set": {"total": {"$sum": "$items.p"}}}]

    assert to_update([pipeline], USER) == pipeline


@pytest.mark.parametrize(
    "make",
    [
        lambda: User.age.inc("x"),
        lambda: User.age.inc(None),
        lambda: User.tags.pop(2),
        lambda: User.age.bit(nand=3),
        lambda: User.place.current_date("day"),
        lambda: User.age.set("x"),
        lambda: User.tags.push("a", each=["b"]),
        lambda: User.tags.push(each="ab"),
        lambda: User.tags.push(each=5),
        lambda: User.tags.add_to_set(each="ab"),
        lambda: User.tags.pull_all("ab"),
        lambda: User.age.push(1),
        lambda: User.age.pop(),
        lambda: User.name.inc(),
        lambda: User.age.bit(or_=1.5),
    ],
)
def test_odd_change_is_refused(make):
    """A change with an operand that cannot be meant is refused where it is made."""
    with pytest.raises(QueryError):
        make()


def test_orders():
    """Sort orders come from paths, by functions, signs and methods."""
    assert -User.age == desc(User.age) == User.age.desc()
    assert +User.age == asc(User.age) == User.age.asc() == -desc(User.age)
    assert repr(desc(User.age)) == "desc(User.age)"
    assert len({desc("a"), desc("a"), asc("a")}) == 2
    with pytest.raises(QueryError):
        -Order("score", {"$meta": "textScore"})


def test_changes_are_values():
    """Changes are equal by what they do."""
    assert User.age.inc(1) == User.age.inc(1)
    assert len({User.age.inc(1), User.age.inc(1), User.age.inc(2)}) == 2
