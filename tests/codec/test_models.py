"""Instances by plan: what they are made of, when pydantic is asked, what is stored."""

from __future__ import annotations

import copy
import gc
import json
import pickle
from types import ModuleType
from typing import Any

import bson
import pytest
from bson import Code, DBRef, MinKey, ObjectId
from fuzz.documents import enclosed
from pydantic import BaseModel, ValidationError, create_model

from mongolane.codec.plan import FieldPlan, ModelPlan, Scalar
from mongolane.errors import BSONError, EncodeError
from tests.codec import models
from tests.codec.documents import to_bson
from tests.codec.models import (
    ADDRESS,
    CLOSED,
    EVERYTHING,
    NODE,
    OPEN,
    PRIVATE,
    Address,
    Node,
    Open,
    Private,
)


def batch(*documents: dict[str, Any]) -> bytes:
    """A find's reply."""
    cursor = {"id": 0, "ns": "a.b", "firstBatch": list(documents)}
    return bson.encode({"cursor": cursor, "ok": 1})


def test_instances_are_as_pydantic_leaves_them(codec: ModuleType) -> None:
    """Attributes in declared order, own fields set, nothing extra, and they copy."""
    document = {"city": "Faro", "street": "Rua 1"}
    made = codec.compile(ADDRESS).decode(bson.encode(document))
    expected = Address.model_validate(document)

    assert expected == made
    assert list(expected.__dict__) == list(made.__dict__)
    assert {"street", "city"} == made.model_fields_set
    assert made == copy.deepcopy(made) == pickle.loads(pickle.dumps(made))


def test_fields_sets_are_their_own(codec: ModuleType) -> None:
    """Clearing one instance's set leaves the others alone."""
    documents = [{"street": "a"}, {"street": "b"}, {"street": "c", "city": "d"}]
    model = codec.compile(ADDRESS)
    one, two, three = model.decode_reply(codec.Reply(batch(*documents)))
    one.model_fields_set.clear()

    assert {"street"} == two.model_fields_set
    assert {"street", "city"} == three.model_fields_set
    assert {"street"} == model.decode(bson.encode({"street": "e"})).model_fields_set


def test_a_misfit_goes_alone_to_the_fallback(codec: ModuleType) -> None:
    """Pydantic sees the one document that does not fit, whole."""
    seen: list[dict[str, Any]] = []

    def fallback(document: dict[str, Any]) -> Address:
        seen.append(document)
        return Address(street=str(document["street"]))

    plan = ModelPlan(Address, ADDRESS.fields, fallback=fallback)
    data = batch({"street": "a"}, {"street": 5, "more": [1]}, {"street": "c"})
    made = codec.compile(plan).decode_reply(codec.Reply(data))

    assert [address.street for address in made] == ["a", "5", "c"]
    assert seen == [{"street": 5, "more": [1]}]


def test_missing_fields_are_pydantics_errors(codec: ModuleType) -> None:
    """A required field that is absent raises what pydantic raises."""
    with pytest.raises(ValidationError):
        codec.compile(ADDRESS).decode(bson.encode({"city": "Faro"}))


def test_bad_bytes_are_no_misfits(codec: ModuleType) -> None:
    """A broken document raises, and pydantic is not asked."""
    data = bson.encode({"street": "long enough"}).replace(b"long", b"\xff\xfe\xfd\xfc")
    with pytest.raises(BSONError):
        codec.compile(ADDRESS).decode(data)


def test_private_attributes_are_made(codec: ModuleType) -> None:
    """Each instance has its own, and its document's bytes where asked."""
    data = bson.encode({"name": "a"})
    model = codec.compile(PRIVATE)
    one, two = model.decode(data), model.decode(data)
    one._seen.append(1)

    assert (one._seen, two._seen) == ([1], [])
    assert (3, data) == (two._mark, two._raw)
    assert isinstance(one, Private)


def test_raw_bytes_survive_the_fallback(codec: ModuleType) -> None:
    """An instance that pydantic made has its document's bytes too."""
    plan = ModelPlan(
        Private,
        PRIVATE.fields,
        fallback=lambda document: Private(name=str(document["name"])),
        private=PRIVATE.private,
        keep_raw="_raw",
    )
    data = bson.encode({"name": 5})

    assert data == codec.compile(plan).decode(data)._raw


def test_unknown_keys_are_kept_where_allowed(codec: ModuleType) -> None:
    """``extra="allow"`` keeps them, writes them back, and counts them as set."""
    document = {"name": "a", "more": {"b": 1}}
    model = codec.compile(OPEN)
    made = model.decode(bson.encode(document))

    assert Open.model_validate(document) == made
    assert {"name", "more"} == made.model_fields_set
    assert document == bson.decode(model.encode(made))
    assert model.json(bson.encode(document)) == b'{"name":"a","more":{"b":1}}'


def test_unknown_keys_are_refused_where_forbidden(codec: ModuleType) -> None:
    """``extra="forbid"`` is pydantic's error."""
    with pytest.raises(ValidationError):
        codec.compile(CLOSED).decode(bson.encode({"name": "a", "more": 1}))


def test_recursive_classes_are_tied(codec: ModuleType) -> None:
    """A class in itself, to some depth, both ways and in JSON."""
    tree: dict[str, Any] = {"name": "root", "children": []}
    for at in range(30):
        tree = {"name": str(at), "children": [tree, {"name": "leaf", "children": []}]}
    model = codec.compile(NODE)
    data = bson.encode(tree)

    assert Node.model_validate(tree) == model.decode(data)
    assert data == model.encode(model.decode(data))
    assert Node.model_validate(tree) == Node.model_validate_json(model.json(data))


def test_plans_may_get_their_fields_late(codec: ModuleType) -> None:
    """A plan that was compiled without fields reads them at first use."""
    plan = ModelPlan(Address, fallback=Address.model_validate)
    model = codec.compile(plan)
    plan.fields = ADDRESS.fields

    assert Address(street="a") == model.decode(bson.encode({"street": "a"}))


def test_many_fields_fit(codec: ModuleType) -> None:
    """A class of two hundred fields, some of them absent."""
    names = [f"field_{at}" for at in range(200)]
    cls = create_model("Wide", **dict.fromkeys(names, (int, -1)))
    fields = tuple(FieldPlan(n, n, Scalar("int"), default=-1) for n in names)
    model = codec.compile(ModelPlan(cls, fields, fallback=cls.model_validate))
    document = {name: at for at, name in enumerate(names) if at % 3}
    made = model.decode(bson.encode(document))

    assert cls.model_validate(document) == made
    assert set(document) == made.model_fields_set
    assert made == model.decode(model.encode(made))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_values_of_other_types_go_by_dump(codec: ModuleType) -> None:
    """An attribute that was set to something else is stored by the plan's dump."""
    address = Address(street="a")
    address.street = 5  # type: ignore[assignment]
    stored = bson.decode(codec.compile(ADDRESS).encode(address))

    assert stored == {"street": 5, "city": "Porto"}


def test_other_classes_are_refused(codec: ModuleType) -> None:
    """An instance of another class is not stored as this one."""
    with pytest.raises(EncodeError):
        codec.compile(ADDRESS).encode(Node(name="a"))


def test_none_is_left_out_where_asked(codec: ModuleType) -> None:
    """``omit_none`` stores no key, and ``changed`` unsets it."""
    fields = (FieldPlan("a", "a", Scalar("any"), default=None, omit_none=True),)
    cls = create_model("One", a=(Any, None))
    model = codec.compile(ModelPlan(cls, fields))

    assert bson.decode(model.encode(cls())) == {}
    assert (bson.encode({}), ["a"]) == model.changed(
        cls(), bson.encode({"a": 1, "b": 2})
    )


def test_changes_are_found_by_key(codec: ModuleType) -> None:
    """Only what differs is set; unknown keys stay alone."""
    model = codec.compile(ADDRESS)
    raw = bson.encode({"_id": 1, "street": "a", "city": "b"})
    changed = model.changed(Address(street="a", city="c"), raw)

    assert (bson.encode({"city": "c"}), []) == changed


def test_found_and_modified_is_an_instance(codec: ModuleType) -> None:
    """findAndModify's value, or None."""
    model = codec.compile(ADDRESS)
    found = codec.Reply(bson.encode({"value": {"street": "a"}, "ok": 1}))

    assert Address(street="a") == model.decode_value(found)
    assert (
        model.decode_value(codec.Reply(bson.encode({"value": None, "ok": 1}))) is None
    )


def test_json_joins_a_batch(codec: ModuleType) -> None:
    """Objects with commas between, defaults included, a misfit by pydantic."""
    plan = ModelPlan(
        Address,
        ADDRESS.fields,
        fallback=lambda document: Address(street=str(document["street"])),
        json_dump=lambda instance: instance.model_dump_json().encode(),
    )
    reply = codec.Reply(batch({"street": "a"}, {"street": 5}))
    expected = b'{"street":"a","city":"Porto"},{"street":"5","city":"Porto"}'

    assert expected == codec.compile(plan).json_reply(reply)
    assert b"[%b]" % expected == codec.compile(plan).json_reply(reply, whole=True)
    assert codec.compile(plan).json_reply(codec.Reply(batch())) == b""
    assert codec.compile(plan).json_reply(codec.Reply(batch()), whole=True) == b"[]"


REFERENCE = b"\x0cv\0\x02\0\0\0c\0" + bytes(12)
BEYOND: list[tuple[bytes, Any]] = [
    (to_bson({"v": Code("f", {"a": MinKey()})}), "f"),
    (to_bson({"v": [MinKey(), Code("f", {})]}), [{"$minKey": 1}, "f"]),
    (to_bson({"v": DBRef("c", Code("f", {}))}), {"$ref": "c", "$id": "f"}),
    (to_bson({"v": DBRef("c", b"ab")}), {"$ref": "c", "$id": "ab"}),
    (enclosed([REFERENCE]).raw, {"$ref": "c", "$id": "00" * 12}),
]


@pytest.mark.parametrize(("data", "expected"), BEYOND)
def test_json_of_what_only_bson_knows(
    codec: ModuleType, data: bytes, expected: Any
) -> None:
    """A value without a type has JSON without an instance, whatever it is."""
    free = create_model("Free", v=(Any, None))
    plan = ModelPlan(free, (FieldPlan("v", "v", Scalar("any")),), fallback=None)

    assert json.loads(codec.compile(plan).json(data)) == {"v": expected}


def test_a_scope_must_be_sound(codec: ModuleType) -> None:
    """A scope that no JSON shows is read all the same."""
    free = create_model("Free", v=(Any, None))
    plan = ModelPlan(free, (FieldPlan("v", "v", Scalar("any")),), fallback=None)
    data = to_bson({"v": Code("f", {"a": "long enough"})})
    with pytest.raises(BSONError):
        codec.compile(plan).json(data.replace(b"long", b"\xff\xfe\xfd\xfc"))


def test_json_goes_through_instances_where_told(codec: ModuleType) -> None:
    """``json_through`` lets pydantic write every document."""
    plan = ModelPlan(
        Address,
        ADDRESS.fields,
        json_through="a serializer",
        json_dump=lambda instance: b'"' + instance.street.encode() + b'"',
    )

    assert codec.compile(plan).json(bson.encode({"street": "a"})) == b'"a"'


@pytest.mark.parametrize("value", [2**40, 3, 2.5])
def test_floats_take_integers(codec: ModuleType, value: float) -> None:
    """A whole number in a float field becomes a float, without pydantic."""
    cls = create_model("Float", x=(float, ...))
    model = codec.compile(ModelPlan(cls, (FieldPlan("x", "x", Scalar("float")),)))
    made: BaseModel = model.decode(bson.encode({"x": value}))

    assert (float, value) == (type(made.x), made.x)  # type: ignore[attr-defined]


def test_references_are_counted(native: ModuleType) -> None:
    """Instances are freed with what they hold, however they were made."""
    model = native.compile(ADDRESS)
    data = batch(*[{"street": "a", "city": "b"}, {"street": "c"}, {"street": 5}])
    everything = native.compile(EVERYTHING)
    partial = bson.encode({"_id": ObjectId(), "address": {"street": "x"}})
    made = models.Address
    gc.collect()
    before = len([o for o in gc.get_objects() if type(o) is made])
    for _ in range(200):
        with pytest.raises(ValidationError):
            model.decode_reply(native.Reply(data))
        with pytest.raises(ValidationError):
            everything.decode(partial)
    gc.collect()

    assert before == len([o for o in gc.get_objects() if type(o) is made])
