"""
Kinds that ask pydantic, for what the plan does not know, and as seldom as may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import pydantic
from pydantic.fields import FieldInfo

from ..codec.plan import (
    DateTime,
    DictOf,
    Kind,
    ListOf,
    Literal,
    Nullable,
    Scalar,
    Through,
)
from ..fields import STORED
from .checks import loader
from .finder import Finder
from .forms import plain
from .metadata import takes_info, unwrapped
from .nested import alike, slow
from .own_types import is_served, own_kind
from .secrets import holds_secret
from .structures import equal, reencoded, stays
from .values import fitting, shown_by, shows_plain, to_stored, undone

__all__ = ["at_once", "strictly", "through"]


def through(finder: Finder, annotation: Any, marks: Iterable[Any], why: str) -> Through:
    """A kind that asks pydantic, for what the plan does not know."""
    full = Annotated[(annotation, *marks)] if marks else annotation
    if is_served(annotation, marks):
        return own_kind(finder, annotation, marks)
    try:
        chosen = (FieldInfo, pydantic.Discriminator)
        infos = [one for one in marks if isinstance(one, chosen)]
        inner = finder.of(annotation, infos) if marks else None
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
    load = loader(loads[0], finder.checks.of(full), loads[1], meant)
    same = inner is not None and alike(inner)
    made = Through(load, dump, why, secret=holds_secret(inner), inner=inner, alike=same)
    if again is None:
        made = _quicker(finder, replace(made, besides=inner), annotation, list(marks))
    strict = finder.checks.strict(annotation, marks)
    return strictly(finder, made, annotation) if strict else made


def strictly(finder: Finder, kind: Through, annotation: Any) -> Through:
    """
    The same for what is strict: pydantic is shown values of the very type.

    A stored value is of the type if, leniently read and stored again, it is the
    same: so an array is a set, and the text "5" is no number.
    """
    undo, adapter = getattr(kind.load, "undo", _same), finder.checks.adapter(annotation)
    check = getattr(kind.load, "check", kind.load)
    again = finder.checks.of(annotation, strict=True)

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

    return replace(kind, load=loader(typed, check), json=None, exact=False)


def at_once(finder: Finder, kind: Kind, annotation: Any) -> Kind:
    """
    A field's kind, as it is best read and written.

    Items of a list that pydantic checks are checked together, by one call.
    """
    if isinstance(kind, Nullable):
        inner = at_once(finder, kind.inner, annotation)
        return kind if inner is kind.inner else Nullable(inner)
    item = kind.item if isinstance(kind, ListOf) else None
    check = getattr(getattr(item, "load", None), "check", None)
    if not isinstance(kind, ListOf) or not isinstance(item, Through):
        return kind
    quick = item.exact or item.models or item.checked not in (None, check)
    if check is None or quick or item.secret or finder.checks.all_strict:
        return kind
    check = finder.checks.of(annotation)
    load = loader(shown_by(kind), check, shown_by(kind, True))
    made = Through(load, partial(fitting, kind), item.why, inner=kind)
    if shows_plain(kind):
        made = replace(made, direct=check)
    if item.record is not None:
        return replace(made, besides=kind)
    if item.besides is None:
        return made
    checked = check if item.checked is not None else None
    return replace(made, besides=replace(kind, item=item.besides), checked=checked)


def _quicker(
    finder: Finder, kind: Through, annotation: Any, marks: list[Any]
) -> Through:
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
        inner = finder.of(bare, flat[:-count])
        if slow(inner) is None:
            functions = [one.func for one in flat[-count:]]
            return replace(kind, besides=inner, checked=_in_turn(functions))
    functional = any(map(_is_function, flat))
    if kind.besides is not None and _is_shown(kind.besides, functional):
        return replace(kind, checked=kind.load.check)  # type: ignore[attr-defined]
    return kind


def _is_after(mark: Any) -> bool:
    """Whether metadata is a function that gets a valid value, and nothing else."""
    after = isinstance(mark, pydantic.AfterValidator)
    return after and not takes_info(mark.func, "after")


def _is_function(mark: Any) -> bool:
    functions = (pydantic.BeforeValidator, pydantic.AfterValidator)
    return isinstance(
        mark, (*functions, pydantic.WrapValidator, pydantic.PlainValidator)
    )


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
        altered = kind.strip or kind.case is not None
        return not altered and (kind.tag != "float" or not functional)
    return isinstance(kind, (DateTime, Literal))


def _typed_by(
    inner: Kind | None, otherwise: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """What a strict class around this one is shown."""
    return otherwise if inner is None else shown_by(inner, True)


def _same(value: Any) -> Any:
    return value


def _then(one: Callable[[Any], Any], other: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda value: other(one(value))
