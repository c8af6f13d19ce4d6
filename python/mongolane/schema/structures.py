"""
Values with parts that the plan has no kind for: each part keeps its stored form.

Fixed tuples, named tuples, dataclasses, ``TypedDict``, root models, the abstract
containers, and unions that BSON types cannot tell apart. Pydantic makes the value;
here its parts are turned into what pydantic expects, and back.
"""

from __future__ import annotations

import collections
import dataclasses
import typing
from collections import abc
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache, partial
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from bson import Decimal128, ObjectId
from pydantic import EncodedBytes, EncodedStr, Json, RootModel
from pydantic_core import to_json

from .. import codec
from .._compat import annotations_of
from ..codec.plan import DictOf, Kind, ListOf, Nullable, Parts, Scalar, Through
from ..fields import filled, given_to
from .forms import key_text, plain
from .generics import fields_of
from .located import under
from .nested import any_through
from .values import held, parts_shown, shown_by, to_python, to_stored

__all__ = [
    "JSON",
    "InParts",
    "equal",
    "exact_member",
    "hints_of",
    "like_member",
    "member_of",
    "part_stored",
    "parts_of",
    "reencoded",
    "stays",
    "union_of",
]

Finder = Callable[..., Kind]

_ANY = Scalar("any")
# What a validator, or a way back, says to a value that is not of its type.
_NOT_OF_IT = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)
JSON: Any = Json  # an alias to type checkers
_MAPPINGS = (
    abc.Mapping,
    abc.MutableMapping,
    collections.OrderedDict,
    collections.defaultdict,
)
_SEQUENCES = (abc.Sequence, abc.MutableSequence, abc.Collection)
_ARRAYS = (*_SEQUENCES, abc.Set, abc.MutableSet)


class InParts(NamedTuple):
    """A value's way back to what pydantic takes, its stored form, why, its parts."""

    undo: Callable[[Any], Any]
    dump: Callable[[Any], Any]
    why: str
    kinds: Callable[[], Iterable[Kind]]
    parts: Parts | None = None


def parts_of(annotation: Any, of: Finder) -> InParts | None:
    """The parts of a type, or None when it has none that are known."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        return _items(args, of, "a tuple of fixed length")
    if origin is typing.Literal:
        return _members(args)
    if origin in _MAPPINGS and args[0] is str:
        return _values(of(args[1]))
    if origin in _ARRAYS:
        return _elements(of(args[0]))
    cls = origin or annotation
    if not isinstance(cls, type):
        return None
    given = given_to(annotation, getattr(cls, "__parameters__", ()))
    return _class(cls, of, lambda one: filled(one, given))


def _class(cls: Any, find: Finder, fill: Callable[[Any], Any]) -> InParts | None:
    def of(one: Any, marks: Iterable[Any] = ()) -> Kind:
        return find(fill(one), marks)

    if issubclass(cls, RootModel):
        return _root(cls, of)
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        hints = hints_of(cls)
        types = [hints.get(name, Any) for name in cls._fields]
        return _items(list(map(fill, types)), find, "a named tuple", cls._fields)
    if dataclasses.is_dataclass(cls):
        names = [one.name for one in dataclasses.fields(cls)]
        return _named(cls, names, of, fill, "a dataclass")
    if typing.is_typeddict(cls) or hasattr(cls, "__total__"):
        return _named(cls, list(hints_of(cls)), of, fill, "a typed dict")
    return None


def _items(
    types: Sequence[Any], of: Finder, why: str, names: Sequence[str] = ()
) -> InParts:
    kinds = [of(one) for one in types]
    ways = [shown_by(kind) for kind in kinds]

    def undo(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        shown = [way(one) for way, one in zip(ways, value, strict=False)]
        return shown + list(map(held, value[len(ways) :]))

    def dump(value: Any) -> list[Any]:
        padded = [*kinds, *[_ANY] * (len(value) - len(kinds))]
        pairs = enumerate(zip(padded, value, strict=False))
        return [part_stored(n, kind, one) for n, (kind, one) in pairs]

    numbers = list(map(str, range(len(kinds))))
    placed = zip(numbers, kinds, types, strict=True)
    parts = dict(zip(names or numbers, placed, strict=True))
    lying = Parts(why, lambda: parts, open=True)
    return InParts(undo, dump, why, lambda: kinds, lying)


# Values that are their own stored form, of whatever kind they are.
_STORED_AS_IS = frozenset(
    {str, int, float, bool, bytes, type(None), datetime, ObjectId, Decimal128}
)


def part_stored(step: Any, kind: Kind, value: Any) -> Any:
    """The stored form of what ``step`` leads to."""
    if type(value) in _STORED_AS_IS:
        inner = kind.inner if isinstance(kind, Nullable) else kind
        if not isinstance(inner, (Nullable, Through)):
            return value
    return under(step, partial(to_stored, kind, value))


def _elements(kind: Kind) -> InParts:
    shown = shown_by(ListOf(kind))
    return InParts(
        lambda value: shown(value) if isinstance(value, list) else value,
        lambda value: [part_stored(n, kind, one) for n, one in enumerate(value)],
        "an abstract container",
        lambda: [kind],
    )


def _values(kind: Kind) -> InParts:
    shown = shown_by(DictOf(kind))
    return InParts(
        lambda value: shown(value) if isinstance(value, dict) else value,
        lambda value: {
            (text := key_text(key)): part_stored(text, kind, one)
            for key, one in value.items()
        },
        "an abstract container",
        lambda: [kind],
    )


def _named(
    cls: Any, names: list[str], of: Finder, fill: Callable[[Any], Any], why: str
) -> InParts:
    # Slots have no dict, and nothing is equal to what is never there.
    known_names = None if hasattr(cls, "__slots__") else dict.fromkeys(names).keys()

    @cache
    def kinds() -> dict[str, Kind]:
        # At first use: the class may hold itself.
        hints = hints_of(cls)
        return {name: of(hints.get(name, Any)) for name in names}

    @cache
    def shown() -> Callable[[dict[str, Any]], Any]:
        return parts_shown(kinds(), _ANY)

    @cache
    def simple() -> bool:
        return not any_through(kinds().values())

    def dump(value: Any) -> Any:
        if type(value) is cls and known_names and vars(value).keys() == known_names:
            value = value.__dict__
        elif type(value) is not dict and not isinstance(value, Mapping):
            value = {name: getattr(value, name) for name in names}
        if simple() and _STORED_AS_IS.issuperset(map(type, value.values())):
            return value
        known = kinds()
        return {
            key: part_stored(key, known.get(key, _ANY), one)
            for key, one in value.items()
        }

    def unfold() -> dict[str, tuple[str, Kind, Any]]:
        hints = {**dict.fromkeys(names, Any), **hints_of(cls)}
        limits = getattr(cls, "__pydantic_fields__", {})
        return {
            name: (name, kind, _limited(fill(hints[name]), limits.get(name)))
            for name, kind in kinds().items()
        }

    opened = getattr(cls, "__pydantic_config__", {}).get("extra") == "allow"
    return InParts(
        lambda value: shown()(value) if isinstance(value, dict) else value,
        dump,
        why,
        lambda: kinds().values(),
        Parts(cls.__name__, unfold, opened),
    )


def _limited(annotation: Any, info: Any) -> Any:
    """A type with what a dataclass of pydantic's says of it besides."""
    metadata = getattr(info, "metadata", ())
    return Annotated[(annotation, *metadata)] if metadata else annotation


def hints_of(cls: Any) -> dict[str, Any]:
    """A class's annotations without ``NotRequired`` and its kin; unknown ones: none."""
    try:
        found = typing.get_type_hints(cls, include_extras=True)
    except (NameError, TypeError):
        declared = {
            one.name: one.type
            for one in getattr(cls, "__pydantic_fields__", {}).values()
            if hasattr(one, "name")
        }
        for one in reversed(getattr(cls, "__mro__", ())):
            declared.update(annotations_of(one))
        unknown = (str, typing.ForwardRef)
        found = {
            name: one for name, one in declared.items() if not isinstance(one, unknown)
        }
    return {name: _unmarked(one) for name, one in found.items()}


def _unmarked(annotation: Any) -> Any:
    marks = ("Required", "NotRequired", "ReadOnly")
    while getattr(get_origin(annotation), "_name", None) in marks:
        (annotation,) = get_args(annotation)
    return annotation


def _root(cls: Any, of: Finder) -> InParts:
    @cache
    def kind() -> Kind:
        info = fields_of(cls)["root"]
        return of(info.annotation, info.metadata)

    def dump(value: Any) -> Any:
        return to_stored(kind(), value.root if isinstance(value, cls) else value)

    return InParts(
        lambda value: to_python(kind(), value), dump, "a root model", lambda: [kind()]
    )


def _members(values: Sequence[Any]) -> InParts:
    unusual = Through(plain, plain)

    def undo(value: Any) -> Any:
        return next((one for one in values if plain(one) == value), value)

    return InParts(undo, plain, "a Literal of unusual values", lambda: [unusual])


def union_of(
    kinds: Sequence[Kind], checks: Sequence[Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    """
    What undoes the stored form of a union that BSON types cannot tell apart.

    The first member whose own stored form this is, exactly, is meant.

    Args:
        kinds: of the members.
        checks: what pydantic makes of a value for each member, or a ValueError.
    """

    def undo(value: Any) -> Any:
        fits: list[Any] = []
        for kind, check in zip(kinds, checks, strict=True):
            try:
                shown = to_python(kind, value, typed=True)
                made = check(shown)
                if equal(to_stored(kind, made), value):
                    # What is decoded must not be decoded twice.
                    again = stays(made, value, check, partial(to_stored, kind))
                    return made if again else shown
            except _NOT_OF_IT:
                continue
            fits.append(made)
        return fits[0] if fits else value

    return undo


def stays(
    made: Any, value: Any, check: Callable[[Any], Any], dump: Callable[[Any], Any]
) -> bool:
    """Whether what was made of a stored value is the same when it is checked again."""
    try:
        return equal(dump(check(made)), value)
    except _NOT_OF_IT:
        return False


def member_of(
    kinds: Sequence[Kind], checks: Sequence[Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    """
    What stores a value of a union that BSON types cannot tell apart.

    It has the form of the first member whose value it is already: keys that are not
    text, say, are stored as that member stores them.

    Args:
        kinds: of the members.
        checks: what pydantic, strictly, makes of a value for each, or a ValueError.
    """

    def dump(value: Any) -> Any:
        for kind, check in zip(kinds, checks, strict=True):
            try:
                fits = type(check(value)) is type(value)
            except _NOT_OF_IT:
                continue
            if fits:
                return to_stored(kind, value)
        return plain(value)

    return dump


def exact_member(cls: type[Enum], value: Any) -> Any:
    """The member whose stored value this is exactly, or the value."""
    return next((one for one in cls if equal(plain(one.value), value)), value)


def like_member(cls: type[Enum], value: Any) -> Any:
    """The member whose stored value is equal, or the value."""
    return next((one for one in cls if plain(one.value) == value), value)


def equal(one: Any, other: Any) -> bool:
    """
    Whether two stored values are the same, byte for byte.

    But for the order in arrays: that of a set hangs on how it came to be.
    """
    first, second = codec.encode({"": one}), codec.encode({"": other})
    if first == second or len(first) != len(second):
        return first == second
    return _unordered(codec.decode(first)) == _unordered(codec.decode(second))


def _unordered(value: Any) -> bytes:
    if isinstance(value, list):
        value = sorted(map(_unordered, value))
    elif type(value) is dict:
        value = {key: _unordered(one) for key, one in value.items()}
    return codec.encode({"": value})


def reencoded(marks: Sequence[Any]) -> Callable[[Any], Any] | None:
    """What pydantic decodes again, and so has to be encoded again for it."""
    for mark in marks:
        if isinstance(mark, JSON) or mark is JSON:
            return to_json
        if isinstance(mark, EncodedStr):
            return mark.encode_str
        if isinstance(mark, EncodedBytes):
            return mark.encode
    return None
