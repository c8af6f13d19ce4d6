"""
Annotations to kinds: how the value of any declared type lies in BSON.

What is not understood completely becomes ``Through``: that field, and no other, goes
through pydantic. Nothing here reads pydantic's core schemas; annotations, and the
metadata in ``Annotated``, are its documented surface.
"""

from __future__ import annotations

import copy
import dataclasses
import decimal
import operator
import re
import types
import typing
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Annotated, Any, cast, get_args, get_origin

import pydantic
from bson import Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex
from bson import Timestamp as BSONTimestamp
from bson.binary import Binary
from pydantic import (
    BaseModel,
    ConfigDict,
    RootModel,
    TypeAdapter,
)
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType, is_typeddict

from ..codec.plan import (
    DateTime,
    DictOf,
    EnumOf,
    Exactly,
    Kind,
    ListOf,
    Literal,
    Model,
    ModelPlan,
    Nullable,
    OneOf,
    Scalar,
    Through,
)
from ..errors import ConfigurationError
from ..fields import STORED, Field, Stored
from .forms import (
    SECRETS,
    decimal_rounded,
    form_of,
    key_text,
    load_bytes_pattern,
    plain,
)
from .keys import keys_back, simple_key
from .limits import limited
from .metadata import limits_of, strict_in, takes_info, unwrapped
from .serialized import kinds_in
from .structures import (
    JSON,
    Parts,
    equal,
    exact_member,
    hints_of,
    like_member,
    member_of,
    part_stored,
    parts_of,
    reencoded,
    stays,
    union_of,
)
from .tags import Tag, tags_in, told_by
from .values import (
    bson_types,
    fitting,
    shown_by,
    shows_plain,
    to_python,
    to_stored,
    undone,
)

__all__ = ["Kinds", "has_own_schema", "is_secret"]

_SCALARS: dict[Any, Kind] = {
    str: Scalar("str"),
    int: Scalar("int"),
    float: Scalar("float"),
    bool: Scalar("bool"),
    bytes: Scalar("bytes"),
    ObjectId: Scalar("object_id"),
    decimal.Decimal: Scalar("decimal"),
    Decimal128: Scalar("decimal128"),
    uuid.UUID: Scalar("uuid"),
    Any: Scalar("any"),
    object: Scalar("any"),
    None: Literal((None,)),
    type(None): Literal((None,)),
}
_CONTAINERS = {list, set, frozenset, tuple, deque}
_BSON = (Binary, Code, DBRef, Int64, MaxKey, MinKey, Regex, BSONTimestamp)
_STR_SETTINGS = (
    "str_strip_whitespace",
    "str_to_lower",
    "str_to_upper",
    "str_min_length",
    "str_max_length",
    "str_max_bytes",
)


class Kinds:
    """
    Finds kinds within one class.

    Args:
        config: the class's ``model_config``.
        tz_aware: whether datetimes are read aware.
        plan_of: gives the plan of an embedded model, which may still be empty.
        key_of: gives the stored key of a field of an embedded model.
    """

    def __init__(
        self,
        config: ConfigDict,
        tz_aware: bool,
        plan_of: Callable[[type[BaseModel]], ModelPlan],
        key_of: Callable[[type[BaseModel], str], str],
    ) -> None:
        self._config, self._tz_aware = config, tz_aware
        self._plan_of, self._key_of = plan_of, key_of
        self._plain_secrets = self._rounds = False
        # Types whose parts are just being looked at.
        self._around: list[Any] = []

    def _saying(self, plain_secrets: bool, rounds: bool) -> Kinds:
        # What a field says of its values holds for those inside of a list, too.
        inner = copy.copy(self)
        inner._plain_secrets, inner._rounds = plain_secrets, rounds
        return inner

    def of(self, annotation: Any, metadata: Iterable[Any] = ()) -> Kind:
        """The kind of an annotation with its metadata."""
        annotation, marks = unwrapped(annotation, metadata)
        for mark in marks:
            if isinstance(mark, Field):
                return mark.stored_kind(self.of)
        kind = self._of(annotation, marks)
        if isinstance(kind, Through) and self._strict(annotation, marks):
            return self._typed(kind, annotation)
        return kind

    def _of(self, annotation: Any, marks: list[Any]) -> Kind:
        stored = next((one for one in marks if isinstance(one, Stored)), Stored())
        said = (
            self._plain_secrets or stored.secret == "plain",
            self._rounds or stored.decimal == "round",
        )
        if said != (self._plain_secrets, self._rounds):
            return self._saying(*said).of(annotation, marks)
        if _secret(annotation):
            return self._secret_kind(annotation, marks)
        limits, why = limits_of(marks)
        if "pattern" in limits and self._config.get("regex_engine") == "python-re":
            why = "a pattern in Python's dialect"
        if why is not None:
            return self.through(annotation, marks, why)
        kind = self._plain(annotation, limits.pop("discriminator", None))
        if self._rounds and kind == Scalar("decimal"):
            return self._rounded(annotation, marks)
        if not limits:
            return kind
        bounded = limited(kind, limits)
        return bounded or self.through(annotation, marks, "a constraint of pydantic's")

    def _rounded(self, annotation: Any, marks: list[Any]) -> Kind:
        others = [one for one in marks if not isinstance(one, Stored)]
        exact = self._saying(self._plain_secrets, False)
        kind = exact.through(annotation, [*others, Stored()], "rounded to 34 digits")
        return Through(kind.load, decimal_rounded, kind.why, alike=True)

    def _secret_kind(self, annotation: Any, marks: list[Any]) -> Kind:
        union = get_origin(annotation) in (typing.Union, types.UnionType)
        found = get_args(annotation) if union else ()
        classes = [one for one in found if one is not type(None)]
        if not self._plain_secrets:
            why = "a secret, which is not stored"
            refused = Through(_refuse_secret, plain, why, secret=True)
            return Nullable(refused) if classes else refused
        held = [one for secret in classes or (annotation,) for one in get_args(secret)]
        undo = shown_by(self.of(held[0])) if len(held) == 1 else _same
        kind = Through(
            _loader(undo, self._check(Annotated[(annotation, *marks, None)])),
            _secret_text,
            "a secret, stored as plain text",
            secret=True,
            alike=True,
        )
        return Nullable(kind) if classes else kind

    def _plain(self, annotation: Any, discriminator: str | None) -> Kind:
        origin = get_origin(annotation)
        args = get_args(annotation)
        if annotation is str and any(self._config.get(one) for one in _STR_SETTINGS):
            return self.through(str, (), "a str_... setting of model_config")
        if annotation is datetime:
            return DateTime(self._tz_aware)
        if _known(annotation) is not None:
            return _SCALARS[annotation]
        if origin is typing.Literal:
            return self._literal(annotation, args)
        if origin in (typing.Union, types.UnionType):
            return self._union(annotation, args, discriminator)
        if (origin or annotation) in _CONTAINERS:
            return self._container(annotation, origin or annotation, args)
        if (origin or annotation) is dict:
            return self._dict(annotation, args)
        if isinstance(annotation, type):
            return self._class(annotation)
        if origin is re.Pattern:
            return self._formed(annotation, origin)
        return self._in_parts(annotation, "a type of its own")

    def _in_parts(self, annotation: Any, why: str) -> Kind:
        origin, args = get_origin(annotation), get_args(annotation)
        if _is_mapping(origin) and args:
            key, value = args if len(args) == 2 else (args[0], int)
            if key is not str:
                return self._keyed(annotation, key, value)
        parts = parts_of(annotation, self._part)
        if parts is None:
            return self.through(annotation, (), why)
        check = self._check(annotation)
        made = Through(_loader(parts.undo, check), parts.dump, parts.why)
        if annotation in self._around:
            # It holds itself: what its other parts are decides.
            return replace(made, alike=True, direct=check)
        self._around.append(annotation)
        try:
            return self._with_parts(made, annotation, parts, check)
        finally:
            self._around.pop()

    def _with_parts(
        self,
        made: Through,
        annotation: Any,
        parts: Parts,
        check: Callable[[Any], Any],
    ) -> Through:
        """The same, with what its parts allow to spare."""
        # Parts that cannot be known yet are looked at when there is a value.
        with suppress(NameError, RecursionError, pydantic.PydanticUserError):
            kinds = list(parts.kinds())
            made = replace(made, alike=all(map(_alike, kinds)))
            if is_typeddict(annotation) and made.alike:
                # What has its own stored form is written without asking ``dump``.
                made = replace(made, besides=DictOf(Scalar("any")))
            is_record = isinstance(annotation, type) and not _any_through(kinds)
            if is_record and dataclasses.is_dataclass(annotation):
                names = tuple(one.name for one in dataclasses.fields(annotation))
                made = replace(made, record=(cast("type", annotation), names))
            if all(map(shows_plain, kinds)):
                made = replace(made, direct=check)
        return made

    def _part(self, annotation: Any, marks: Iterable[Any] = ()) -> Kind:
        """The kind of a part; pydantic is shown the very type of a strict one."""
        kind = self.of(annotation, marks)
        if isinstance(kind, Through) or not self._strict(annotation, marks):
            return kind
        full = Annotated[(annotation, *marks)] if marks else annotation
        load = _loader(lambda value: to_python(kind, value, True), self._check(full))
        dump = partial(to_stored, kind)
        return Through(load, dump, "a strict part", alike=_alike(kind))

    def _check(
        self, annotation: Any, strict: bool | None = None
    ) -> Callable[[Any], Any]:
        """What pydantic makes of a value of this type, by names and not by aliases."""
        adapter = self._adapter(annotation)

        def check(value: Any) -> Any:
            # Not by the adapter's own method, which costs as much as a short check.
            return adapter().validator.validate_python(
                value, context=STORED, by_name=True, by_alias=False, strict=strict
            )

        return check

    def _class(self, cls: type[Any]) -> Kind:
        if issubclass(cls, Enum):
            return self._enum(cls)
        if issubclass(cls, BaseModel):
            return self._model(cls)
        if cls in (pydantic.AwareDatetime, pydantic.NaiveDatetime):
            return DateTime(cls is pydantic.AwareDatetime)
        if cls in _BSON:
            return Exactly(cls)
        if cls is JSON:
            return self.through(Any, [JSON], "Json of pydantic's")
        if form_of(cls) is not None:
            return self._formed(cls, cls)
        return self._in_parts(cls, "a type of its own")

    def _formed(self, annotation: Any, cls: type[Any]) -> Kind:
        form = form_of(cls)
        assert form is not None
        undo = form.load
        if get_args(annotation) == (bytes,):
            undo = load_bytes_pattern
        check = self._check(annotation)
        meant = None if cls is re.Pattern else lambda text: check(undo(text))
        load = _loader(undo, check, meant=meant)
        # The encoder does not know of ASCII in a pattern's own text.
        return Through(load, form.dump, form.why, alike=cls is not re.Pattern)

    def _model(self, cls: type[BaseModel]) -> Kind:
        if issubclass(cls, RootModel):
            return self._in_parts(cls, "a root model")
        if has_own_schema(cls):
            return self.through(cls, (), "a core schema of its own")
        return Model(self._plan_of(cls))

    def _enum(self, cls: type[Enum]) -> Kind:
        values = tuple(one.value for one in cls)
        if not all(type(one) in (str, int, bool, float) for one in values):
            load = _loader(lambda value: like_member(cls, value), self._check(cls))
            return Through(load, plain, "an enumeration of unusual values", alike=True)
        if self._config.get("use_enum_values"):
            # A member is taken where the value alone, by a strict class, is not.
            load = _loader(lambda value: exact_member(cls, value), self._check(cls))
            return Through(load, plain, "use_enum_values", alike=True)
        if "_missing_" in vars(cls):
            return self.through(cls, (), "an enumeration with _missing_")
        return EnumOf(cls)

    def _literal(self, annotation: Any, values: tuple[Any, ...]) -> Kind:
        if all(one is None or type(one) in (str, int, bool) for one in values):
            return Literal(values)
        return self._in_parts(annotation, "a Literal of unusual values")

    def _container(self, annotation: Any, container: type, args: Any) -> Kind:
        if container is tuple:
            if args and (len(args) != 2 or args[1] is not Ellipsis):
                return self._in_parts(annotation, "a tuple of fixed length")
            args = args[:1]
        item = self.of(args[0]) if args else Scalar("any")
        return ListOf(item, container)

    def _dict(self, annotation: Any, args: Any) -> Kind:
        if not args:
            return DictOf(Scalar("any"))
        if args[0] is str:
            return DictOf(self.of(args[1]))
        return self._keyed(annotation, *args)

    def _keyed(self, annotation: Any, key: Any, value: Any) -> Kind:
        # Text for simple keys, {"k": ..., "v": ...} pairs for all others.
        inner = self.of(value)
        adapter = self._adapter(annotation)
        if simple_key(key):
            undo, check = _text_keys_back(key, inner), self._check(annotation)
            plain_key = unwrapped(key, ())[0]
            is_text = isinstance(plain_key, type) and not issubclass(
                plain_key, (Enum, ObjectId)
            )
            return Through(
                _loader(undo, check),
                lambda value: {
                    (text := key_text(one)): part_stored(text, inner, item)
                    for one, item in value.items()
                },
                "keys that are not text, stored as text",
                inner=DictOf(inner),
                alike=_alike(inner),
                direct=check if is_text and shows_plain(inner) else None,
            )
        kind, check_key = self.of(key), self._check(key)
        return Through(
            _loader(
                lambda value: {
                    check_key(to_python(kind, one["k"])): to_python(inner, one["v"])
                    for one in value
                },
                lambda value: adapter().validate_python(value),
            ),
            lambda value: [
                {"k": to_stored(kind, one), "v": to_stored(inner, item)}
                for one, item in value.items()
            ],
            "keys that are not text, stored as pairs",
        )

    def _union(self, annotation: Any, args: Any, discriminator: str | None) -> Kind:
        others = tuple(one for one in args if one not in (None, type(None)))
        if len(others) < len(args):
            rest: Any = operator.getitem(cast("Any", typing.Union), others)
            return Nullable(self._alternatives(rest, others, discriminator))
        return self._alternatives(annotation, others, discriminator)

    def _alternatives(
        self, annotation: Any, args: Any, discriminator: str | None
    ) -> Kind:
        if len(args) == 1:
            return self.of(args[0])
        if discriminator is not None:
            return self._told_apart(annotation, args, discriminator)
        kinds = sorted((self.of(one) for one in args), key=_floats_last)
        seen: set[str] = set()
        for kind in kinds:
            types_ = bson_types(kind)
            if types_ is None or types_ & seen:
                return self._ambiguous(annotation, args)
            seen |= types_
        return OneOf(tuple(kinds))

    def _ambiguous(self, annotation: Any, args: Any) -> Kind:
        kinds = [self.of(one) for one in args]
        undo = union_of(kinds, [self._check(one) for one in args])
        why = "a union BSON types cannot tell"
        told = any(getattr(one, "dump", None) is _secret_text for one in kinds)
        dump = member_of(kinds, [self._check(one, strict=True) for one in args])
        models = () if told else tuple(one for one in kinds if isinstance(one, Model))
        load = _loader(undo, self._check(annotation))
        made = OneOf(tuple(kinds))
        alike = all(map(_alike, kinds))
        return Through(
            load, dump, why, secret=told, inner=made, models=models, alike=alike
        )

    def _told_apart(self, annotation: Any, args: Any, discriminator: str) -> Kind:
        """A union in which the value under a key tells which member is meant."""
        tags = [tag for one in args for tag in self._tags(one, discriminator)]
        keys, kinds = {tag.key for tag in tags}, [tag.kind for tag in tags]
        if len(keys) == 1 and all(isinstance(one, (Model, OneOf)) for one in kinds):
            tagged = {tag.value: cast("Model | OneOf", tag.kind) for tag in tags}
            return OneOf(discriminator=keys.pop(), tagged=tagged)
        full = Annotated[annotation, pydantic.Field(discriminator=discriminator)]
        checks = [self._check(one, strict=True) for one in args]
        return Through(
            _loader(told_by(tags), self._check(full)),
            member_of([self.of(one) for one in args], checks),
            "a discriminator of what is no model",
            inner=OneOf(tuple(map(self.of, args))),
        )

    def _tags(self, annotation: Any, discriminator: str) -> list[Tag]:
        """What a member of a union may have under the discriminator, and where."""
        kind = self.of(annotation)
        if isinstance(kind, Model) or (isinstance(kind, OneOf) and kind.models):
            models = [kind] if isinstance(kind, Model) else kind.models
            classes: list[Any] = [one.plan.cls for one in models]
            return [
                Tag(self._key_of(cls, discriminator), value, kind)
                for cls in classes
                if discriminator in cls.model_fields
                for value in tags_in(cls.model_fields[discriminator].annotation)
            ]
        said = hints_of(unwrapped(annotation, ())[0]).get(discriminator)
        return [Tag(discriminator, value, kind) for value in tags_in(said)]

    def through(self, annotation: Any, marks: Iterable[Any], why: str) -> Through:
        """A kind that asks pydantic, for what the plan does not know."""
        full = Annotated[(annotation, *marks)] if marks else annotation
        try:
            infos = [one for one in marks if isinstance(one, FieldInfo)]
            inner = self.of(annotation, infos) if marks else None
        except RecursionError:
            inner = None
        before: Callable[[Any], Any] = _same
        dump: Callable[[Any], Any] = plain
        if inner is not None:
            before = shown_by(inner)
            dump = partial(to_stored, inner)
        loads: list[Callable[[Any], Any]] = [before, _typed_by(inner, before)]
        if (again := reencoded(list(marks))) is not None:
            loads = [_then(one, again) for one in loads]
        meant = getattr(getattr(inner, "load", None), "meant", None)
        load = _loader(loads[0], self._check(full), loads[1], meant)
        alike = inner is not None and _alike(inner)
        made = Through(
            load, dump, why, secret=is_secret(inner), inner=inner, alike=alike
        )
        if again is None:
            made = self._quicker(replace(made, besides=inner), annotation, list(marks))
        strict = self._strict(annotation, marks)
        return self._typed(made, annotation) if strict else made

    def at_once(self, kind: Kind, annotation: Any) -> Kind:
        """
        A field's kind, as it is best read and written.

        Items of a list that pydantic checks are checked together, by one call.
        """
        if isinstance(kind, Nullable):
            inner = self.at_once(kind.inner, annotation)
            return kind if inner is kind.inner else Nullable(inner)
        item = kind.item if isinstance(kind, ListOf) else None
        check = getattr(getattr(item, "load", None), "check", None)
        if not isinstance(kind, ListOf) or not isinstance(item, Through):
            return kind
        quick = item.models or item.checked not in (None, check)
        if check is None or quick or item.secret or self._config.get("strict"):
            return kind
        check = self._check(annotation)
        load = _loader(shown_by(kind), check, shown_by(kind, True))
        made = Through(load, partial(fitting, kind), item.why, inner=kind)
        if shows_plain(kind):
            made = replace(made, direct=check)
        if item.record is not None:
            return replace(made, besides=kind)
        if item.besides is None:
            return made
        checked = check if item.checked is not None else None
        return replace(made, besides=replace(kind, item=item.besides), checked=checked)

    def _quicker(self, kind: Through, annotation: Any, marks: list[Any]) -> Through:
        """
        The same, with what pydantic need not be asked for.

        Functions that come after all else are called by themselves. Other checks are
        shown the value as ``inner`` makes it, if that is as pydantic is shown it.
        """
        flat = unwrapped(annotation, marks)[1]
        count = next(
            (n for n, mark in enumerate(reversed(flat)) if not _is_after(mark)),
            len(flat),
        )
        if count and not any(map(_is_function, flat[:-count])):
            bare = unwrapped(annotation, ())[0]
            inner = self.of(bare, flat[:-count])
            if not any(isinstance(one, Through) for one in kinds_in(inner)):
                functions = [one.func for one in flat[-count:]]
                return replace(kind, besides=inner, checked=_in_turn(functions))
        functional = any(map(_is_function, flat))
        if kind.besides is not None and _is_shown(kind.besides, functional):
            return replace(kind, checked=kind.load.check)  # type: ignore[attr-defined]
        return kind

    def _strict(self, annotation: Any, marks: Iterable[Any]) -> bool:
        return bool(self._config.get("strict")) or strict_in(annotation, marks)

    def _typed(self, kind: Through, annotation: Any) -> Through:
        """
        The same for what is strict: pydantic is shown values of the very type.

        A stored value is of the type if, leniently read and stored again, it is the
        same: so an array is a set, and the text "5" is no number.
        """
        undo, adapter = getattr(kind.load, "undo", _same), self._adapter(annotation)
        check = getattr(kind.load, "check", kind.load)
        again = self._check(annotation, strict=True)

        def typed(value: Any) -> Any:
            shown = undone(undo, value)
            try:
                made = adapter().validate_python(
                    shown, context=STORED, by_name=True, by_alias=False, strict=False
                )
                known = equal(kind.dump(made), value)
                return made if known and stays(made, value, again, kind.dump) else shown
            except (ValueError, TypeError, KeyError, AttributeError):
                return shown

        return replace(kind, load=_loader(typed, check), json=None)

    def _adapter(self, annotation: Any) -> Callable[[], TypeAdapter[Any]]:
        # Made at first use: the type may not be complete yet.
        made: list[TypeAdapter[Any]] = []

        def adapter() -> TypeAdapter[Any]:
            if not made:
                made.append(self._make_adapter(annotation))
            return made[0]

        return adapter

    def _make_adapter(self, annotation: Any) -> TypeAdapter[Any]:
        kept = {
            key: value
            for key, value in self._config.items()
            if key not in ("title", "json_schema_extra", "defer_build")
        }
        config = ConfigDict(**{**kept, "arbitrary_types_allowed": True})  # type: ignore[typeddict-item]
        try:
            return TypeAdapter(annotation, config=config)
        except pydantic.PydanticUserError as error:
            if error.code != "type-adapter-config-unused":
                raise
            # Under a name a dataclass or TypedDict takes the class's settings, as it
            # does as a field; what has settings of its own keeps them.
            alias: Any = TypeAliasType("Held", annotation)
            return TypeAdapter(alias, config=config)


def has_own_schema(cls: type[BaseModel]) -> bool:
    """Whether a model tells pydantic itself what it is."""
    own = cls.__get_pydantic_core_schema__.__func__  # type: ignore[attr-defined]
    usual = BaseModel.__get_pydantic_core_schema__.__func__  # type: ignore[attr-defined]
    return own is not usual


def _known(annotation: Any) -> Any:
    try:
        return _SCALARS.get(annotation)
    except TypeError:
        return None


def _is_mapping(origin: Any) -> bool:
    # A generic typed dict is a dict, too; its arguments are no keys.
    return (
        isinstance(origin, type)
        and issubclass(origin, Mapping)
        and not is_typeddict(origin)
    )


def _secret(annotation: Any) -> bool:
    union = get_origin(annotation) in (typing.Union, types.UnionType)
    found = get_args(annotation) if union else (annotation,)
    some = [one for one in found if one not in (None, type(None))]
    classes = [get_origin(one) or one for one in some]
    return bool(some) and all(
        isinstance(one, type) and issubclass(one, SECRETS) for one in classes
    )


def is_secret(kind: Kind | None) -> bool:
    """Whether a value of this kind, or an item of it, is never shown."""
    if isinstance(kind, Nullable):
        return is_secret(kind.inner)
    if isinstance(kind, ListOf):
        return is_secret(kind.item)
    return isinstance(kind, Through) and kind.secret


def _shown_secret(value: Any) -> Any:
    held = value.get_secret_value() if isinstance(value, SECRETS) else value
    return plain(held)


def _secret_text(value: Any) -> Any:
    if not isinstance(value, (*SECRETS, str, bytes)):
        raise TypeError("no secret")
    return _shown_secret(value)


def _refuse_secret(value: Any) -> Any:
    raise ConfigurationError(
        "a secret is not stored unless its field says how: "
        'Annotated[SecretStr, Stored(secret="plain")]'
    )


def _floats_last(kind: Kind) -> bool:
    # A float takes an int, so it must not be asked first.
    return isinstance(kind, Scalar) and kind.tag == "float"


def _text_keys_back(key: Any, inner: Kind) -> Callable[[Any], Any]:
    back, shown = keys_back(key), shown_by(DictOf(inner))
    return lambda value: {back(one): item for one, item in shown(value).items()}


def _same(value: Any) -> Any:
    return value


def _is_after(mark: Any) -> bool:
    """Whether metadata is a function that gets a valid value, and nothing else."""
    after = isinstance(mark, pydantic.AfterValidator)
    return after and not takes_info(mark.func, "after")


def _is_function(mark: Any) -> bool:
    functions = (pydantic.BeforeValidator, pydantic.AfterValidator)
    return isinstance(
        mark, (*functions, pydantic.WrapValidator, pydantic.PlainValidator)
    )


def _any_through(kinds: Iterable[Kind]) -> bool:
    return any(isinstance(one, Through) for kind in kinds for one in kinds_in(kind))


def _alike(kind: Kind) -> bool:
    """Whether values have no other stored form than ``encode`` has for them."""
    return all(one.alike for one in kinds_in(kind) if isinstance(one, Through))


def _in_turn(functions: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    if len(functions) == 1:
        return functions[0]

    def all_of(value: Any) -> Any:
        for function in functions:
            value = function(value)
        return value

    return all_of


def _is_shown(kind: Kind, functional: bool) -> bool:
    """
    Whether pydantic is shown values of this kind as an instance holds them.

    Args:
        functional: functions look at them, too, and may tell an int from a float.
    """
    if isinstance(kind, Nullable):
        return _is_shown(kind.inner, functional)
    if isinstance(kind, ListOf):
        return kind.container is list and _is_shown(kind.item, functional)
    if isinstance(kind, DictOf):
        return _is_shown(kind.value, functional)
    if isinstance(kind, Scalar):
        return kind.tag != "float" or not functional
    return isinstance(kind, (DateTime, Literal))


def _typed_by(
    inner: Kind | None, otherwise: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """What a strict class around this one is shown."""
    return otherwise if inner is None else shown_by(inner, True)


def _loader(
    undo: Callable[[Any], Any],
    check: Callable[[Any], Any],
    typed: Callable[[Any], Any] | None = None,
    meant: Callable[[Any], Any] | None = None,
) -> Callable[[Any], Any]:
    def load(value: Any) -> Any:
        return check(undone(undo, value))

    # For whole documents, which pydantic checks itself, and once.
    load.undo = undo  # type: ignore[attr-defined]
    load.check = check  # type: ignore[attr-defined]
    load.typed = typed or undo  # type: ignore[attr-defined]
    # For filters: the value that a text stands for.
    load.meant = meant  # type: ignore[attr-defined]
    return load


def _then(one: Callable[[Any], Any], other: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda value: other(one(value))
