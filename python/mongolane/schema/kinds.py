"""
Annotations to kinds: how the value of any declared type lies in BSON.

What is not understood completely becomes ``Through``: that field, and no other, goes
through pydantic. Nothing here reads pydantic's core schemas; annotations, and the
metadata in ``Annotated``, are its documented surface.

Types made of other types are read in ``containers`` and ``unions``, and what goes
through pydantic in ``through``; they find the kinds of their parts here again.
"""

from __future__ import annotations

import copy
import decimal
import re
import types
import typing
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, get_args, get_origin

import pydantic
from bson import Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex
from bson import Timestamp as BSONTimestamp
from bson.binary import Binary
from pydantic import BaseModel, ConfigDict, RootModel

from ..codec.plan import (
    Clock,
    DateTime,
    Day,
    EnumOf,
    Exactly,
    Kind,
    Literal,
    Model,
    ModelPlan,
    Parts,
    Scalar,
    Span,
    Through,
)
from ..fields import Field, Stored
from .checks import Checks, loader
from .containers import CONTAINERS, container_kind, dict_kind, in_parts
from .forms import decimal_rounded, form_of, load_bytes_pattern, plain
from .limits import limited
from .metadata import limits_of, unwrapped
from .own_types import is_served, own_kind
from .secrets import is_secret, secret_kind
from .structures import JSON, exact_member, like_member
from .through import strictly, through
from .unions import function_told, told_by_function, union_kind

__all__ = ["Kinds", "has_own_schema"]

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
_TEMPORAL: dict[Any, Kind] = {date: Day(), time: Clock(), timedelta: Span()}
_BSON = (Binary, Code, DBRef, Int64, MaxKey, MinKey, Regex, BSONTimestamp)
_TEXT_SETTINGS = (
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
        self._plan_of = plan_of
        self.key_of: Callable[[type[BaseModel], str], str] = key_of
        self.checks: Checks = Checks(config)
        self._plain_secrets = self._rounds = False
        self.keeps_keys: bool = False
        self.around: list[Any] = []
        self.parts: dict[Any, Parts] = {}

    def _saying(self, plain_secrets: bool, rounds: bool) -> Kinds:
        # What a field says of its values holds for those inside of a list, too.
        inner = copy.copy(self)
        inner._plain_secrets, inner._rounds = plain_secrets, rounds
        inner.parts = {}
        return inner

    def keeping_keys(self, keeps: bool) -> Kinds:
        """The same, for a dict all of whose keys that are not text are kept as such."""
        if keeps == self.keeps_keys:
            return self
        inner = copy.copy(self)
        inner.keeps_keys = keeps
        return inner

    def of(self, annotation: Any, metadata: Iterable[Any] = ()) -> Kind:
        """The kind of an annotation with its metadata."""
        annotation, marks = unwrapped(annotation, metadata)
        for mark in marks:
            if isinstance(mark, Field):
                return mark.stored_kind(self.of)
        kind = self._of(annotation, marks)
        if isinstance(kind, Through) and self.checks.strict(annotation, marks):
            return strictly(self, kind, annotation)
        return kind

    def _of(self, annotation: Any, marks: list[Any]) -> Kind:
        stored = next((one for one in marks if isinstance(one, Stored)), Stored())
        said = (
            self._plain_secrets or stored.secret == "plain",
            self._rounds or stored.decimal == "round",
        )
        if said != (self._plain_secrets, self._rounds):
            return self._saying(*said).of(annotation, marks)
        if is_secret(annotation):
            return secret_kind(self, annotation, marks, self._plain_secrets)
        if is_served(annotation, marks):
            return own_kind(self, annotation, marks)
        if (told := function_told(annotation, marks)) is not None:
            return told_by_function(self, annotation, told)
        limits, why = limits_of(marks)
        if "pattern" in limits and self._config.get("regex_engine") == "python-re":
            why = "a pattern in Python's dialect"
        if why is not None:
            return through(self, annotation, marks, why)
        kind = self._plain(annotation, limits.pop("discriminator", None))
        if self._rounds and kind == Scalar("decimal"):
            return self._rounded(annotation, marks)
        if not limits:
            return kind
        bounded = limited(kind, limits)
        return bounded or through(self, annotation, marks, "a constraint of pydantic's")

    def _rounded(self, annotation: Any, marks: list[Any]) -> Kind:
        others = [one for one in marks if not isinstance(one, Stored)]
        exact = self._saying(self._plain_secrets, False)
        kind = through(exact, annotation, [*others, Stored()], "rounded to 34 digits")
        return Through(kind.load, decimal_rounded, kind.why, alike=True)

    def _plain(self, annotation: Any, discriminator: str | None) -> Kind:
        origin = get_origin(annotation)
        args = get_args(annotation)
        if annotation is str and self.alters_text:
            return self._text()
        if annotation is datetime:
            return DateTime(self._tz_aware)
        if _known(annotation) is not None:
            return _SCALARS[annotation]
        if origin is typing.Literal:
            return self._literal(annotation, args)
        if origin in (typing.Union, types.UnionType):
            return union_kind(self, annotation, args, discriminator)
        if (origin or annotation) in CONTAINERS:
            return container_kind(self, annotation, origin or annotation, args)
        if (origin or annotation) is dict:
            return dict_kind(self, annotation, args)
        if isinstance(annotation, type):
            return self._class(annotation)
        if origin is re.Pattern:
            return self._formed(annotation, origin)
        return in_parts(self, annotation, "a type of its own")

    @property
    def alters_text(self) -> bool:
        """Whether the class's settings check texts, or make others of them."""
        return any(self._config.get(one) for one in _TEXT_SETTINGS)

    def _text(self) -> Kind:
        said: Callable[[str], Any] = self._config.get
        if said("str_max_bytes"):
            return through(self, str, (), "str_max_bytes of model_config")
        case = "upper" if said("str_to_upper") else None
        return Scalar(
            "str",
            min_length=said("str_min_length") or None,
            max_length=said("str_max_length"),
            strip=bool(said("str_strip_whitespace")),
            case="lower" if said("str_to_lower") else case,
        )

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
            return through(self, Any, [JSON], "Json of pydantic's")
        if form_of(cls) is not None:
            return self._formed(cls, cls)
        return in_parts(self, cls, "a type of its own")

    def _formed(self, annotation: Any, cls: type[Any]) -> Kind:
        form = form_of(cls)
        assert form is not None
        undo = form.load
        if get_args(annotation) == (bytes,):
            undo = load_bytes_pattern
        check = self.checks.of(annotation)
        meant = None if cls is re.Pattern else lambda text: check(undo(text))
        load = loader(undo, check, meant=meant)
        # The encoder does not know of ASCII in a pattern's own text.
        made = Through(load, form.dump, form.why, alike=cls is not re.Pattern)
        besides = _TEMPORAL.get(annotation)
        return replace(made, besides=besides, exact=besides is not None)

    def _model(self, cls: type[BaseModel]) -> Kind:
        if issubclass(cls, RootModel):
            return in_parts(self, cls, "a root model")
        if has_own_schema(cls):
            return through(self, cls, (), "a core schema of its own")
        return Model(self._plan_of(cls))

    def _enum(self, cls: type[Enum]) -> Kind:
        values = tuple(one.value for one in cls)
        if not all(type(one) in (str, int, bool, float) for one in values):
            load = loader(lambda value: like_member(cls, value), self.checks.of(cls))
            return Through(load, plain, "an enumeration of unusual values", alike=True)
        if self._config.get("use_enum_values"):
            # A member is taken where the value alone, by a strict class, is not.
            load = loader(lambda value: exact_member(cls, value), self.checks.of(cls))
            return Through(load, plain, "use_enum_values", alike=True)
        if "_missing_" in vars(cls):
            return through(self, cls, (), "an enumeration with _missing_")
        return EnumOf(cls)

    def _literal(self, annotation: Any, values: tuple[Any, ...]) -> Kind:
        if all(one is None or type(one) in (str, int, bool) for one in values):
            return Literal(values)
        return in_parts(self, annotation, "a Literal of unusual values")


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
