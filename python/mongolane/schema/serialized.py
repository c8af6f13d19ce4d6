"""
Which fields' JSON needs the attribute's value, and pydantic to write it.

All other fields' JSON is written from BSON, with no Python object in between.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pydantic
from bson import (
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from .. import codec
from ..codec.plan import (
    Exactly,
    FieldPlan,
    Kind,
    ListOf,
    Model,
    ModelPlan,
    Scalar,
    Span,
    Through,
)
from ..fields import Field
from .metadata import inner_types, unwrapped
from .nested import kinds_in, slow

__all__ = ["beyond_json", "json_of", "needs_value", "spread"]

_SERIALIZERS = (
    pydantic.PlainSerializer,
    pydantic.WrapSerializer,
    pydantic.SerializeAsAny,
)


def json_of(adapter: Callable[[], TypeAdapter[Any]]) -> Callable[[Any], bytes]:
    """What writes one attribute's JSON, as its model would."""
    return lambda value: adapter().serializer.to_json(
        value, by_alias=True, fallback=beyond_json
    )


def beyond_json(value: Any) -> Any:
    """
    What stands in JSON for a value that BSON has a type for and pydantic has not.

    It is what the codec writes for it, so that the way a field goes changes nothing.

    Raises:
        PydanticSerializationError: BSON has none either.
    """
    if isinstance(value, DBRef):
        return dict(value.as_doc())
    if isinstance(value, _BSON_ONLY):
        return json.loads(codec.to_json(codec.encode({"": value})))[""]
    raise PydanticSerializationError(f"unable to serialize unknown type: {type(value)}")


_BSON_ONLY = (ObjectId, Decimal128, DatetimeMS, Regex, Timestamp, MinKey, MaxKey)


def needs_value(
    annotation: Any, marks: Iterable[Any], kind: Kind, declared: Field[Any] | None
) -> str | None:
    """Why a field's JSON cannot be written from BSON, or None."""
    if (found := _serializer(annotation, marks, set())) is not None:
        return found
    if isinstance(kind, Through) and kind.json is not None and kind.besides is not None:
        # Its checks mostly leave the value as it is.
        return needs_value(annotation, marks, kind.besides, declared)
    if (through := slow(kind)) is not None:
        return through.why
    for one in kinds_in(kind):
        if isinstance(one, Span):
            return "a duration, which pydantic spells"
        if isinstance(one, Exactly) and one.cls is not Int64:
            return "a type of bson's own"
        if isinstance(one, ListOf) and one.container in (set, frozenset):
            return "a set, which has Python's order"
        own = declared is not None and declared.serializer() is not None
        if own and one == Scalar("any"):
            return "a serializer of its field object"
    return None


def _serializer(annotation: Any, marks: Iterable[Any], seen: set[int]) -> str | None:
    """The serializer in an annotation, at any depth but inside of models."""
    if id(annotation) in seen:
        return None
    seen.add(id(annotation))
    annotation, found = unwrapped(annotation, marks)
    for mark in found:
        if isinstance(mark, _SERIALIZERS):
            return f"a {type(mark).__name__}"
    reasons = (_serializer(one, (), seen) for one in inner_types(annotation))
    return next((one for one in reasons if one is not None), None)


def spread(plan: ModelPlan) -> None:
    """
    Tell ``plan``, and all plans below it, which embedded classes need their instances.

    Their fields' JSON is then made of the attribute's value, too.
    """
    plans = _reachable(plan)
    changed = True
    while changed:
        changed = False
        for one in plans:
            for at, field in enumerate(one.fields):
                if (told := _by_instance(field)) is not field:
                    one.fields = (*one.fields[:at], told, *one.fields[at + 1 :])
                    changed = True


def _by_instance(field: FieldPlan) -> FieldPlan:
    if field.json_by_value is not None:
        return field
    for kind in kinds_in(field.kind):
        if isinstance(kind, Model):
            why = kind.plan.json_through or kind.plan.whole
            if why is None and kind.plan.after is not None:
                why = "validators of the whole"
            if why is not None:
                why = f"{kind.plan.cls.__name__}: {why}"
                return replace(field, json_by_value=why)
    return field


def _reachable(plan: ModelPlan) -> list[ModelPlan]:
    found: list[ModelPlan] = []
    waiting = [plan]
    while waiting:
        one = waiting.pop()
        if any(one is other for other in found):
            continue
        found.append(one)
        for field in one.fields:
            models = (kind for kind in kinds_in(field.kind) if isinstance(kind, Model))
            waiting.extend(kind.plan for kind in models)
    return found
