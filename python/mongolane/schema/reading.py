"""
Reads a class once: its plan, shape, stored keys, indexes.

The outcome hangs on the class itself; there is no registry. A class that is not
complete yet (forward references) is completed by pydantic first, at first use.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Final, cast

import pydantic
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from ..codec.plan import FieldPlan, Kind, ListOf, ModelPlan, Through
from ..errors import ConfigurationError
from ..expressions.shape import Shape
from ..fields import Field, ListField, Version
from .class_json import json_dump, json_through, validated_again
from .declared import (
    default_of,
    index_of,
    names_given,
    private_of,
    serializer_of,
    stored_key,
    validators_of,
)
from .field_schema import FieldSchema
from .field_specs import spec_of
from .forms import document_of
from .generics import fields_of
from .kinds import Kinds
from .located import refusing
from .metadata import is_array, takes_none, unwrapped
from .own_types import is_served
from .schema import Schema
from .serialized import json_of, needs_value, spread
from .through import at_once, through
from .values import shows_all_plain
from .whole import adopted, adopts, after, whole, whole_dump

__all__ = ["describe"]

RAW: Final = "__mongolane_raw__"

_lock = threading.RLock()


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


@document_of.register(BaseModel)
def _document(model: BaseModel) -> Any:
    return describe(type(model)).dump(model)


class _Reader:
    """Fills the schema of one class."""

    def __init__(self, cls: type[BaseModel]) -> None:
        if not cls.__pydantic_complete__:
            cls.model_rebuild()
        self.cls = cls
        self.schema = Schema(cls)
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
        plan.whole = whole(schema)
        plan.after = after(schema)
        plan.adopts = adopts(schema)
        # What is undeclared is kept by the instance, or is a part's id.
        plan.known_only = bool(getattr(self.cls, "__mongolane_open__", False))
        plan.dump = schema.dump
        plan.whole_dump = whole_dump(self.cls)
        plan.json_through = json_through(self.cls)
        plan.json_dump = json_dump(self.cls)
        plan.again = validated_again(plan)
        plan.extra = self.cls.model_config.get("extra") or "ignore"
        plan.private = private_of(self.cls)
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
        if field is None or not hasattr(self.cls, "find"):
            return
        if field.key != "_id":
            raise ConfigurationError(
                f"{self.cls.__name__}.id is what every server calls _id, and cannot be "
                f"stored as {field.key!r}; give the field another name"
            )
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
        checks = validators_of(self.cls, name)
        annotation = info.annotation
        serializer = serializer_of(self.cls, name)
        if serializer and is_served(annotation, serializer):
            extra.extend(serializer)
        if checks:
            kind: Kind = through(
                self.kinds, annotation, [*extra, *checks], "a field_validator"
            )
        else:
            kind = self.kinds.of(annotation, extra)
        if any(isinstance(one, Version) for one in marks):
            self.schema.version = name
        full = operator.getitem(
            cast("Any", Annotated), (annotation, *extra, *checks, _inert)
        )
        adapter = self.kinds.checks.adapter(full)
        queried, kind = kind, refusing(at_once(self.kinds, kind, full))
        return FieldSchema(
            self.cls.__name__,
            name,
            stored_key(self.cls, name),
            self._plan(name, info, kind, declared, adapter),
            queried,
            adapter,
            info,
            declared,
            index_of(marks, declared),
            bool(checks),
        )

    def _plan(
        self,
        name: str,
        info: FieldInfo,
        kind: Kind,
        declared: Field[Any] | None,
        adapter: Callable[[], TypeAdapter[Any]],
    ) -> FieldPlan:
        default, factory = default_of(info)
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
            given=names_given(name, info),
            json_by_value=needs_value(info.annotation, info.metadata, kind, declared),
            adopted=adopted(declared),
        )

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
                one.plan.kind,
                one.required and self.schema.plan.whole is None,
            )
            for one in self.schema.fields.values()
        }

    def _queried_kind(self, one: FieldSchema) -> Kind:
        # A filter may mean one item of a list, also where items go through Python.
        if isinstance(one.field, ListField) and one.field.field is not None:
            return ListOf(one.field.field.kind(self.kinds.of))
        return one.kind


_inert = object()
"""Keeps ``Annotated`` valid where a field has no metadata."""


def _plan_of(cls: type[BaseModel]) -> ModelPlan:
    schema: Schema | None = cls.__dict__.get("__mongolane_schema__")
    return (schema or describe(cls)).plan


def _shape_of(cls: type[Any]) -> Shape:
    schema: Schema | None = cls.__dict__.get("__mongolane_schema__")
    return (schema or describe(cls)).shape
