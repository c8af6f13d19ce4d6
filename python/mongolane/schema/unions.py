"""
Kinds of unions: told apart by BSON type, by a discriminator, or by pydantic.
"""

from __future__ import annotations

import operator
import types
import typing
from typing import Annotated, Any, cast, get_args, get_origin

import pydantic
from pydantic_core import MISSING

from ..codec.plan import Kind, Model, Nullable, OneOf, Scalar, Through
from .checks import loader
from .finder import Finder
from .metadata import is_mapping, unwrapped
from .nested import alike
from .secrets import secret_text
from .structures import hints_of, member_of, union_of
from .tags import Tag, tags_in, told_by
from .values import bson_types, to_python

__all__ = ["union_kind"]


def union_kind(
    finder: Finder, annotation: Any, args: Any, discriminator: str | None
) -> Kind:
    # What is missing is not stored, and a class says so that has such fields.
    stored = tuple(one for one in args if one is not MISSING)
    others = tuple(one for one in stored if one not in (None, type(None)))
    if len(others) < len(args):
        annotation = operator.getitem(cast("Any", typing.Union), others)
    kind = _alternatives(finder, annotation, others, discriminator)
    return Nullable(kind) if len(others) < len(stored) else kind


def _alternatives(
    finder: Finder, annotation: Any, args: Any, discriminator: str | None
) -> Kind:
    if len(args) == 1:
        return finder.of(args[0])
    if discriminator is not None:
        return _told_apart(finder, annotation, args, discriminator)
    kinds = sorted((finder.of(one) for one in args), key=_floats_last)
    seen: set[str] = set()
    for kind in kinds:
        types_ = bson_types(kind)
        if types_ is None or types_ & seen:
            return _ambiguous(finder, annotation, args)
        seen |= types_
    return OneOf(tuple(kinds))


def _floats_last(kind: Kind) -> bool:
    # A float takes an int, so it must not be asked first.
    return isinstance(kind, Scalar) and kind.tag == "float"


def _ambiguous(finder: Finder, annotation: Any, args: Any) -> Kind:
    kinds = [finder.of(one) for one in args]
    if sum(map(_is_mapping, args)) > 1:
        # The text of a key does not tell what it was.
        ways = [finder.keeping_keys(_is_mapping(one)) for one in args]
        kinds = [way.of(one) for way, one in zip(ways, args, strict=True)]
    undo = union_of(kinds, [finder.checks.of(one) for one in args])
    why = "a union BSON types cannot tell"
    told = any(getattr(one, "dump", None) is secret_text for one in kinds)
    dump = member_of(kinds, [finder.checks.of(one, strict=True) for one in args])
    models = () if told else tuple(one for one in kinds if isinstance(one, Model))
    load = loader(undo, finder.checks.of(annotation))
    made = OneOf(tuple(kinds))
    same = all(map(alike, kinds))
    return Through(load, dump, why, secret=told, inner=made, models=models, alike=same)


def _is_mapping(annotation: Any) -> bool:
    bare = unwrapped(annotation, ())[0]
    return is_mapping(get_origin(bare) or bare)


def _told_apart(finder: Finder, annotation: Any, args: Any, discriminator: str) -> Kind:
    """A union in which the value under a key tells which member is meant."""
    tags = [tag for one in args for tag in _tags(finder, one, discriminator)]
    keys, kinds = {tag.key for tag in tags}, [tag.kind for tag in tags]
    if len(keys) == 1 and all(isinstance(one, (Model, OneOf)) for one in kinds):
        tagged = {tag.value: cast("Model | OneOf", tag.kind) for tag in tags}
        return OneOf(discriminator=keys.pop(), tagged=tagged)
    full = Annotated[annotation, pydantic.Field(discriminator=discriminator)]
    checks = [finder.checks.of(one, strict=True) for one in args]
    return Through(
        loader(told_by(tags), finder.checks.of(full)),
        member_of([finder.of(one) for one in args], checks),
        "a discriminator of what is no model",
        inner=OneOf(tuple(map(finder.of, args))),
    )


def function_told(annotation: Any, marks: list[Any]) -> Any:
    """The mark of a union whose members a function tells, where it is the only one."""
    union = get_origin(annotation) in (typing.Union, types.UnionType)
    if not union or len(marks) != 1:
        return None
    told = getattr(marks[0], "discriminator", None)
    told = getattr(told, "discriminator", told)
    return marks[0] if callable(told) else None


def told_by_function(finder: Finder, annotation: Any, mark: Any) -> Kind:
    """A union in which a function of pydantic's tells which member is meant."""
    told = getattr(mark.discriminator, "discriminator", mark.discriminator)
    members = [_tagged(finder, one) for one in get_args(annotation)]

    def undo(value: Any) -> Any:
        # As the function sees it: with names for keys, as the member meant has them.
        for tag, kind in members:
            shown = to_python(kind, value)
            if told(shown) == tag:
                return shown
        return value

    checks = [finder.checks.of(one, strict=True) for one in get_args(annotation)]
    kinds = [kind for _, kind in members]
    return Through(
        loader(undo, finder.checks.of(Annotated[annotation, mark])),
        member_of(kinds, checks),
        "a discriminator of pydantic's own",
        inner=OneOf(tuple(kinds)),
        alike=all(map(alike, kinds)),
    )


def _tagged(finder: Finder, annotation: Any) -> tuple[Any, Kind]:
    """A member's tag, if it has one, and its kind."""
    bare, marks = unwrapped(annotation, ())
    tags = [one for one in marks if isinstance(one, pydantic.Tag)]
    others = [one for one in marks if not isinstance(one, pydantic.Tag)]
    return tags[0].tag if tags else None, finder.of(bare, others)


def _tags(finder: Finder, annotation: Any, discriminator: str) -> list[Tag]:
    """What a member of a union may have under the discriminator, and where."""
    kind = finder.of(annotation)
    if isinstance(kind, Model) or (isinstance(kind, OneOf) and kind.models):
        models = [kind] if isinstance(kind, Model) else kind.models
        classes: list[Any] = [one.plan.cls for one in models]
        return [
            Tag(finder.key_of(cls, discriminator), value, kind)
            for cls in classes
            if discriminator in cls.model_fields
            for value in tags_in(cls.model_fields[discriminator].annotation)
        ]
    said = hints_of(unwrapped(annotation, ())[0]).get(discriminator)
    return [Tag(discriminator, value, kind) for value in tags_in(said)]
