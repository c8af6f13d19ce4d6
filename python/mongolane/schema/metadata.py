"""
Annotations and their metadata, without the wrapping.
"""

from __future__ import annotations

import operator
import sys
import types
import typing
from collections import deque
from collections.abc import Iterable, Mapping
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

import annotated_types
import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import MISSING
from typing_extensions import is_typeddict

from .._compat import signature_of
from ..fields import Mapped, Mark, aliased

__all__ = [
    "inner_types",
    "is_array",
    "is_mapping",
    "limits_of",
    "missable",
    "strict_in",
    "takes_info",
    "takes_none",
    "unwrapped",
]


def unwrapped(annotation: Any, metadata: Iterable[Any]) -> tuple[Any, list[Any]]:
    """An annotation without Annotated, aliases and ``Mapped``; all of its metadata."""
    marks = list(metadata)
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *inner = get_args(annotation)
            marks = [*inner, *marks]
        elif get_origin(annotation) is Mapped:
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__value__") and not _recursive(annotation, ()):
            annotation = aliased(annotation)
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        elif isinstance(annotation, TypeVar):
            annotation = _unbound(annotation)
        else:
            return annotation, _flat(marks)


def _unbound(variable: TypeVar) -> Any:
    """What pydantic takes for a type variable that is given nothing."""
    told: Any = variable
    if getattr(told, "has_default", bool)():
        return told.__default__
    if told.__constraints__:
        return operator.getitem(cast("Any", typing.Union), told.__constraints__)
    bound = told.__bound__
    if isinstance(bound, ForwardRef):
        return getattr(sys.modules.get(told.__module__), bound.__forward_arg__, Any)
    return Any if bound is None else bound


def _recursive(annotation: Any, aliases: tuple[Any, ...]) -> bool:
    """Whether a type alias holds itself, or a name that is not known yet."""
    if isinstance(annotation, (str, ForwardRef)):
        return bool(aliases)
    if hasattr(annotation, "__value__"):
        alias = get_origin(annotation) or annotation
        if any(alias is one for one in aliases):
            return True
        if _recursive(alias.__value__, (*aliases, alias)):
            return True
    if get_origin(annotation) is Literal:
        return False
    if get_origin(annotation) is Annotated:
        return _recursive(get_args(annotation)[0], aliases)
    return any(_recursive(one, aliases) for one in get_args(annotation))


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


def inner_types(annotation: Any) -> tuple[Any, ...]:
    """The annotations that an unwrapped one is made of."""
    return () if get_origin(annotation) is Literal else get_args(annotation)


def strict_in(annotation: Any, marks: Iterable[Any], depth: int = 0) -> bool:
    """Whether a type is strict, or holds a strict one."""
    annotation, found = unwrapped(annotation, marks)
    if any(isinstance(one, pydantic.Strict) and one.strict for one in found):
        return True
    inner = inner_types(annotation) if depth < _DEEPEST else ()
    return any(strict_in(one, (), depth + 1) for one in inner)


_DEEPEST = 20


def is_array(annotation: Any, marks: Iterable[Any]) -> bool:
    """Whether some values of a type are stored as arrays."""
    annotation, _ = unwrapped(annotation, marks)
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return any(is_array(one, ()) for one in get_args(annotation))
    cls = get_origin(annotation) or annotation
    arrays = (list, tuple, set, frozenset, deque, complex)
    return isinstance(cls, type) and issubclass(cls, arrays)


def is_mapping(origin: Any) -> bool:
    """Whether a class's values have keys that are values themselves."""
    # A generic typed dict is a dict, too; its arguments are no keys.
    return (
        isinstance(origin, type)
        and issubclass(origin, Mapping)
        and not is_typeddict(origin)
    )


def takes_none(annotation: Any) -> bool:
    """Whether a type says that None is one of its values."""
    annotation, _ = unwrapped(annotation, ())
    if annotation in (None, type(None), Any, object):
        return True
    args = get_args(annotation)
    if get_origin(annotation) is Literal:
        return None in args
    union = get_origin(annotation) in (typing.Union, types.UnionType)
    return union and any(map(takes_none, args))


def missable(annotation: Any) -> bool:
    """Whether pydantic's ``MISSING`` is one of a type's values."""
    annotation, _ = unwrapped(annotation, ())
    union = get_origin(annotation) in (typing.Union, types.UnionType)
    return annotation is MISSING or (union and any(map(missable, get_args(annotation))))


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
    # Where nothing is said the class's settings hold.
    said = {name: one for name, one in said.items() if one is not None}
    known = {"pattern", "strip_whitespace", "to_lower", "to_upper"}
    only_known = set(said) <= known and isinstance(said.get("pattern", ""), str)
    has_schema = hasattr(mark, "__get_pydantic_core_schema__")
    return said if only_known and not has_schema else None


def _has_effect(mark: Any) -> bool:
    module = type(mark).__module__.partition(".")[0]
    if hasattr(mark, "__get_pydantic_core_schema__"):
        return True
    return module in ("annotated_types", "pydantic", "pydantic_core")


def takes_info(function: Any, mode: str) -> bool:
    """Whether a validator of one field asks for more than the value."""
    try:
        count = len(signature_of(function).parameters)
    except (TypeError, ValueError):
        return True
    return count > (2 if mode == "wrap" else 1)
