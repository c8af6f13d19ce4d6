"""
How a document class is made, and what ``User.age`` gives.

Pydantic asks ``getattr(cls, name)`` for defaults and ``hasattr(base, name)`` for
shadowing while a class is being made. Paths therefore come from the metaclass's
``__getattr__``, which is silent while this thread makes a class.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import isfunction
from itertools import count
from typing import (
    TYPE_CHECKING,
    Any,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
)

import pydantic
from pydantic import BaseModel, ValidationError

from .._compat import body_annotations
from ..errors import FieldError, UnknownFieldError
from ..expressions import Path
from ..fields import (
    BinaryField,
    DateTimeField,
    Field,
    ListField,
    ReferenceField,
    field,
    told,
)
from ..schema import Settings, describe, is_secret, read_settings
from .annotations import prepare, refuse_strays
from .part_ids import InvalidIdError, keep_part_id
from .references import ReferenceAccess
from .secrets import hashed_fields
from .undeclared import hash_by_id, is_open, let_constants_be

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass

    PydanticBody = dict[str, Any]
else:
    ModelMetaclass = type(BaseModel)
    # It warns of decorators that are overwritten.
    PydanticBody = type(ModelMetaclass.__prepare__("", ()))

__all__ = ["DocumentMeta", "checked_id", "field_error", "fields_of"]


V = TypeVar("V")


class _Making(threading.local):
    depth = 0


_making = _Making()

_count = count()
"""Numbers classes as they are made."""


@contextmanager
def _silence() -> Iterator[None]:
    _making.depth += 1
    try:
        yield
    finally:
        _making.depth -= 1


class _Body(PydanticBody):
    """
    A class body that notes the order of its fields, annotated or not.

    Attributes:
        order: the fields that Python tells of, in order, and the lines they stand on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.order: dict[str, int] = {}

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, Field):
            self.order.setdefault(key, sys._getframe(1).f_lineno)
        elif key == "__annotations__":
            # Python puts an empty dict there before the first annotation, and not
            # sooner: ``create_model`` has its own, which ours must not replace.
            noting = _Noting(self.order)
            for name, one in value.items():
                noting[name] = one
            value = noting
        super().__setitem__(key, value)


class _Noting(dict[str, Any]):
    def __init__(self, order: dict[str, int]) -> None:
        super().__init__()
        self._order = order

    def __setitem__(self, key: str, value: Any) -> None:
        self._order.setdefault(key, sys._getframe(1).f_lineno)
        super().__setitem__(key, value)


# Field objects are no specifiers: what they leave out may be left out. To a checker,
# one without an annotation is a descriptor, and no argument of the constructor. Pyright
# would make each class, and the metaclass below this one, an ``==`` by default.
@dataclass_transform(
    eq_default=False,
    kw_only_default=True,
    field_specifiers=(field, pydantic.Field, pydantic.PrivateAttr),
)
class DocumentMeta(ModelMetaclass):
    """
    The metaclass of documents and embedded documents.

    ``class User(Document, init=False)`` is for type checkers alone (PEP 681): its
    constructor takes any keyword, as one does whose fields are all field objects.
    """

    @classmethod
    def __prepare__(cls, *args: Any, **kwargs: Any) -> dict[str, object]:
        return _Body()

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        init: bool = True,
        **kwargs: Any,
    ) -> Any:
        if (generic := _told_generic(kwargs)) is not None:
            return generic
        frame = sys._getframe(1)
        local = frame.f_locals if frame.f_locals is not frame.f_globals else None
        body = dict(namespace)
        if isinstance(namespace, _Body):
            body["__mongolane_order__"] = namespace.order
        inner = {one: body.pop(one) for one in _inner_classes(body)}
        settings = _settings(name, bases, inner)
        if "__mongolane_open__" not in body:
            body["__mongolane_open__"] = is_open(body, bases)
        _add_timestamps(body, bases, settings)
        refuse_strays(name, bases)
        objects = prepare(name, body, local)
        plain_id = _has_plain_id(objects, bases)
        _hide_secrets(body, objects)
        if body["__mongolane_open__"] is not False:
            let_constants_be(body, bases)
        body.pop("__mongolane_order__", None)
        if not plain_id:
            _name_id(body, bases)
        _warn_of_hidden(name, body, bases, objects)
        with _silence(), _methods_may_be_hidden(body, bases, objects):
            cls: Any = super().__new__(mcs, name, bases, body, **kwargs)
        _furnish(cls, {**inner, "__mongolane_settings__": settings})
        _tell_bases(cls)
        _bind(cls, objects, settings)
        if not cls.__pydantic_complete__ and bases:
            with _silence():
                cls.model_rebuild(raise_errors=False, _types_namespace=local)
        return cls

    if TYPE_CHECKING:

        def _mongolane_passes(cls, value: V, /) -> V: ...

    else:

        def __getattr__(cls, item: str) -> Any:
            if (
                not _making.depth
                and (known := cls.__dict__.get("__mongolane_schema__")) is not None
            ):
                found = known.shape.paths.get(item)
                if found is not None:
                    return found
            fields = cls.__dict__.get("__pydantic_fields__")
            if _making.depth or item[:1] == "_" or not fields:
                return super().__getattr__(item)
            if item in fields:
                return Path.of(describe(cls).shape, item)
            try:
                return super().__getattr__(item)
            except AttributeError:
                raise UnknownFieldError(cls.__name__, item, dir(cls)) from None

        def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
            try:
                if cls.__mongolane_simple__ and not args:
                    # What the constructor would do in the end.
                    made = cls.__pydantic_validator__.validate_python(kwargs)
                else:
                    made = super().__call__(*args, **kwargs)
                if cls.__mongolane_part_id__ and "_id" in kwargs:
                    keep_part_id(made, kwargs["_id"])
                return made
            except ValidationError as error:
                found = field_error(cls, error)
                if found is None:
                    raise
                raise found from error

    def __dir__(cls) -> list[str]:
        return sorted(
            {*super().__dir__(), *cls.__dict__.get("__pydantic_fields__", ())}
        )


def _is_simply_made(cls: Any) -> bool:
    """Whether a call of a class gives just what pydantic makes of its arguments."""
    return (
        not cls.__pydantic_custom_init__
        # They may give another instance back, which a constructor does not.
        and not cls.__pydantic_decorators__.model_validators
        and cls.__new__ is object.__new__
    )


def fields_of(cls: Any, kind: type[Field[Any]]) -> dict[str, Any]:
    """The field objects of one kind, inherited ones included, by name."""
    found = {}
    for name, info in cls.model_fields.items():
        for mark in info.metadata:
            if isinstance(mark, kind):
                found[name] = mark
    return found


def checked_id(cls: Any, value: Any) -> Any:
    """
    A value as the id of an instance.

    Raises:
        FieldError: it can be none; bson's InvalidId as well, in motormongo's style.
    """
    try:
        return describe(cls).fields["id"].validate(value)
    except FieldError as error:
        if not cls.__mongolane_open__:
            raise
        raise InvalidIdError(error.reason, cls.__name__, "id", value) from error


def field_error(cls: Any, error: ValidationError) -> Exception | None:
    """The field object's own error behind pydantic's, if there is one."""
    for one in error.errors(include_url=False):
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, FieldError):
            return cause
        if one["loc"] in (("id",), ("_id",)) and cls.__mongolane_open__:
            text, given = one["msg"].removeprefix("Value error, "), one["input"]
            if one["type"] == "missing":
                return InvalidIdError("a value is required", cls.__name__, "id")
            return InvalidIdError(f"{text}: {given!r:.60}", cls.__name__, "id", given)
        if one["type"] == "missing" and len(one["loc"]) == 1:
            marks = getattr(cls.model_fields.get(one["loc"][0]), "metadata", ())
            declared = next((mark for mark in marks if isinstance(mark, Field)), None)
            if declared is not None:
                return declared.missing()
    return None


def _told_generic(options: dict[str, Any]) -> Any:
    """
    The class with ``bson``'s types marked among its arguments, for ``Page[ObjectId]``.

    None: there is nothing to mark. The class itself is always the marked one, so that
    where it holds itself, that is the same class.
    """
    generic = options.get("__pydantic_generic_metadata__") or {}
    args = generic.get("args", ())
    marked = tuple(map(told, args))
    if all(one is other for one, other in zip(args, marked, strict=True)):
        return None
    return generic["origin"][marked]


def _inner_classes(body: dict[str, Any]) -> list[str]:
    return [
        name
        for name in ("Meta", "Settings")
        if isinstance(body.get(name), type) and not issubclass(body[name], BaseModel)
    ]


def _furnish(cls: Any, told: dict[str, Any]) -> None:
    """Give a new class what pydantic must not take for its fields."""
    told["__mongolane_simple__"] = _is_simply_made(cls)
    told["__mongolane_count__"] = next(_count)
    for name, value in told.items():
        type.__setattr__(cls, name, value)
    if cls.__mongolane_open__ and cls.__hash__ is None and hasattr(cls, "find"):
        type.__setattr__(cls, "__hash__", hash_by_id)


def _hide_secrets(body: dict[str, Any], objects: dict[str, Field[Any]]) -> None:
    """Pydantic's errors show what was given; not where secrets are among it."""
    types = [
        one for said in body["__annotations__"].values() for one in _types_in(said)
    ]
    if any(one.secret for one in objects.values()) or any(
        getattr(one, "model_config", {}).get("hide_input_in_errors") or is_secret(one)
        for one in types
    ):
        config = {"hide_input_in_errors": True, **body.get("model_config", {})}
        body["model_config"] = config


def _types_in(annotation: Any) -> list[Any]:
    if args := get_args(annotation):
        inner = [one for arg in args for one in _types_in(arg)]
        return [*_types_in(get_origin(annotation)), *inner]
    return [annotation] if isinstance(annotation, type) else []


def _settings(name: str, bases: tuple[type, ...], inner: dict[str, type]) -> Settings:
    """The settings of a class: its own inner classes, or else its first base's."""
    if not inner:
        for base in bases:
            found = getattr(base, "__mongolane_settings__", None)
            if found is not None:
                return found  # type: ignore[no-any-return]
        return Settings()
    both = type("Settings", tuple(inner.values()), {}) if len(inner) > 1 else None
    return read_settings(both or next(iter(inner.values())), name)


def _add_timestamps(
    body: dict[str, Any], bases: tuple[type, ...], settings: Settings
) -> None:
    """Declare ``created_at`` and ``updated_at`` where the settings ask for them."""
    annotated = body_annotations(body)
    asked = (("created_at", settings.created_at), ("updated_at", settings.updated_at))
    inherited = {
        name for base in bases for name in getattr(base, "__pydantic_fields__", ())
    }
    for name, wanted in asked:
        declared = name in body or name in annotated
        if wanted and not declared and name not in inherited:
            body[name] = DateTimeField(aware=settings.tz_aware)
            body.get("__mongolane_order__", {}).setdefault(name, sys.maxsize)


def _has_plain_id(objects: dict[str, Field[Any]], bases: tuple[type, ...]) -> bool:
    """
    Whether a field object declares an ``id`` of a part: it is stored as ``id``.

    So it lies in motormongo's databases, beside an ``_id`` or none.
    """
    if "id" not in objects or not any(map(_is_part, bases)):
        return False
    return bool(objects["id"].options.setdefault("stored", "id") == "id")


def _is_part(cls: Any) -> bool:
    return hasattr(cls, "__mongolane_part__")


def _has_part_id(cls: Any) -> bool:
    """Whether a part keeps an ``_id`` that its class does not declare."""
    keys = {
        one.options.get("stored") or ("_id" if name == "id" else name)
        for name, one in cls.__mongolane_fields__.items()
    }
    return _is_part(cls) and cls.__mongolane_open__ is True and "_id" not in keys


def _name_id(body: dict[str, Any], bases: tuple[type, ...]) -> None:
    """Let ``_id`` name the id as well, in constructors and in validation."""
    annotations = body.get("__annotations__", {})
    has_ids = any(hasattr(base, "__mongolane_id__") for base in bases)
    if "id" not in annotations or not (has_ids or "__mongolane_id__" in body):
        return
    info = body.get("id", pydantic.Field())
    if not isinstance(info, type(pydantic.Field())):
        info = pydantic.Field(default=info)
    if info.validation_alias is None and info.alias is None:
        options = dict(info._attributes_set)
        options["validation_alias"] = pydantic.AliasChoices("id", "_id")
        info = pydantic.Field(**options)
    body["id"] = info


@contextmanager
def _methods_may_be_hidden(
    body: dict[str, Any], bases: tuple[type, ...], objects: dict[str, Field[Any]]
) -> Iterator[None]:
    """
    Let a field be called like a method of ours (``count``, ``find``, ``db``).

    Pydantic would take the method for the field's default, and warn. A field object may
    be called like one of pydantic's, too (``copy``, ``json``, ``schema``).
    """
    ours = _our_bases(bases)
    hidden = [
        name
        for name in body.get("__annotations__", {})
        if name[:1] != "_"
        and (
            any(name in vars(one) for one in ours)
            or (name in objects and name in vars(BaseModel))
        )
    ]
    for name in hidden:
        body.setdefault(name, pydantic.Field())
    if not hidden:
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r'Field name ".*" .*shadows an attribute')
        yield


def _warn_of_hidden(
    name: str,
    body: dict[str, Any],
    bases: tuple[type, ...],
    objects: dict[str, Field[Any]],
) -> None:
    """
    Warn of annotated fields that hide what instances do.

    What only the class does (``count``, ``find``) is in nobody's way. Classes of field
    objects come from motormongo, where some of these names were free.
    """
    known = {one for base in bases for one in getattr(base, "__pydantic_fields__", ())}
    for key in body.get("__annotations__", {}):
        hidden = [one for one in _our_bases(bases) if isfunction(vars(one).get(key))]
        if hidden and key[:1] != "_" and key not in known and key not in objects:
            owner = next(one.__name__ for one in bases if hasattr(one, key))
            warnings.warn(
                f"the field {name}.{key} hides the method {owner}.{key}(): on an "
                f"instance, {key} is the value, and the method is "
                f"{owner}.{key}(instance); to keep it, give the field another name and "
                f"Stored({key!r})",
                UserWarning,
                stacklevel=3,
            )


def _our_bases(bases: tuple[type, ...]) -> list[type]:
    return [
        one
        for base in bases
        for one in base.__mro__
        if one.__module__.partition(".")[0] == "mongolane"
    ]


def _tell_bases(cls: Any) -> None:
    """Bases forget what they knew of their collection: they have a new subclass."""
    for base in cls.__mro__[1:]:
        if "__mongolane_home__" in base.__dict__:
            type.__delattr__(base, "__mongolane_home__")


def _bind(cls: Any, objects: dict[str, Field[Any]], settings: Settings) -> None:
    for name, one in objects.items():
        if isinstance(one, ReferenceField):
            type.__setattr__(cls, name, ReferenceAccess(name, one))
        item: Field[Any] | None = one
        while isinstance(item, ListField):
            item = item.field
        if isinstance(item, ReferenceField):
            item.bind(cls)
        if isinstance(item, DateTimeField) and not settings.tz_aware:
            item.aware = False
    type.__setattr__(cls, "__mongolane_fields__", fields_of(cls, Field))
    type.__setattr__(cls, "__mongolane_part_id__", _has_part_id(cls))
    decoded = {
        name: one
        for name, one in fields_of(cls, BinaryField).items()
        if one.held_as is str
    }
    type.__setattr__(cls, "__mongolane_decoded__", decoded)
    hashed = hashed_fields(cls.__mongolane_fields__)
    type.__setattr__(cls, "__mongolane_hashed__", hashed)
    if cls.__mongolane_open__ and "_fields" not in cls.__private_attributes__:
        type.__setattr__(cls, "_fields", objects)
