"""
An annotation with some of the types in it replaced by others.
"""

from __future__ import annotations

import operator
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin

__all__ = ["aliased", "filled", "given_to", "replaced"]


def replaced(annotation: Any, known: Callable[[Any], Any]) -> Any:
    """
    The annotation with each type in it replaced for which there is another.

    Args:
        annotation: any; the same object comes back when nothing in it is replaced.
        known: gives what to put in a type's place, or None.
    """
    if (found := known(annotation)) is not None:
        return found
    origin = get_origin(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        new = replaced(inner, known)
        return annotation if new is inner else Annotated[(new, *marks)]
    args = get_args(annotation)
    made = tuple(replaced(one, known) for one in args)
    if all(one is other for one, other in zip(args, made, strict=True)):
        return annotation
    return _rebuilt(annotation, origin, made)


def _rebuilt(annotation: Any, origin: Any, args: tuple[Any, ...]) -> Any:
    if origin in (typing.Union, types.UnionType):
        return operator.getitem(cast("Any", typing.Union), args)
    if hasattr(annotation, "copy_with"):
        return annotation.copy_with(args)
    return origin[args] if isinstance(annotation, types.GenericAlias) else annotation


def filled(annotation: Any, given: dict[Any, Any]) -> Any:
    """The annotation with the types that type variables are given in their place."""

    def known(one: Any) -> Any:
        if isinstance(one, TypeVar):
            found = given.get(one, one)
            return types.NoneType if found is None else found
        generic = getattr(one, "__pydantic_generic_metadata__", None) or {}
        open_ = generic.get("parameters", ())
        return one[tuple(map(known, open_))] if open_ else None

    return replaced(annotation, known)


def aliased(alias: Any) -> Any:
    """What a type alias stands for, its parameters replaced by what they are given."""
    args = get_args(alias)
    if not args:
        return alias.__value__
    return filled(alias.__value__, given_to(alias, get_origin(alias).__type_params__))


def given_to(alias: Any, parameters: tuple[Any, ...]) -> dict[Any, Any]:
    """What each parameter of a generic type is in one use of it."""
    return dict(zip(parameters, get_args(alias), strict=False))
