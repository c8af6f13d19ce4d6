"""What no driver writes today, but a document may hold: both codecs, one answer."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import bson
import pytest
from bson import DBRef
from bson.binary import Binary
from pydantic import create_model

from mongolane.codec import plan
from mongolane.codec.plan import FieldPlan, ModelPlan, Nullable, Scalar
from mongolane.errors import BSONError
from tests.codec.models import ADDRESS, CAT, DOG, NODE, OPEN


def enclosed(*elements: bytes) -> bytes:
    """A document of ready elements."""
    inside = b"".join(elements)
    return (len(inside) + 5).to_bytes(4, "little") + inside + b"\0"


def one(key: str, value: Any) -> bytes:
    """One element's bytes."""
    return bson.encode({key: value})[4:-1]


def retyped(element: bytes, kind: int) -> bytes:
    """The element with another type in front."""
    return bytes([kind]) + element[1:]


def refuse(document: dict[str, Any]) -> Any:
    """The fallback of a class that takes nothing else than the plan does."""
    raise ValueError("a misfit")


def of(kind: plan.Kind) -> ModelPlan:
    """A class of one field ``f``."""
    made = create_model("Made", f=(Any, ...))
    return ModelPlan(made, (FieldPlan("f", "f", kind),), fallback=refuse)


@pytest.mark.parametrize("first", [5, "b", None, {}, [1]])
def test_the_last_of_two_values_counts(codec: ModuleType, first: Any) -> None:
    """A key that stands twice is read as a dict would keep it, whatever came first."""
    data = enclosed(one("f", first), one("f", "last"))
    model = codec.compile(of(Scalar("str")))

    assert model.decode(data).f == "last"
    assert json.loads(model.json(data)) == {"f": "last"}


def test_the_last_of_two_values_counts_within(codec: ModuleType) -> None:
    """An embedded document with a key twice is no misfit either."""
    child = enclosed(one("name", 5), one("name", "b"))
    data = enclosed(one("name", "a"), b"\4children\0" + enclosed(b"\x030\0" + child))
    tree = ModelPlan(NODE.cls, NODE.fields, fallback=refuse)
    model = codec.compile(tree)

    assert model.decode(data).children[0].name == "b"
    assert json.loads(model.json(data))["children"] == [{"name": "b", "children": []}]


@pytest.mark.parametrize("inside", [False, True])
def test_the_last_of_two_free_values_counts(codec: ModuleType, inside: bool) -> None:
    """Also in JSON, where an earlier one (bytes that are no text) has no form."""
    twice = enclosed(one("name", "a"), one("more", b"\xff"), one("more", 1))
    model = codec.compile(of(plan.DictOf(Scalar("any"))) if inside else OPEN)
    data = enclosed(b"\3f\0" + twice) if inside else twice
    held = {"name": "a", "more": 1}

    assert json.loads(model.json(data)) == ({"f": held} if inside else held)


def test_the_last_misfit_is_one(codec: ModuleType) -> None:
    """Where the last value does not fit, the document goes to the fallback."""
    data = enclosed(one("f", "first"), one("f", 5))
    model = codec.compile(of(Scalar("str")))
    with pytest.raises(ValueError, match="a misfit"):
        model.decode(data)


def test_two_tags_are_one_class(codec: ModuleType) -> None:
    """The last discriminator chooses, like any last value."""
    kinds = {"cat": plan.Model(CAT), "dog": plan.Model(DOG)}
    model = codec.compile(of(plan.OneOf(discriminator="kind", tagged=kinds)))
    pet = enclosed(one("kind", "cat"), one("bark", "w"), one("kind", "dog"))

    assert model.decode(enclosed(b"\3f\0" + pet)).f == DOG.cls(bark="w")


def test_undefined_is_null(codec: ModuleType) -> None:
    """The deprecated type is None where None is allowed."""
    data = enclosed(retyped(one("f", None), 0x06))
    model = codec.compile(of(Nullable(Scalar("str"))))

    assert model.decode(data).f is None
    assert json.loads(model.json(data)) == {"f": None}


@pytest.mark.parametrize("kind", [Scalar("str"), plan.Literal(("a",))])
def test_symbols_are_texts(codec: ModuleType, kind: plan.Kind) -> None:
    """The deprecated type is a text, also for a Literal."""
    data = enclosed(retyped(one("f", "a"), 0x0E))
    model = codec.compile(of(kind))

    assert model.decode(data).f == "a"
    assert json.loads(model.json(data)) == {"f": "a"}


def test_symbols_are_tags(codec: ModuleType) -> None:
    """A discriminator may be a symbol."""
    pet = enclosed(retyped(one("kind", "dog"), 0x0E), one("bark", "w"))
    kinds = {"cat": plan.Model(CAT), "dog": plan.Model(DOG)}
    model = codec.compile(of(plan.OneOf(discriminator="kind", tagged=kinds)))

    assert model.decode(enclosed(b"\3f\0" + pet)).f == DOG.cls(bark="w")


def test_a_uuid_of_another_size_is_binary(codec: ModuleType) -> None:
    """Subtype 4 with other than sixteen bytes is kept, and real UUIDs beside it."""
    odd, real = Binary(b"123", 4), Binary(bytes(16), 4)
    held = {"odd": odd, "real": real, "l": [real], "r": DBRef("c", real, x=real)}
    read = codec.decode(bson.encode(held))
    uuid = real.as_uuid()

    assert read == {
        "odd": odd,
        "real": uuid,
        "l": [uuid],
        "r": DBRef("c", uuid, x=uuid),
    }
    assert codec.encode(read) == bson.encode(held)


def test_what_looks_like_a_reference_is_a_dict_where_declared(
    codec: ModuleType,
) -> None:
    """``$ref`` and ``$id`` make a DBRef of free values only."""
    held = {"$ref": "c", "$id": "i"}
    model = codec.compile(of(plan.DictOf(Scalar("str"))))

    assert model.decode(bson.encode({"f": held})).f == held


def test_code_with_its_scope_is_extended_json(codec: ModuleType) -> None:
    """In JSON the scope is not lost."""
    data = bson.encode({"f": bson.Code("g()", {"x": 1})})

    assert json.loads(codec.to_json(data)) == {
        "f": {"$code": "g()", "$scope": {"x": 1}}
    }


def test_fields_that_nobody_declares_are_stepped_over(native: ModuleType) -> None:
    """By their lengths alone: what is wrong inside stops only who wants to see it."""
    wrong = enclosed(one("street", "s"), retyped(one("more", b"\xff"), 0x02))
    wrong = wrong.replace(b"\x01\0\0\0\0\xff", b"\x02\0\0\0\xff\0")

    assert native.compile(ADDRESS).decode(wrong).street == "s"
    with pytest.raises(BSONError, match="text that is not UTF-8"):
        native.decode(wrong)
