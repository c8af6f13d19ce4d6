"""
Kinds of what holds other values: arrays, dicts, and types that are read by parts.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Annotated, Any, cast, get_args, get_origin

import pydantic
from bson import ObjectId
from typing_extensions import is_typeddict

from ..codec.plan import DictOf, Fixed, Kind, ListOf, Parts, Scalar, Through
from .checks import loader
from .finder import Finder
from .forms import key_text
from .keys import keys_back, simple_key
from .metadata import is_mapping, unwrapped
from .nested import alike, any_through, slow
from .structures import InParts, part_stored, parts_of
from .through import through
from .values import shown_by, shows_plain, to_python, to_stored

__all__ = ["CONTAINERS", "container_kind", "dict_kind", "in_parts"]

CONTAINERS: set[Any] = {list, set, frozenset, tuple, deque}
"""Classes whose values the plan itself makes of arrays."""


def container_kind(finder: Finder, annotation: Any, container: type, args: Any) -> Kind:
    if container is tuple:
        if args and (len(args) != 2 or args[1] is not Ellipsis):
            return in_parts(finder, annotation, "a tuple of fixed length")
        args = args[:1]
    item = finder.of(args[0]) if args else Scalar("any")
    return ListOf(item, container)


def dict_kind(finder: Finder, annotation: Any, args: Any) -> Kind:
    if not args:
        return DictOf(Scalar("any"))
    # Settings for texts are for keys, too.
    if args[0] is str and not finder.alters_text:
        return DictOf(finder.keeping_keys(False).of(args[1]))
    return _keyed(finder, annotation, *args)


def _keyed(finder: Finder, annotation: Any, key: Any, value: Any) -> Kind:
    # Text for simple keys, {"k": ..., "v": ...} pairs for all others.
    pairs, finder = finder.keeps_keys, finder.keeping_keys(False)
    inner = finder.of(value)
    adapter = finder.checks.adapter(annotation)
    if simple_key(key) and not (pairs and unwrapped(key, ())[0] is not str):
        undo, check = _text_keys_back(key, inner), finder.checks.of(annotation)
        plain_key = unwrapped(key, ())[0]
        is_text = isinstance(plain_key, type) and not issubclass(
            plain_key, (Enum, ObjectId)
        )
        return Through(
            loader(undo, check),
            lambda value: {
                (text := key_text(one)): part_stored(text, inner, item)
                for one, item in value.items()
            },
            "keys that are not text, stored as text",
            inner=DictOf(inner),
            alike=alike(inner),
            direct=check if is_text and shows_plain(inner) else None,
        )
    kind, check_key = finder.of(key), finder.checks.of(key)
    return Through(
        loader(
            lambda value: {
                _hashable(to_python(kind, one["k"]), check_key): to_python(
                    inner, one["v"]
                )
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


def _hashable(shown: Any, check: Callable[[Any], Any]) -> Any:
    """What pydantic is shown of a key; checked only where no dict could hold it."""
    try:
        hash(shown)
    except TypeError:
        return check(shown)
    return shown


def _text_keys_back(key: Any, inner: Kind) -> Callable[[Any], Any]:
    back, shown = keys_back(key), shown_by(DictOf(inner))
    return lambda value: {back(one): item for one, item in shown(value).items()}


def in_parts(finder: Finder, annotation: Any, why: str) -> Kind:
    origin, args = get_origin(annotation), get_args(annotation)
    if is_mapping(origin) and args:
        key, value = args if len(args) == 2 else (args[0], int)
        if key is not str:
            return _keyed(finder, annotation, key, value)
    finder = finder.keeping_keys(False)
    found = parts_of(annotation, partial(_part, finder))
    if found is None:
        return through(finder, annotation, (), why)
    check = finder.checks.of(annotation)
    parts = found.parts and _of_class(finder, annotation, found.parts)
    made = Through(loader(found.undo, check), found.dump, found.why, parts=parts)
    if annotation in finder.around:
        # It holds itself: what its other parts are decides.
        return replace(made, alike=True, direct=check)
    finder.around.append(annotation)
    try:
        return _with_parts(made, annotation, found, check)
    finally:
        finder.around.pop()


def _of_class(finder: Finder, annotation: Any, parts: Parts) -> Parts:
    """What a type is made of: the same in all its places, as it may hold itself."""
    with suppress(TypeError):
        parts = finder.parts.setdefault(annotation, parts)
    parts.adapter = finder.checks.adapter
    parts.open = parts.open or finder.checks.keeps_undeclared
    return parts


def _with_parts(
    made: Through, annotation: Any, parts: InParts, check: Callable[[Any], Any]
) -> Through:
    """The same, with what its parts allow to spare."""
    # Parts that cannot be known yet are looked at when there is a value.
    with suppress(NameError, RecursionError, pydantic.PydanticUserError):
        kinds = list(parts.kinds())
        made = replace(made, alike=all(map(alike, kinds)))
        if is_typeddict(annotation) and made.alike:
            # What has its own stored form is written without asking ``dump``.
            made = replace(made, besides=DictOf(Scalar("any")))
        is_record = isinstance(annotation, type) and not any_through(kinds)
        if is_record and dataclasses.is_dataclass(annotation):
            names = tuple(one.name for one in dataclasses.fields(annotation))
            made = replace(made, record=(cast("type", annotation), names))
        if all(map(shows_plain, kinds)):
            made = replace(made, direct=check)
        if get_origin(annotation) is tuple and not any(map(slow, kinds)):
            made = replace(made, besides=Fixed(tuple(kinds)), exact=True)
    return made


def _part(finder: Finder, annotation: Any, marks: Iterable[Any] = ()) -> Kind:
    """The kind of a part; pydantic is shown the very type of a strict one."""
    kind = finder.of(annotation, marks)
    if isinstance(kind, Through) or not finder.checks.strict(annotation, marks):
        return kind
    full = Annotated[(annotation, *marks)] if marks else annotation
    load = loader(lambda value: to_python(kind, value, True), finder.checks.of(full))
    dump = partial(to_stored, kind)
    return Through(load, dump, "a strict part", alike=alike(kind))
