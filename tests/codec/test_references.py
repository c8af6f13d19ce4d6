"""Nothing is kept, and nothing given back twice, however a call into the codec ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import json
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import bson
import pytest
from bson import ObjectId
from pydantic import BaseModel, ConfigDict, create_model

from mongolane.codec import plan
from mongolane.codec.plan import FieldPlan, ListOf, ModelPlan, Scalar
from tests.codec import models
from tests.codec.documents import to_bson
from tests.codec.models import ADDRESS, CLOSED, EVERYTHING, NODE, OPEN, PRIVATE
from tests.codec.test_values import AS_BSON
from tests.support.references import drifting, memory, references

TIMES = 20
Work = Callable[[ModuleType], Callable[[], Any]]
WORKS: dict[str, Work] = {}


class OwnError(Exception):
    """What a callback raises that is no ValueError."""


def raising(*arguments: Any) -> Any:
    """A callback that fails."""
    raise OwnError


def refusing(*arguments: Any) -> Any:
    """A callback that does not want the value."""
    raise ValueError


CALLBACKS = [raising, refusing]


def work(make: Work) -> Work:
    """Declare work by the name of what makes it."""
    WORKS[make.__name__] = make
    return make


FITTING = {
    "_id": ObjectId(),
    "t": "text",
    "number": 1,
    "ratio": 1,
    "flag": True,
    "moment": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    "price": bson.Decimal128("1.5"),
    "data": b"text",
    "key": bson.Binary(bytes(16), 4),
    "colour": "red",
    "level": 1,
    "address": {"street": "s"},
    "tags": ["a", "b"],
    "unique": [1, 2],
    "frozen": ["a"],
    "queue": [1],
    "scores": {"a": 1.0},
    "nested": {"a": [{"street": "s"}]},
    "either": "a",
    "pet": {"kind": "cat", "lives": 1},
    "free": [1, None, "a"],
    "unknown": {"a": [None]},
}


def batch(documents: list[Any]) -> bytes:
    """A find's reply; with enough documents what is shared in a batch is."""
    cursor = {"id": 0, "ns": "a.b", "firstBatch": documents}
    return to_bson({"cursor": cursor, "ok": 1})


def single(kind: plan.Kind, **more: Any) -> ModelPlan:
    """A class of a text and one field ``f``; whatever does not fit is refused."""
    made = create_model(
        "Made",
        __config__=ConfigDict(arbitrary_types_allowed=True),
        first=(str, "a"),
        f=(Any, None),
    )
    fields = (
        FieldPlan("first", "first", Scalar("str"), default="a"),
        FieldPlan("f", "f", kind, default=None),
    )
    return ModelPlan(made, fields, fallback=refusing, **more)


@work
def instances(native: ModuleType) -> Callable[[], Any]:
    model, data = native.compile(EVERYTHING), to_bson(FITTING)
    return lambda: model.encode(model.decode(data))


@work
def batches(native: ModuleType) -> Callable[[], Any]:
    model, data = native.compile(EVERYTHING), batch([FITTING] * 40)
    return lambda: model.decode_reply(native.Reply(data))


@work
def misfits_that_the_fallback_takes(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(EVERYTHING)
    data = batch([FITTING, FITTING | {"ratio": "1.5"}] * 10)
    return lambda: model.decode_reply(native.Reply(data))


@work
def misfits_late_in_a_batch(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(EVERYTHING)
    data = batch([*[FITTING] * 30, FITTING | {"pet": {"kind": "cat", "lives": "no"}}])
    return lambda: model.decode_reply(native.Reply(data))


@work
def misfits_without_a_fallback(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(ModelPlan(models.Address, ADDRESS.fields))
    return lambda: model.decode(bson.encode({"street": "s", "city": 5}))


@work
def bytes_that_break_off_in_a_list(native: ModuleType) -> Callable[[], Any]:
    data = bytearray(to_bson(FITTING))
    data[data.index(b"\x021\0\x02\0\0\0b") + 7] = 0xFF
    broken = bytes(data)
    wrong = batch([FITTING] * 30).replace(to_bson(FITTING), broken)
    model = native.compile(EVERYTHING)

    def read() -> None:
        for call in (model.decode, native.decode, model.json, native.to_json):
            with contextlib.suppress(ValueError):
                call(broken)
        with contextlib.suppress(ValueError):
            model.decode_reply(native.Reply(wrong))
        model.json_reply(native.Reply(wrong))

    return read


@work
def every_cut(native: ModuleType) -> Callable[[], Any]:
    data = to_bson(FITTING | {"every": AS_BSON})
    step = len(data) // 40
    model = native.compile(EVERYTHING)
    pieces = []
    for end in range(5, len(data), step):
        pieces.append(end.to_bytes(4, "little") + data[4 : end - 1] + b"\0")

    def read() -> None:
        for piece in pieces:
            for call in (model.decode, model.json, native.decode, native.Reply):
                with contextlib.suppress(ValueError):
                    call(piece)

    return read


@work
def items_that_have_no_hash(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(single(ListOf(Scalar("any"), set)))
    return lambda: model.decode(bson.encode({"f": [1, "a", {"b": 1}, 2]}))


@work
def items_whose_hash_fails(native: ModuleType) -> Callable[[], Any]:
    class Odd:
        __hash__ = raising  # type: ignore[assignment]

    through = plan.Through(lambda value: Odd() if value == 3 else value, raising)
    both = [
        native.compile(single(ListOf(through, container)))
        for container in (set, frozenset)
    ]

    def read() -> None:
        for model in both:
            with pytest.raises(OwnError):
                model.decode(bson.encode({"f": [1, 2, 3, 4]}))

    return read


@work
def callbacks_that_fail(native: ModuleType) -> Callable[[], Any]:
    kinds = [plan.Through(call, call, json=call) for call in CALLBACKS]
    kinds += [ListOf(kind) for kind in kinds]
    kinds += [plan.DictOf(kind) for kind in kinds]
    classes = [single(kind) for kind in kinds]
    all_models = [(native.compile(one), one.cls) for one in classes]

    def call() -> None:
        for model, cls in all_models:
            for value in (1, ["a", "b"], {"a": 1, "b": [1]}):
                for use in (model.decode, model.json):
                    with contextlib.suppress(ValueError, OwnError):
                        use(bson.encode({"first": "a", "f": value}))
                with contextlib.suppress(ValueError, OwnError):
                    model.encode(cls(first="a", f=value))

    return call


@work
def defaults_that_fail(native: ModuleType) -> Callable[[], Any]:
    made = create_model("Made", a=(str, "a"), b=(Any, None), c=(Any, None))
    text = FieldPlan("a", "a", Scalar("str"))
    fields = (
        text,
        FieldPlan("b", "b", Scalar("any"), default_factory=list),
        FieldPlan("c", "c", Scalar("any"), default_factory=raising),
    )
    all_models = [
        native.compile(ModelPlan(made, fields)),
        native.compile(ModelPlan(made, (text,), private={"_p": list, "_q": raising})),
    ]

    def read() -> None:
        for model in all_models:
            for use in (model.decode, model.json):
                with contextlib.suppress(OwnError):
                    use(bson.encode({"a": "text"}))

    return read


@work
def private_attributes_and_raw_bytes(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(PRIVATE)
    data = batch([{"name": "a"}, {"name": "b", "more": 1}] * 10)
    misfit = bson.encode({"name": 5})

    def read() -> None:
        model.decode_reply(native.Reply(data))
        with contextlib.suppress(ValueError):
            model.decode(misfit)

    return read


@work
def raw_bytes_that_have_no_place(native: ModuleType) -> Callable[[], Any]:
    class Tight(BaseModel):
        name: str

        def __setattr__(self, name: str, value: Any) -> None:
            raise OwnError

    fields = (FieldPlan("name", "name", Scalar("str")),)
    inside = ModelPlan(Tight, fields, private={}, keep_raw="_raw")
    beside = ModelPlan(
        Tight, fields, fallback=lambda document: 5, keep_raw="_raw", whole="always"
    )
    both = [native.compile(inside), native.compile(beside)]

    def read() -> None:
        for model in both:
            with contextlib.suppress(AttributeError, OwnError):
                model.decode(bson.encode({"name": "a"}))

    return read


@work
def keys_beyond_the_declared(native: ModuleType) -> Callable[[], Any]:
    is_open, closed = native.compile(OPEN), native.compile(CLOSED)
    data = bson.encode({"name": "a", "b": [1, {"c": None}], "d": "e"})

    def read() -> None:
        is_open.encode(is_open.decode(data))
        is_open.json(data)
        with contextlib.suppress(ValueError):
            closed.decode(data)

    return read


@work
def keys_that_stand_twice(native: ModuleType) -> Callable[[], Any]:
    inside = bson.encode({"name": 5})[4:-1] + bson.encode({"name": "a"})[4:-1]
    data = (len(inside) + 5).to_bytes(4, "little") + inside + b"\0"
    all_models = [native.compile(one) for one in (OPEN, NODE)]
    return lambda: [(model.decode(data), model.json(data)) for model in all_models]


@work
def trees(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(NODE)
    tree: dict[str, Any] = {"name": "leaf", "children": []}
    for _ in range(60):
        tree = {"name": "a", "children": [tree, {"name": "b"}]}
    good = bson.encode(tree)
    bad = good.replace(b"leaf", b"le\xfff")

    def read() -> None:
        model.encode(model.decode(good))
        for use in (model.decode, model.json, native.decode):
            with contextlib.suppress(ValueError):
                use(bad)

    return read


@work
def values_that_cannot_be_stored(native: ModuleType) -> Callable[[], Any]:
    class Offers:
        def __bson__(self) -> Any:
            raise OwnError

    class Odd(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise OwnError

        def __iter__(self) -> Iterator[str]:
            return iter(["a", "b"])

        def __len__(self) -> int:
            return 2

    loop: dict[str, Any] = {}
    loop["loop"] = [loop]
    wrong = [object(), 2**70, "\ud800", {1: 1}, {"a\0": 1}, Offers(), Odd(), loop]
    model = native.compile(single(Scalar("any")))
    cls = single(Scalar("any")).cls
    made = [cls(first="a", f=value) for value in wrong]
    whole = native.compile(ModelPlan(cls, EVERYTHING.fields[:1], dump=raising))

    def write() -> None:
        for value in wrong:
            with contextlib.suppress(ValueError, OwnError):
                native.encode({"first": ["a", {"b": "c"}], "f": [1, value]})
        for instance in made:
            for one in (model, whole):
                with contextlib.suppress(ValueError, OwnError):
                    one.encode(instance)

    return write


@work
def attributes_of_other_types(native: ModuleType) -> Callable[[], Any]:
    plain = ModelPlan(models.Address, ADDRESS.fields, dump=lambda made: made.__dict__)
    model = native.compile(plain)
    odd = models.Address.model_construct(street=5, city=["a"])
    none = models.Address.model_construct()

    def write() -> None:
        model.encode(odd)
        model.encode(none)
        with contextlib.suppress(ValueError):
            model.encode(object())

    return write


@work
def changes(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(OPEN)
    before = bson.encode({"name": "a", "b": 1, "c": [1]})
    after = models.Open(name="b", c=[1], d="e")

    def compare() -> None:
        model.changed(after, before)
        with contextlib.suppress(ValueError):
            model.changed(after, before[:-1])

    return compare


@work
def json_by_instances(native: ModuleType) -> Callable[[], Any]:
    outcomes = [raising, refusing, lambda instance: 5, lambda instance: b"{}"]
    fields = ADDRESS.fields
    all_models = [
        native.compile(
            ModelPlan(models.Address, fields, json_through="told", json_dump=call)
        )
        for call in outcomes
    ]
    data = batch([{"street": "s"}] * 20)

    def write() -> None:
        for model in all_models:
            with contextlib.suppress(ValueError, OwnError, TypeError):
                model.json_reply(native.Reply(data))

    return write


@work
def plans(native: ModuleType) -> Callable[[], Any]:
    def make() -> None:
        native.compile(ADDRESS).decode(bson.encode({"street": "s"}))
        wrong = ModelPlan(
            models.Address,
            (*ADDRESS.fields, FieldPlan("x", "x", Scalar("none such"))),
        )
        with contextlib.suppress(ValueError):
            native.compile(wrong)

    return make


@work
def replies(native: ModuleType) -> Callable[[], Any]:
    good = batch([AS_BSON] * 20)
    wrong = good[:60] + b"\xff" + good[61:]
    model = native.compile(OPEN)

    def read() -> None:
        for data in (good, wrong, good[:-1], b""):
            with contextlib.suppress(ValueError):
                reply = native.Reply(data)
                reply.raw(), reply.error_labels, reply.namespace
                reply.document(), reply.documents()
                model.decode_reply(reply), model.json_reply(reply)

    return read


@work
def texts(native: ModuleType) -> Callable[[], Any]:
    data = to_bson(AS_BSON)
    good = native.to_extended_json(data)
    wrong = [good[:-1], '{"a": {"$oid": 5}}', '{"a": [1, {"b": "\\ud800"}]}', "[]"]

    def read() -> None:
        native.from_json(good)
        json.loads(native.to_json(data))
        for text in wrong:
            with contextlib.suppress(ValueError):
                native.from_json(text)

    return read


@work
def finalizers_that_come_back(native: ModuleType) -> Callable[[], Any]:
    model = native.compile(ADDRESS)
    data = bson.encode({"street": "s", "more": 1})

    class Comes:
        def __del__(self) -> None:
            model.decode(data)
            native.decode(data)

    def load(value: Any) -> Any:
        Comes()
        return value

    outer = native.compile(single(ListOf(plan.Through(load, raising))))
    return lambda: outer.decode(bson.encode({"f": [1, 2, 3]}))


@pytest.fixture
def _only_new_objects() -> None:
    """What was there before is not walked again and again."""
    gc.collect()
    gc.freeze()


@pytest.mark.usefixtures("_only_new_objects")
@pytest.mark.parametrize("name", WORKS)
def test_nothing_is_kept(native: ModuleType, name: str) -> None:
    """Counts of what all documents share, and memory, rest when work is repeated."""
    call = WORKS[name](native)

    def repeat() -> None:
        for _ in range(TIMES):
            with contextlib.suppress(ValueError, OwnError):
                call()

    classes = [models.Everything, models.Address, models.Cat, models.Node, models.Open]
    small = [None, True, False, 0, 1, 5, "", "a", "street", "name", (), b"", ObjectId]
    held = [*classes, *small, *models.Colour, *models.Level, *CALLBACKS, list, dict]

    assert drifting(repeat, references(held) | memory()) == {}


@pytest.mark.usefixtures("_only_new_objects")
def test_what_leaks_is_seen() -> None:
    """The gauges move for an object that is kept in every round."""
    one, kept = object(), []

    def leak() -> None:
        kept.append(one)
        # More than the rest of the process lets go of between two rounds.
        kept.append([bytearray(100_000), *([] for _ in range(1000))])

    found = drifting(leak, references([one]) | memory())

    assert {name.split(":")[0] for name in found} == {
        *("0", "blocks", "containers", "heap")
    }
