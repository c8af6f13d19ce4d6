"""
Annotations and their metadata, without the wrapping.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, get_args, get_origin

import annotated_types
import pydantic
from pydantic.fields import FieldInfo

from ..fields import Mapped, Mark

__all__ = ["limits_of", "unwrapped"]


def unwrapped(annotation: Any, metadata: Iterable[Any]) -> tuple[Any, list[Any]]:
    """An annotation without Annotated, aliases and ``Mapped``; all of its metadata."""
    marks = list(metadata)
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *inner = get_args(annotation)
            marks = [*inner, *marks]
        elif get_origin(annotation) is Mapped:
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            return annotation, _flat(marks)


def _flat(marks: Iterable[Any]) -> list[Any]:
    flat: list[Any] = []
    for mark in marks:
        if isinstance(mark, FieldInfo):
            flat.extend(_flat(mark.metadata))
            if mark.discriminator is not None:
                flat.append(mark)
        elif isinstance(mark, annotated_types.GroupedMetadata):
            flat.extend(_flat(mark))
        else:
            flat.append(mark)
    return flat


_BOUNDS = {
    annotated_types.Ge: "ge",
    annotated_types.Gt: "gt",
    annotated_types.Le: "le",
    annotated_types.Lt: "lt",
    annotated_types.MinLen: "min_length",
    annotated_types.MaxLen: "max_length",
}


def limits_of(marks: list[Any]) -> tuple[dict[str, Any], str | None]:
    """Constraints that the plan knows, and why the field must go through pydantic."""
    limits: dict[str, Any] = {}
    for mark in marks:
        if (bound := _BOUNDS.get(type(mark))) is not None:
            if bound in limits:
                return limits, "two constraints of one kind"
            limits[bound] = getattr(mark, bound)
        elif isinstance(mark, (Mark, pydantic.Strict)):
            continue
        elif isinstance(mark, FieldInfo):
            if not isinstance(mark.discriminator, str):
                return limits, "a discriminator of pydantic's own"
            limits["discriminator"] = mark.discriminator
        elif isinstance(mark, (pydantic.PlainSerializer, pydantic.WrapSerializer)):
            continue
        elif (general := _general(mark)) is not None:
            limits.update(general)
        elif _has_effect(mark):
            return limits, f"{type(mark).__name__} of pydantic's"
    return limits, None


def _general(mark: Any) -> dict[str, Any] | None:
    """The options of pydantic's metadata for what has no class of its own."""
    if type(mark).__module__.partition(".")[0] != "pydantic":
        return None
    said = dict(getattr(mark, "__dict__", {}))
    said.pop("strict", None)
    said.pop("union_mode", None)
    only_known = set(said) <= {"pattern"} and isinstance(said.get("pattern", ""), str)
    has_schema = hasattr(mark, "__get_pydantic_core_schema__")
    return said if only_known and not has_schema else None


def _has_effect(mark: Any) -> bool:
    module = type(mark).__module__.partition(".")[0]
    if hasattr(mark, "__get_pydantic_core_schema__"):
        return True
    return module in ("annotated_types", "pydantic", "pydantic_core")
