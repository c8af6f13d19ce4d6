"""
Reads a class once: its plan, shape, stored keys, indexes.

The outcome hangs on the class itself; there is no registry. A class that is not
complete yet (forward references) is completed by pydantic first, at first use.
"""

from __future__ import annotations

import contextlib
import copy
import operator
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Final, NoReturn, cast
from weakref import WeakKeyDictionary

import pydantic
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .. import codec
from ..abc import ModelCodec
from ..codec.plan import (
    MISSING,
    FieldPlan,
    Kind,
    ListOf,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
    Scalar,
    Through,
)
from ..errors import (
    ConfigurationError,
    DocumentDecodeError,
    EncodeError,
    FieldError,
    UnknownFieldError,
)
from ..expressions.masking import hides
from ..expressions.shape import Shape
from ..fields import (
    STORED,
    Field,
    Index,
    ListField,
    Stored,
    Version,
    without_value,
)
from .fitting import misfit
from .forms import plain
from .generics import fields_of
from .kinds import Kinds, has_own_schema, is_secret
from .located import refusing, under
from .metadata import is_array, takes_info, takes_none, unwrapped
from .queried import spec_of
from .serialized import beyond_json, json_of, needs_value, spread
from .settings import Settings, collection_name
from .values import held, named, shows_all_plain, to_python, to_stored

__all__ = ["FieldSchema", "Schema", "describe", "stored_key"]

RAW: Final = "__mongolane_raw__"
# More problems of one document are counted, not told.
MANY: Final = 1000

_lock = threading.RLock()


@dataclass(frozen=True, slots=True, eq=False)
class FieldSchema:
    """
    One field of a class.

    Attributes:
        owner: the class's name.
        name: the attribute's name.
        key: the stored key.
        info: pydantic's description.
        plan: how it lies in BSON.
        kind: the same, as filters see it.
        field: the field object that declared it, if one did.
        index: its index, if it has one.
        adapter: gives what pydantic checks a single value with.
    """

    owner: str
    name: str
    key: str
    info: FieldInfo
    plan: FieldPlan
    kind: Kind
    field: Field[Any] | None
    index: Index | None
    adapter: Callable[[], TypeAdapter[Any]]

    def validate(self, value: Any) -> Any:
        """
        A value as an instance would hold it.

        Raises:
            FieldError: names document, field and value.
        """
        if self.field is not None:
            return None if value is None else self.field.check(value)
        try:
            return self.adapter().validate_python(value, by_name=True, by_alias=True)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            self._refuse(value, found, error)

    def readable(self, stored: Any, items: bool = False) -> None:
        """
        Refuse a stored form that could not be read again as this field.

        Args:
            stored: what an update would write.
            items: it is a list of some items of the field's; how many is not asked.

        Raises:
            FieldError: names document, field and value.
        """
        if stored is None and self.plan.omit_none:
            return
        value = codec.decode(codec.encode({"": stored}))[""]
        try:
            self.adapter().validate_python(
                to_python(self.plan.kind, value),
                context=STORED,
                by_name=True,
                by_alias=False,
                strict=False,
            )
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            if items:
                found = [one for one in found if one["loc"] or not _of_length(one)]
            if found:
                self._refuse(stored, found, error)
        except (KeyError, TypeError, AttributeError):
            # A validator that asks for other fields, which an update need not have.
            pass

    def _refuse(self, value: Any, found: Any, error: ValidationError) -> NoReturn:
        text = "; ".join(
            ": ".join(filter(None, (".".join(map(str, one["loc"])), self._said(one))))
            for one in found
        )
        if is_secret(self.plan.kind):
            raise FieldError(text, self.owner, self.name) from None
        text = f"{value!r:.80}: {text}"
        raise FieldError(text, self.owner, self.name, value) from error

    def stored(self, value: Any) -> Any:
        """
        The stored form of a value that an instance holds.

        Raises:
            EncodeError: it has none; names the way to what is wrong.
        """
        return under(self.key, lambda: to_stored(self.plan.kind, value))

    def _said(self, problem: Any) -> str:
        # A field object names itself, and pydantic the kind of its error.
        said: str = problem["msg"].removeprefix("Value error, ")
        return said.removeprefix(f"{self.owner}.{self.name}: ")


def _of_length(problem: Any) -> bool:
    return problem["type"] in ("too_short", "too_long")


class Schema:
    """
    All that is known of one class.

    Attributes:
        cls: the class.
        settings: its ``Meta`` or ``Settings``.
        fields: by attribute name, in declared order.
        plan: for the codec.
        shape: for filters, sorts and updates.
        version: the field that counts writes, if one does.
        stamps: dates that writes set; filled in by ``documents``.
        holders: fields whose values may be models, or hold some; likewise.
        alone: whether of its documents only they themselves belong to a database;
            likewise.
        views: how the class is read from other classes' documents; ``viewed`` knows.
    """

    def __init__(self, cls: type[BaseModel]) -> None:
        self.cls = cls
        self.settings: Settings = getattr(cls, "__mongolane_settings__", Settings())
        self.fields: dict[str, FieldSchema] = {}
        self.plan: ModelPlan = ModelPlan(cls)
        opened = cls.model_config.get("extra") == "allow"
        self.shape: Shape = Shape(cls.__name__, open=opened)
        self.shape.part_id = bool(getattr(cls, "__mongolane_part_id__", False))
        self.version: str | None = None
        self.stamps: dict[str, str] | None = None
        self.holders: tuple[str, ...] | None = None
        self.views: WeakKeyDictionary[Shape, Any] = WeakKeyDictionary()
        self.alone: bool | None = None
        self._codec: ModelCodec[Any] | None = None

    @property
    def codec(self) -> ModelCodec[Any]:
        """The compiled plan."""
        if self._codec is None:
            # The native class is not generic; the Protocol is what is promised.
            self._codec = cast("ModelCodec[Any]", codec.compile(self.plan))
        return self._codec

    def adopted(self, given: list[Any]) -> list[Any]:
        """
        Instances of dicts whose values are of the types declared.

        What pydantic would make of them; None where it has to look itself.
        """
        if not self.plan.adopts:
            return [None] * len(given)
        return cast("codec.ModelCodec", self.codec).adopt(given)

    @property
    def collection(self) -> str:
        """The collection's name."""
        return collection_name(self.cls, self.settings)

    def by_key(self, name: str) -> FieldSchema | None:
        """The field of this name or stored key."""
        found = self.fields.get(name)
        if found is None:
            found = next((one for one in self.fields.values() if one.key == name), None)
        return found

    def dump(self, instance: Any) -> dict[str, Any]:
        """
        An instance as a plain document with stored keys.

        Raises:
            EncodeError: for an attribute that was given a value of the wrong type.
        """
        document: dict[str, Any] = {}
        held = instance.__dict__
        for one in self.plan.fields:
            if one.name not in held:
                continue
            value = held[one.name]
            if value is None and one.omit_none:
                continue
            document[one.key] = self._stored(one, value)
        for name, value in (instance.__pydantic_extra__ or {}).items():
            document[name] = under(name, partial(plain, value))
        if "_id" in held:
            # A part's own, which its class does not declare.
            document.setdefault("_id", held["_id"])
        return document

    def _stored(self, one: FieldPlan, value: Any) -> Any:
        if (why := misfit(one.kind, value)) is not None:
            raise EncodeError(f"{why} by {self.cls.__name__}.{one.name}", one.key)
        return under(one.key, lambda: to_stored(one.kind, value))

    def load(self, document: Mapping[str, Any]) -> Any:
        """
        An instance of a plain stored document, by pydantic.

        Raises:
            DocumentDecodeError: it does not fit; names ``_id`` and each field.
        """
        shown = named(self.plan, document)
        try:
            made = self.validated(shown)
        except ValidationError as error:
            refused = self._misfit(document.get("_id"), shown, error)
        else:
            if self.plan.extra == "allow":
                self._keep_homonyms(made, document)
            return made
        # Not chained: pydantic's text shows stored values, and may reach a log.
        raise refused

    def _misfit(
        self, id_: Any, shown: Mapping[str, Any], error: ValidationError
    ) -> DocumentDecodeError:
        """What pydantic said of a document, without what stands in it."""
        name = self.cls.__name__
        if (count := error.error_count()) > MANY:
            # Each would be written out.
            problems = [("", f"{count} values do not fit")]
            return DocumentDecodeError(name, id_, problems)
        problems = [
            (_path(one["loc"], shown, one["type"] == "missing"), without_value(one))
            for one in error.errors(include_input=False, include_url=False)
        ]
        value = None if self._keeps_secret(problems[0][0]) else _culprit(error)
        return DocumentDecodeError(name, id_, problems, value)

    def _keeps_secret(self, path: str) -> bool:
        try:
            return hides(self.shape.locate(path)[1])
        except UnknownFieldError:
            # Of the whole document, or below a type that only pydantic knows.
            top = self.fields.get(path.partition(".")[0])
            specs = self.shape.specs() if top is None else [self.shape.spec(top.name)]
            return any(map(hides, specs))

    def validated(self, shown: dict[str, Any]) -> Any:
        """What pydantic makes of a stored document by names; ValidationError."""
        return self.cls.__pydantic_validator__.validate_python(
            shown, context=STORED, by_alias=False, by_name=True
        )

    def _keep_homonyms(self, made: Any, document: Mapping[str, Any]) -> None:
        # Undeclared, though a field that is stored elsewhere has the name: pydantic
        # would take it for the field's value.
        for name, one in self.fields.items():
            if one.key != name and name in document and self.by_stored(name) is None:
                made.__pydantic_extra__[name] = held(document[name])
                made.__pydantic_fields_set__.add(name)

    def id_from_json(self, given: Any) -> Any:
        """
        An id as it is declared, for one that JSON has in another type.

        Text of what is text anyhow, or has a stored form that filters know, is left.
        """
        field = self.fields.get("id")
        if field is not None and _is_other_in_json(field.plan.kind, given):
            with contextlib.suppress(FieldError):
                return field.validate(given)
        return given

    def by_stored(self, key: str) -> FieldSchema | None:
        """The field that is stored under a key."""
        return next((one for one in self.fields.values() if one.key == key), None)

    def explain(self) -> str:
        """For each field which way it goes, and why."""
        from .explain import explain

        return explain(self)


def describe(cls: type[BaseModel]) -> Schema:
    """
    The schema of a class, read at the first call.

    Raises:
        ConfigurationError: for a declaration that cannot work.
        pydantic.PydanticUndefinedAnnotation: for a name that is still unknown.
    """
    found: Schema | None = getattr(cls, "__dict__", {}).get("__mongolane_schema__")
    if found is not None and found.plan.fallback is not None:
        return found
    if not isinstance(cls, type) or not hasattr(cls, "__pydantic_complete__"):
        raise ConfigurationError(f"a pydantic model is needed, not {cls!r:.80}")
    with _lock:
        found = cls.__dict__.get("__mongolane_schema__")
        return found if found is not None else _Reader(cls).read()


def stored_key(cls: type[BaseModel], name: str) -> str:
    """The stored key of a field: our own metadata, never pydantic's alias."""
    for mark in cls.model_fields[name].metadata:
        if isinstance(mark, Stored) and mark.name is not None:
            return mark.name
        if isinstance(mark, Field) and (said := mark.options.get("stored")):
            return str(said)
    return "_id" if name == "id" and hasattr(cls, "__mongolane_id__") else name


class _Reader:
    """Fills the schema of one class."""

    def __init__(self, cls: type[BaseModel]) -> None:
        if not cls.__pydantic_complete__:
            cls.model_rebuild()
        self.cls = cls
        self.schema = Schema(cls)
        self.decorators = cls.__pydantic_decorators__
        tz_aware = self.schema.settings.tz_aware
        self.kinds = Kinds(cls.model_config, tz_aware, _plan_of, stored_key)

    def read(self) -> Schema:
        type.__setattr__(self.cls, "__mongolane_schema__", self.schema)
        try:
            self._fill()
        except BaseException:
            type.__delattr__(self.cls, "__mongolane_schema__")
            raise
        spread(self.schema.plan)
        return self.schema

    def _fill(self) -> None:
        schema, plan = self.schema, self.schema.plan
        for name, info in fields_of(self.cls).items():
            schema.fields[name] = self._field(name, info)
        self._check_keys()
        self._check_id()
        plan.fields = tuple(one.plan for one in schema.fields.values())
        plan.whole = self._whole()
        plan.adopts = self._adopts()
        plan.dump = schema.dump
        plan.json_through = self._json_through()
        plan.json_dump = self._json_dump()
        plan.extra = self.cls.model_config.get("extra") or "ignore"
        plan.private = self._private()
        if RAW in dir(self.cls):
            plan.keep_raw = RAW
        self._shape()
        if shows_all_plain(plan):
            plan.direct = schema.validated
        plan.fallback = schema.load

    def _check_keys(self) -> None:
        seen: dict[str, str] = {}
        for one in self.schema.fields.values():
            other = seen.setdefault(one.key, one.name)
            if other != one.name:
                raise ConfigurationError(
                    f"{self.cls.__name__}: {other!r} and {one.name!r} are both stored "
                    f"as {one.key!r}"
                )

    def _check_id(self) -> None:
        field = self.schema.fields.get("id")
        if field is None or field.key != "_id" or not hasattr(self.cls, "find"):
            return
        if is_array(field.info.annotation, field.info.metadata):
            raise ConfigurationError(
                f"{self.cls.__name__}.id: a server takes no array as an _id, and any "
                "other type: a model with the same values, for one"
            )

    def _field(self, name: str, info: FieldInfo) -> FieldSchema:
        _, marks = unwrapped(info.annotation, info.metadata)
        declared = next((one for one in marks if isinstance(one, Field)), None)
        extra = list(info.metadata)
        if info.discriminator is not None:
            extra.append(pydantic.Field(discriminator=info.discriminator))
        checks = self._validators(name)
        annotation = info.annotation
        if checks:
            kind: Kind = self.kinds.through(
                annotation, [*extra, *checks], "a field_validator"
            )
        else:
            kind = self.kinds.of(annotation, extra)
        if any(isinstance(one, Version) for one in marks):
            self.schema.version = name
        full = operator.getitem(
            cast("Any", Annotated), (annotation, *extra, *checks, _inert)
        )
        adapter = self.kinds._adapter(full)
        queried, kind = kind, refusing(self.kinds.at_once(kind, full))
        return FieldSchema(
            self.cls.__name__,
            name,
            stored_key(self.cls, name),
            info,
            self._plan(name, info, kind, declared, adapter),
            queried,
            declared,
            _index_of(marks, declared),
            adapter,
        )

    def _plan(
        self,
        name: str,
        info: FieldInfo,
        kind: Kind,
        declared: Field[Any] | None,
        adapter: Callable[[], TypeAdapter[Any]],
    ) -> FieldPlan:
        default, factory = _default(info)
        key = stored_key(self.cls, name)
        json_key = info.serialization_alias
        # None as the default of a type without None is no value that could be read.
        absent = default is None and not takes_none(info.annotation)
        json = json_of(adapter)
        if isinstance(kind, Through) and kind.checked is not None:
            # Values that the checks leave as they are need it no more.
            kind = replace(kind, json=json)
        return FieldPlan(
            name,
            key,
            kind,
            default,
            factory,
            omit_none=declared is not None or key == "_id" or absent,
            json_key=json_key if json_key != name else None,
            json_skip=info.exclude is True,
            json=json,
            given=_given(name, info),
            json_by_value=needs_value(info.annotation, info.metadata, kind, declared),
        )

    def _validators(self, name: str) -> list[Any]:
        """The class's validators of one field, as metadata with the same effect."""
        made = {
            "before": pydantic.BeforeValidator,
            "after": pydantic.AfterValidator,
            "wrap": pydantic.WrapValidator,
            "plain": pydantic.PlainValidator,
        }
        found: list[Any] = []
        for one in self.decorators.field_validators.values():
            if name in one.info.fields or "*" in one.info.fields:
                found.append(made[one.info.mode](one.func))
        return found

    def _whole(self) -> str | None:
        decorators, cls = self.decorators, self.cls
        if has_own_schema(cls):
            return "a core schema of its own"
        if _typed_extra(cls):
            return "a type for undeclared keys"
        if decorators.model_validators:
            return f"model_validator {next(iter(decorators.model_validators))}"
        if decorators.root_validators or decorators.validators:
            return "a validator of pydantic 1"
        if cls.__pydantic_custom_init__:
            return "an __init__ of its own"
        if cls.__pydantic_post_init__ and _own_post_init(cls):
            return "model_post_init"
        for one in decorators.field_validators.values():
            if takes_info(one.func, one.info.mode):
                return f"field_validator {one.cls_var_name} asks for other fields"
        if cls.model_config.get("validate_default"):
            return "validate_default"
        for name, info in cls.model_fields.items():
            if info.validate_default and not self.schema.fields[name].field:
                return f"{name}: validate_default"
            if info.default_factory_takes_validated_data:
                return f"{name}: its default is made of other fields"
        return None

    def _adopts(self) -> bool:
        config = self.cls.model_config
        return (
            self.schema.plan.whole is None
            # Field objects have checks of their own, which may change a value.
            and not any(one.field for one in self.schema.fields.values())
            and all(one.plan.given for one in self.schema.fields.values())
            and config.get("revalidate_instances", "never") == "never"
        )

    def _json_dump(self) -> Callable[[Any], bytes]:
        cls = self.cls
        again = bool(self.decorators.model_validators) or (
            cls.model_config.get("revalidate_instances", "never") != "never"
        )
        adapter: TypeAdapter[Any] | None = None
        # A list, since typing would keep what can be hashed, and the class with it.
        told: Any = Annotated[cls, []]

        def dump(instance: Any) -> bytes:
            # What FastAPI does with an instance that a route returns.
            nonlocal adapter
            adapter = adapter or TypeAdapter(told)
            if again:
                with contextlib.suppress(ValidationError):
                    instance = adapter.validator.validate_python(instance)
            return adapter.serializer.to_json(
                instance, by_alias=True, fallback=beyond_json
            )

        return dump

    def _json_through(self) -> str | None:
        decorators, cls = self.decorators, self.cls
        if has_own_schema(cls):
            return "a core schema of its own"
        for kind, found in (
            ("computed_field", decorators.computed_fields),
            ("field_serializer", decorators.field_serializers),
            ("model_serializer", decorators.model_serializers),
        ):
            if found:
                return f"{kind} {next(iter(found))}"
        for setting, usual in _USUAL.items():
            if cls.model_config.get(setting, usual) != usual:
                return f"{setting} of model_config"
        for name, info in cls.model_fields.items():
            if getattr(info, "exclude_if", None) is not None:
                return f"{name}: exclude_if"
        return None

    def _private(self) -> dict[str, Any] | None:
        private: dict[str, Any] = {}
        for name, one in self.cls.__private_attributes__.items():
            if one.default_factory is not None:
                private[name] = one.default_factory
            elif one.default is not PydanticUndefined:
                value = one.default
                simple = isinstance(value, (str, int, float, bool, type(None), tuple))
                private[name] = value if simple else _copier(value)
        return private or ({} if self.cls.__private_attributes__ else None)

    def _shape(self) -> None:
        self.schema.shape.fields = {
            one.name: spec_of(
                one.name,
                one.key,
                self._queried_kind(one),
                _shape_of,
                one.field,
                f"{self.cls.__name__}.{one.name}",
                one.readable,
            )
            for one in self.schema.fields.values()
        }

    def _queried_kind(self, one: FieldSchema) -> Kind:
        # A filter may mean one item of a list, also where items go through Python.
        if isinstance(one.field, ListField) and one.field.field is not None:
            return ListOf(one.field.field.kind(self.kinds.of))
        return one.kind


_USUAL = {
    "json_encoders": None,
    "polymorphic_serialization": False,
    "ser_json_bytes": "utf8",
    "ser_json_inf_nan": "null",
    "ser_json_temporal": "iso8601",
    "ser_json_timedelta": "iso8601",
    "revalidate_instances": "never",
}
"""Settings that JSON hangs on, and what it hangs on without them."""

_inert = object()
"""Keeps ``Annotated`` valid where a field has no metadata."""


def _plan_of(cls: type[BaseModel]) -> ModelPlan:
    schema: Schema | None = cls.__dict__.get("__mongolane_schema__")
    return (schema or describe(cls)).plan


def _shape_of(cls: type[Any]) -> Shape:
    schema: Schema | None = cls.__dict__.get("__mongolane_schema__")
    return (schema or describe(cls)).shape


def _is_other_in_json(kind: Kind, given: Any) -> bool:
    """Whether what JSON has can only stand for a value of another type."""
    if isinstance(kind, Nullable):
        return _is_other_in_json(kind.inner, given)
    if isinstance(kind, OneOf):
        return Scalar("str") not in kind.alternatives
    if isinstance(kind, Scalar):
        return kind.tag in ("int", "float", "decimal")
    return isinstance(given, dict) and isinstance(kind, (Model, Through))


def _path(loc: tuple[int | str, ...], shown: Any, missing: bool) -> str:
    """The way to a value in a document; pydantic's own names a union's members, too."""
    steps: list[str] = []
    at, last = shown, len(loc) - 1
    for number, step in enumerate(loc):
        if isinstance(at, Mapping) and step in at:
            at = at[step]
        elif isinstance(at, (list, tuple)) and step in range(len(at)):
            at = at[cast("int", step)]
        elif not missing or number < last:
            continue
        steps.append(str(step))
    return ".".join(steps)


def _culprit(error: ValidationError) -> Any:
    """The value of the first problem; None when nothing is there."""
    first = error.errors(include_url=False, include_context=False)[0]
    return None if first["type"] == "missing" else first["input"]


def _index_of(marks: list[Any], declared: Field[Any] | None) -> Index | None:
    index = next((one for one in marks if isinstance(one, Index)), None)
    if declared is None:
        return index
    said = declared.options.get("index")
    if said:
        index = Index() if said is True else said
    if declared.unique:
        options = {**(index.options if index else {}), "unique": True}
        way = index.direction if index else 1
        index = Index(direction=way, **{"name": f"{declared.name}_unique", **options})
    return index


def _given(name: str, info: FieldInfo) -> tuple[str, ...]:
    """The names that a constructor takes a field by; none if they are not so clear."""
    alias = info.validation_alias
    if alias is None:
        return (name,)
    choices = alias.choices if isinstance(alias, pydantic.AliasChoices) else [alias]
    texts = tuple(one for one in choices if isinstance(one, str))
    # Where only some names are aliases, settings say whether the field's own counts.
    return texts if len(texts) == len(choices) and name in texts else ()


def _default(info: FieldInfo) -> tuple[Any, Callable[[], Any] | None]:
    if info.default_factory is not None:
        return MISSING, info.default_factory  # type: ignore[return-value]
    value = info.default
    if value is PydanticUndefined:
        return MISSING, None
    try:
        hash(value)
    except TypeError:
        return MISSING, _copier(value)
    return value, None


def _copier(value: Any) -> Callable[[], Any]:
    return lambda: copy.deepcopy(value)


def _typed_extra(cls: type[BaseModel]) -> bool:
    return any(
        "__pydantic_extra__" in getattr(one, "__annotations__", {})
        for one in cls.__mro__[: cls.__mro__.index(BaseModel)]
    )


def _own_post_init(cls: type[BaseModel]) -> bool:
    # With private attributes and nothing else, pydantic puts its own function there.
    function = cls.model_post_init
    return function.__module__.partition(".")[0] != "pydantic"
