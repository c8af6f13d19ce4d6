"""Documents and instances by a plan, whose own docstrings say what is meant."""

from __future__ import annotations

from collections.abc import Callable
from json import loads
from typing import Any, final

import bson

from ...errors import DocumentDecodeError, EncodeError
from .. import plan
from . import kinds, values
from .differences import difference, opened, statement
from .fresh import prepared, remembered
from .kinds import Mismatch, must
from .reply import Reply
from .values import TOO_DEEP, Data

__all__ = ["ModelCodec", "compile", "share_fields_set"]


def compile(plan: plan.ModelPlan) -> ModelCodec:
    """Compile a plan."""
    return ModelCodec(plan)


def share_fields_set(cls: type[Any]) -> None:
    """Do nothing: here each instance has its own from the start."""


@final
class ModelCodec:
    """Reads and writes the documents of one class. Made by ``compile``."""

    __module__ = "mongolane.codec"

    def __init__(
        self, plan: plan.ModelPlan, belonging: tuple[str, object] | None = None
    ) -> None:
        self._plan = plan
        self._belonging = belonging

    def __repr__(self) -> str:
        return f"<ModelCodec of {self._plan.cls.__name__}>"

    @property
    def cls(self) -> type[Any]:
        """The class."""
        return self._plan.cls

    def belonging(self, name: str, value: object) -> ModelCodec:
        """The same codec; what it reads has ``value`` as the attribute ``name``."""
        return ModelCodec(self._plan, (name, value))

    def decode(self, data: Data) -> Any:
        """One document as an instance."""
        data = bytes(data)
        document = values.decode(data)
        made = _loaded(self._plan, document)
        _keep_raw(self._plan, made, data)
        if self._belonging is not None:
            object.__setattr__(made, *self._belonging)
        return made

    def decode_reply(self, reply: Reply) -> list[Any]:
        """A reply's batch as instances."""
        return [self.decode(data) for data in reply.raw()]

    def decode_value(self, reply: Reply) -> Any | None:
        """The document of a findAndModify reply as an instance, or None."""
        data = reply.value()
        return None if data is None else self.decode(data)

    def adopt(self, given: list[Any]) -> list[Any | None]:
        """For each dict the instance it becomes; here always None: pydantic looks."""
        return [None] * len(given)

    def encode(self, instance: Any) -> bytes:
        """An instance as a document."""
        try:
            return self._encode(instance)
        except Mismatch:
            raise EncodeError(
                f"a {type(instance).__name__} is no {self._plan.cls.__name__}, or "
                "holds a value of another type than declared"
            ) from None
        except RecursionError:
            raise EncodeError(TOO_DEEP) from None

    def _encode(self, instance: Any) -> bytes:
        try:
            return values.encode(dump_model(self._plan, instance))
        except EncodeError:
            # A value without a declared type may have a stored form all the same.
            if self._plan.dump is None:
                raise
            return values.encode(self._plan.dump(instance))

    def encode_all(
        self, instances: list[Any], into: list[bytes], more: bytes | None = None
    ) -> None:
        """
        Instances as documents to be stored, appended to ``into`` until one is refused.

        So is one that the class would not read again. ``more`` elements stand behind
        each.
        """
        for instance in instances:
            data = self.encode(instance)
            self._read_again(data)
            if more:
                size = (len(data) + len(more)).to_bytes(4, "little")
                data = size + data[4:-1] + more + b"\0"
            into.append(data)

    def _read_again(self, data: bytes) -> None:
        try:
            _loaded(self._plan, values.decode(data))
            return
        except DocumentDecodeError as error:
            path, said = error.problems[0]
            text = f"{said}; {error.owner} could not be read again"
        raise EncodeError(text, path)

    def prepare(
        self,
        instances: list[Any],
        at: int,
        ids: list[Any],
        again: list[int],
        reserve: Callable[[int], tuple[bytes, int]],
        stamps: list[tuple[str, Any, bool]],
        mark: tuple[str, Any] | None,
    ) -> int:
        """
        Give instances of the class what new documents need, from ``at`` on.

        Args:
            instances: the documents.
            at: where to begin; it ends before the first of another class.
            ids: gets all ids.
            again: gets the places of those that must be looked at again.
            reserve: sets ids aside: nine bytes, and the counter's first value.
            stamps: dates for who has none: name, value, whether it may be there.
            mark: an attribute of each, and of all that it embeds.

        Returns:
            Where it ended.
        """
        return prepared(self._plan, instances, at, ids, again, reserve, stamps, mark)

    def remember(self, instances: list[Any], data: list[bytes]) -> None:
        """Let instances remember the BSON that they equal, if the plan says where."""
        remembered(self._plan, instances, data)

    def statement(self, old: bytes, new: bytes, hard: frozenset[str]) -> bytes | None:
        """
        The statement of the update that makes the stored document ``old`` to ``new``.

        Empty when nothing has changed, None when a key among ``hard`` has, or one that
        no path leads to.
        """
        return statement(self._plan, old, new, hard)

    def changed(self, instance: Any, raw: bytes) -> tuple[bytes, list[str]]:
        """What changed since ``raw``: the fields to set (BSON), the keys to unset."""
        now = opened(self.encode(instance))
        changes, gone = difference(self._plan, opened(raw), now)
        return bson.encode(changes), gone

    def json(self, data: Data) -> bytes:
        """One document as a JSON object."""
        data = bytes(data)
        if not _by_instance(self._plan):
            try:
                return _dump_json(json_model(self._plan, values.decode(data)))
            except Mismatch:
                pass
        instance = self.decode(data)
        if self._plan.again is not None:
            instance = self._plan.again(instance)
        if self._plan.json_dump is None:
            return str(instance.model_dump_json()).encode()
        return self._plan.json_dump(instance)

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        """A reply's batch as JSON objects joined by commas; in brackets when whole."""
        rows = b",".join(self.json(data) for data in reply.raw())
        return b"[%b]" % rows if whole else rows


def _loaded(plan: plan.ModelPlan, document: dict[str, Any]) -> Any:
    try:
        return load_model(plan, document)
    except Mismatch:
        pass
    # Not where it was caught: the context of an error would show what was there.
    return _fallback(plan, document)


def _fallback(plan: plan.ModelPlan, document: dict[str, Any]) -> Any:
    if plan.fallback is not None:
        return plan.fallback(document)
    problems = [("", "a value is not of the declared type")]
    raise DocumentDecodeError(plan.cls.__name__, document.get("_id"), problems)


def _keep_raw(plan: plan.ModelPlan, made: Any, data: bytes) -> None:
    if plan.keep_raw is None:
        return
    if plan.private is not None and plan.keep_raw in plan.private:
        made.__pydantic_private__[plan.keep_raw] = data
    else:
        object.__setattr__(made, plan.keep_raw, data)


def load_model(model: plan.ModelPlan, document: Any) -> Any:
    """An instance with what pydantic's own validation leaves on it."""
    must(model.whole is None)
    given, extra = {}, {}
    declared = {field.key: field for field in model.fields}
    for key, value in kinds.members(document).items():
        if key in declared:
            given[declared[key].name] = kinds.load(declared[key].kind, value)
        else:
            must(model.extra != "forbid")
            extra[key] = kinds.held(value)
    attributes = {field.name: _given(field, given) for field in model.fields}
    made = _instance(model, attributes, set(given), extra)
    if model.after is None:
        return made
    try:
        return model.after(made)
    except Exception:
        # Pydantic meets it again, and says it.
        raise Mismatch from None


def _given(field: plan.FieldPlan, given: dict[str, Any]) -> Any:
    if field.name in given:
        return given[field.name]
    if field.default_factory is not None:
        return field.default_factory()
    must(field.default is not plan.MISSING)
    return field.default


def _instance(
    model: plan.ModelPlan,
    attributes: dict[str, Any],
    given: set[str],
    extra: dict[str, Any],
) -> Any:
    made: Any = object.__new__(model.cls)
    allowed = model.extra == "allow"
    put = object.__setattr__
    put(made, "__dict__", attributes)
    put(made, "__pydantic_fields_set__", given | set(extra) if allowed else given)
    put(made, "__pydantic_extra__", extra if allowed else None)
    private = model.private
    if private is not None:
        private = {key: v() if callable(v) else v for key, v in private.items()}
    put(made, "__pydantic_private__", private)
    return made


def dump_model(model: plan.ModelPlan, instance: Any) -> Any:
    """A document of stored keys; by the plan's ``dump`` where the plan doesn't fit."""
    if type(instance) is model.cls and model.whole_dump is None:
        try:
            return _dump_fields(model, instance)
        except Mismatch:
            pass
    else:
        must(isinstance(instance, model.cls))
    must(model.dump is not None)
    return model.dump(instance)  # type: ignore[misc]


def _dump_fields(model: plan.ModelPlan, instance: Any) -> dict[str, Any]:
    document = {}
    for field in model.fields:
        if field.name not in instance.__dict__:
            continue
        value = instance.__dict__[field.name]
        if not (field.omit_none and value is None):
            document[field.key] = kinds.within(field.key, field.kind, value)
    if model.extra == "allow":
        document.update(instance.__pydantic_extra__ or {})
    return document


def _by_instance(model: plan.ModelPlan) -> bool:
    by_way = (model.whole, model.json_through, model.after)
    return any(one is not None for one in by_way)


def json_model(model: plan.ModelPlan, document: Any) -> dict[str, Any]:
    """A document's JSON: fields in declared order, defaults for absent ones."""
    must(isinstance(document, dict) and not _by_instance(model))
    return json_model_of(model, load_model(model, document))


def _json_field(field: plan.FieldPlan, value: Any, given: bool) -> Any:
    if field.json is not None and (field.json_by_value or not given):
        try:
            return kinds.Ready(field.json(value))
        except ValueError:
            raise Mismatch from None
    try:
        return kinds.json(field.kind, value)
    except (AttributeError, TypeError):
        # A default of another type than declared: as it is.
        return kinds.json(plan.Scalar("any"), value)


def _dump_json(value: Any) -> bytes:
    return values.dump_json(_open_ready(value))


def _open_ready(value: Any) -> Any:
    if isinstance(value, kinds.Ready):
        return loads(value)
    if isinstance(value, dict):
        return {key: _open_ready(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_open_ready(item) for item in value]
    return value


@kinds.load.register
def _(kind: plan.Model, value: Any) -> Any:
    if kind.plan.whole is not None:
        document = kinds.members(value)
        try:
            return _fallback(kind.plan, document)
        except ValueError:
            raise Mismatch from None
    made = load_model(kind.plan, value)
    if kind.plan.keep_raw is not None:
        _keep_raw(kind.plan, made, values.encode(value))
    return made


@kinds.dump.register
def _(kind: plan.Model, value: Any) -> Any:
    return dump_model(kind.plan, value)


@kinds.json.register
def _(kind: plan.Model, value: Any) -> Any:
    must(not _by_instance(kind.plan))
    if type(value) is not kind.plan.cls:
        raise Mismatch
    return json_model_of(kind.plan, value)


def json_model_of(model: plan.ModelPlan, instance: Any) -> dict[str, Any]:
    """An instance's JSON by the plan."""
    given = instance.__pydantic_fields_set__
    result = {
        field.json_key or field.name: _json_field(
            field, instance.__dict__[field.name], field.name in given
        )
        for field in model.fields
        if not field.json_skip
    }
    if model.extra == "allow":
        any_kind = plan.Scalar("any")
        for key, value in (instance.__pydantic_extra__ or {}).items():
            result[key] = kinds.json(any_kind, value)
    return result


def _chosen(kind: plan.OneOf, value: Any) -> plan.Model | None:
    if kind.discriminator is None:
        return None
    try:
        return kind.chosen(kinds.members(value))
    except Mismatch:
        return None


@kinds.load.register
def _(kind: plan.OneOf, value: Any) -> Any:
    chosen = _chosen(kind, value)
    if chosen is not None:
        return kinds.load(chosen, value)
    for alternative in sorted(kind.alternatives, key=lambda a: not _takes(a, value)):
        try:
            return kinds.load(alternative, value)
        except Mismatch:
            continue
    raise Mismatch


def _takes(kind: plan.Kind, value: Any) -> bool:
    """An integer belongs to an int before it belongs to a float."""
    if isinstance(kind, plan.Scalar) and kind.tag == "float":
        return isinstance(value, float)
    return not isinstance(kind, plan.Through)


@kinds.dump.register
def _(kind: plan.OneOf, value: Any) -> Any:
    for tagged in kind.models:
        if type(value) is tagged.plan.cls:
            return kinds.dump(tagged, value)
    for alternative in kind.alternatives:
        try:
            return kinds.dump(alternative, value)
        except Mismatch:
            continue
    raise Mismatch


@kinds.json.register
def _(kind: plan.OneOf, value: Any) -> Any:
    for tagged in kind.models:
        if type(value) is tagged.plan.cls:
            return kinds.json(tagged, value)
    for alternative in kind.alternatives:
        try:
            kinds.dump(alternative, value)
            return kinds.json(alternative, value)
        except Mismatch:
            continue
    raise Mismatch
