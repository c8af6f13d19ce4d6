"""
What a path must know of a class: its fields' names, stored keys and converters.

``schema`` writes shapes; paths and raw filters read them. A shape holds no class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from bson import ObjectId

from ..errors import QueryError, UnknownFieldError

__all__ = ["Either", "FieldSpec", "Shape", "Unfolding"]


@dataclass(frozen=True, slots=True, eq=False)
class FieldSpec:
    """
    One declared field, as a filter or an update sees it.

    Attributes:
        name: the attribute's name.
        key: the stored key (``_id`` for ``id``).
        encode: turns a value compared with, or written to, the whole field into its
            stored form; raises ValueError or TypeError for one that cannot be meant.
            Never asked for None, another path or, unless it holds ``patterns``, a
            regular expression.
            None: values are stored as they are.
        item: the elements of an array field; its name and key are not looked at.
        shape: the embedded class's shape, for a field that holds one, or several
            in an array.
        open: any name may follow (a dict, ``Any``, a union of models).
        value: what follows any name, in a dict whose values are declared.
        holds: what a value of it is to an update's operators; None: not known.
        decode: turns a stored value of the whole field into an instance's; what does
            not fit stays as it is. None: all values do.
        natural: values of exactly this type are stored as they are; None: ask
            ``encode``.
        free: the same type, if a value of it can also be read again, whatever it is.
        secret: only what ``encode`` makes of a value may be stored.
        other: gives another form that the same value may be stored in, or None; who
            asks for the value finds both.
        masked: a value is never shown.
        unordered: it is an array whose order means nothing: a set.
        required: a document without it could not be read.
        patterns: regular expressions are values of it, and look for no text.
        check: refuses, with a FieldError, a stored form that the field could not be
            read from; told whether that is just some items of an array.
    """

    name: str
    key: str
    encode: Callable[[Any], Any] | None = None
    item: FieldSpec | None = None
    shape: Shape | None = None
    open: bool = False
    natural: type | None = None
    secret: bool = False
    value: FieldSpec | None = None
    holds: Literal["array", "number", "date", "timestamp", "other"] | None = None
    other: Callable[[Any], Any] | None = None
    masked: bool = False
    decode: Callable[[Any], Any] | None = None
    check: Callable[[Any, bool], None] | None = None
    patterns: bool = False
    free: type | None = None
    required: bool = False
    unordered: bool = False

    def below(self, name: str, owner: str) -> FieldSpec:
        """
        The field ``name`` inside of this one.

        Raises:
            UnknownFieldError: when nothing of this name can be stored there.
        """
        if name.isdecimal() or name[:1] == "$":
            if self.item is not None:
                return self.item
            if self.shape is None and self.open:
                return self.value or ANYTHING
        if self.shape is not None:
            return self.shape.spec(name)
        if self.open:
            return self.value or ANYTHING
        if self.item is not None:
            return self.item.below(name, owner)
        raise UnknownFieldError(owner, f"{self.name}.{name}")


def _id_or_as_it_is(value: Any) -> Any:
    return ObjectId(value) if ObjectId.is_valid(value) else value


_PART_ID = FieldSpec("_id", "_id", _id_or_as_it_is, natural=ObjectId)


class Shape:
    """
    The fields of one class, by name.

    Args:
        owner: the class's name, for messages.
        fields: by attribute name, in declared order; may be set later, once, for
            classes that hold themselves.
        open: names that are not declared are let through (``extra="allow"``).

    Attributes:
        located: what ``locate`` has found so far, by name.
        natural: the stored key and the natural type of those that have one.
        paths: those of its top-level fields that were asked for, by name.
        ids: the same class for who converts ids alone, once it was asked for.
        part_id: it is a part's class, and the part may have an ``_id`` undeclared.
    """

    __slots__ = (
        "__weakref__",
        "_by_key",
        "_fields",
        "_lookup",
        "ids",
        "located",
        "natural",
        "open",
        "owner",
        "part_id",
        "paths",
    )

    def __init__(
        self,
        owner: str,
        fields: Mapping[str, FieldSpec] | None = None,
        *,
        open: bool = False,
    ) -> None:
        self.owner: str = owner
        self.open: bool = open
        self.paths: dict[str, Any] = {}
        self.located: dict[str, tuple[str, FieldSpec]] = {}
        self.natural: dict[str, tuple[str, type]] = {}
        self.ids: Shape | None = None
        self.part_id: bool = False
        self.fields = fields or {}

    @property
    def fields(self) -> Mapping[str, FieldSpec]:
        """The declared fields by attribute name."""
        return self._fields

    @fields.setter
    def fields(self, fields: Mapping[str, FieldSpec]) -> None:
        self._fields = dict(fields)
        self._by_key = {spec.key: spec for spec in fields.values()}
        self._lookup = {**self._by_key, **self._fields}
        self.paths.clear()
        self.located.clear()
        self.natural.clear()
        self.ids = None

    @property
    def strict(self) -> Shape:
        """The same class, for values that will be stored."""
        return self

    def specs(self) -> Iterable[FieldSpec]:
        """The declared fields."""
        return self._fields.values()

    def find(self, name: str) -> FieldSpec | None:
        """The declared field of this name, or of this stored key."""
        return self._lookup.get(name)

    def at(self, key: str) -> FieldSpec | None:
        """The declared field with this stored key."""
        return self._by_key.get(key)

    def spec(self, name: str) -> FieldSpec:
        """
        The field of this name, or of this stored key.

        Raises:
            UnknownFieldError: when the class neither declares it nor allows extras.
        """
        found = self._lookup.get(name)
        if found is not None:
            return found
        if name == "_id" and self.part_id:
            return _PART_ID
        if self.open:
            return FieldSpec(name, name, open=True)
        raise UnknownFieldError(self.owner, name, self._fields)

    def locate(self, name: str) -> tuple[str, FieldSpec]:
        """
        The stored path and the field of a name that may have dots.

        Raises:
            UnknownFieldError: when a part of it is not declared.
        """
        found = self.located.get(name)
        if found is None:
            found = self._walk(name)
            if len(self.located) >= _MOST_LOCATED:
                # Names may come from requests: never more of them than this.
                self.located.clear()
                self.natural.clear()
            self.located[name] = found
            key, spec = found
            if spec.natural is not None:
                self.natural[name] = key, spec.natural
        return found

    def _walk(self, name: str) -> tuple[str, FieldSpec]:
        first, *rest = name.split(".")
        spec = self.spec(first)
        keys = [spec.key or first]
        for step in rest:
            spec = spec.below(step, self.owner)
            keys.append(spec.key or step)
        return ".".join(keys), spec

    def arrays(self, key: str) -> Iterator[tuple[str, str]]:
        """The declared arrays that a stored path reaches into, and by which step."""
        first, *rest = key.split(".")
        spec = self.at(first)
        for number, step in enumerate(rest, 1):
            if spec is None:
                return
            if spec.item is not None:
                yield ".".join([first, *rest][:number]), step
                spec = spec.item
            elif spec.shape is not None:
                spec = spec.shape.at(step)
            else:
                spec = spec.value

    def leading_to(self, key: str) -> FieldSpec | None:
        """What is declared at a stored path, if anything is."""
        first, *rest = key.split(".")
        spec = self.at(first)
        for step in rest:
            if spec is None:
                return None
            if spec.item is not None and (step.isdecimal() or step[:1] == "$"):
                spec = spec.item
            else:
                spec = spec.value if spec.shape is None else spec.shape.at(step)
        return spec

    def __repr__(self) -> str:
        return f"<Shape of {self.owner}: {', '.join(self._fields)}>"


class Either(Shape):
    """
    What may be one of several classes: a name means what those say that have it.

    Where their stored keys differ, the first class's is meant.

    Args:
        owner: for messages.
        shapes: of the classes; looked into when asked, as they may be unfinished.
        open: something else than these classes may stand there, too.
    """

    __slots__ = ("_shapes",)

    def __init__(self, owner: str, shapes: Sequence[Shape], *, open: bool) -> None:
        super().__init__(owner, open=open or any(one.open for one in shapes))
        self._shapes = tuple(shapes)

    @property
    def fields(self) -> Mapping[str, FieldSpec]:
        """Those of all classes."""
        names = dict.fromkeys(name for one in self._shapes for name in one.fields)
        return {name: self.spec(name) for name in names}

    @fields.setter
    def fields(self, fields: Mapping[str, FieldSpec]) -> None:
        """They are the classes' own."""

    def specs(self) -> Iterable[FieldSpec]:
        return [one for shape in self._shapes for one in shape.specs()]

    def find(self, name: str) -> FieldSpec | None:
        return self._of([shape.find(name) for shape in self._shapes])

    def at(self, key: str) -> FieldSpec | None:
        return self._of([shape.at(key) for shape in self._shapes])

    def _of(self, specs: Iterable[FieldSpec | None]) -> FieldSpec | None:
        found = [one for one in specs if one is not None]
        return _either(self.owner, found) if len(found) > 1 else next(iter(found), None)

    def spec(self, name: str) -> FieldSpec:
        found = self.find(name)
        if found is not None:
            return found
        if self.open:
            return FieldSpec(name, name, open=True)
        names = [spec.name for spec in self.specs()]
        raise UnknownFieldError(self.owner, name, names)


class Unfolding(Shape):
    """
    A class that is looked into when a field of it is first asked for.

    Args:
        owner: its name, for messages.
        unfold: gives its fields.
        open: names that it does not declare are let through.
    """

    __slots__ = ("_unfold",)

    def __init__(
        self, owner: str, unfold: Callable[[], Mapping[str, FieldSpec]], *, open: bool
    ) -> None:
        super().__init__(owner, open=open)
        self._unfold = unfold
        del self._fields, self._by_key, self._lookup

    def __getattr__(self, name: str) -> Any:
        if name not in ("_fields", "_by_key", "_lookup"):
            raise AttributeError(name)
        self.fields = self._unfold()
        return getattr(self, name)


def _either(owner: str, specs: Sequence[FieldSpec]) -> FieldSpec:
    """What may be one of several fields: a value takes a form that one of them has."""
    if secret := next((one for one in specs if one.secret), None):
        return secret
    items = [one.item for one in specs if one.item is not None]
    shapes = [one.shape for one in specs if one.shape is not None]
    first = specs[0]
    alike = len({one.natural for one in specs}) == 1
    plain = [one for one in specs if one.shape is None and one.item is None]
    return FieldSpec(
        first.name,
        first.key,
        partial(_encoded_by_any, [one.encode for one in specs]),
        _either(owner, items) if len(items) == len(specs) else None,
        Either(owner, shapes, open=bool(plain)) if shapes else None,
        any(one.open for one in specs) or bool(items),
        first.natural if alike else None,
    )


def _encoded_by_any(encoders: Sequence[Callable[[Any], Any] | None], value: Any) -> Any:
    refused: Exception | None = None
    for encode in encoders:
        try:
            return value if encode is None else encode(value)
        except (ValueError, TypeError, ArithmeticError) as error:
            refused = refused or error
    assert refused is not None
    raise refused


def filter_name(name: str) -> str:
    """
    The name of an array filter, if it can be one.

    Raises:
        QueryError: it cannot.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
        raise QueryError(f"{name!r} must be letters and digits, a small one first")
    return name


_MOST_LOCATED = 4096

ANYTHING = FieldSpec("", "", open=True)
OPEN = Shape("(anything)", open=True)
"""For collections without a class."""
