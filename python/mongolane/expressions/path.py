"""
Paths to fields: ``User.address.city``.

A path is an immutable value: the name in Python, the stored key, and what is known
of the field. Comparing it gives a filter, calling its methods a filter or an update,
negating it a sort order. Names of embedded fields come before methods of the same
name (``User.item.size`` is the field ``size``, if there is one); called, they are
methods still (``User.items.size(2)``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload
from uuid import UUID

from bson import Int64, ObjectId

from ..errors import QueryError, UnknownFieldError
from ._changing import Changing
from ._matching import Matching
from .changes import Change
from .filters import Filter
from .held import Holding, HoldsNamed
from .orders import Order
from .shape import FieldSpec, Shape, filter_name
from .slices import Slice

__all__ = ["Path", "S"]

T = TypeVar("T")
Q = ParamSpec("Q")
R = TypeVar("R")
V = TypeVar("V")
H = TypeVar("H")
Key = int | str | Enum | date | Decimal | ObjectId | UUID
S = TypeVar("S", str, int, float, bool, bytes, datetime, ObjectId, UUID)
"""What is stored as it is held."""


class Mismatch:
    """To a type checker, what comparing a path with another type gives: no filter."""


class Path(Matching[T], Changing[T], Holding[T]):
    """
    The path of one field of a class.

    ``str(path)`` is the stored path, as it stands in filters. Made by classes,
    ``Path.of``, and paths themselves.
    """

    __slots__ = ("_key", "_name", "_owner", "_spec")

    _key: str
    _spec: FieldSpec

    def __init__(self, owner: str, name: str, key: str, spec: FieldSpec) -> None:
        self._owner = owner
        self._name = name
        self._key = key
        self._spec = spec

    @classmethod
    def of(cls, shape: Shape, name: str) -> Path[Any]:
        """
        The path of a top-level field of ``shape``; the same object each time.

        Raises:
            UnknownFieldError: when the class does not declare it.
        """
        if not isinstance(name, str):
            raise QueryError(f"a field's name is text, not {name!r}")
        found: Path[Any] | None = shape.paths.get(name)
        if found is None:
            spec = shape.spec(name)
            found = _made(shape.owner, spec.name or name, spec.key or name, spec)
            shape.paths[name] = found
        return found

    def _step(self, name: str) -> Path[Any]:
        if name[:1] == "_":
            raise AttributeError(name)
        spec = self._spec
        found = spec.shape.fields.get(name) if spec.shape is not None else None
        if found is None:
            found = self._below(name)
        return _made(
            self._owner,
            f"{self._name}.{name}",
            f"{self._key}.{found.key or name}",
            found,
        )

    if TYPE_CHECKING:
        # Below a number there are no names.
        def __getattr__(self: HoldsNamed, name: str) -> Path[Any]: ...

        # What embedded fields are often called is a path, too.
        @property
        def all(self) -> Called[[Iterable[Any]], Filter]: ...  # type: ignore[override]
        @property
        def max(self) -> Called[[T], Change]: ...  # type: ignore[override]
        @property
        def min(self) -> Called[[T], Change]: ...  # type: ignore[override]
        @property
        def size(self) -> Called[[int], Filter]: ...  # type: ignore[override]
        @property
        def type(self) -> Called[..., Filter]: ...

    else:
        __getattr__ = _step

    def _below(self, name: str) -> FieldSpec:
        try:
            return self._spec.below(name, self._owner)
        except UnknownFieldError as error:
            if error.near is not None:
                raise
            raise UnknownFieldError(repr(self), name, _METHODS) from None

    @overload
    def __getitem__(self: Path[list[H]], index: int) -> Path[H]: ...
    @overload
    def __getitem__(self: Path[list[H] | None], index: int) -> Path[H]: ...
    @overload
    def __getitem__(self: Path[dict[Any, H]], index: Key) -> Path[H]: ...
    @overload
    def __getitem__(self: Path[dict[Any, H] | None], index: Key) -> Path[H]: ...
    @overload
    def __getitem__(self, index: Key) -> Path[Any]: ...
    def __getitem__(self, index: Key) -> Path[Any]:
        """The element at ``index`` of an array, or a key of a dict field."""
        index = _as_stored(index)
        if isinstance(index, bool) or not isinstance(index, (int, str)):
            raise QueryError(f"{self!r} takes an index or a key, not {index!r}")
        if isinstance(index, int) and index < 0 and self._spec.value is None:
            raise QueryError(f"{self!r}[{index}]: a path counts from the start")
        if isinstance(index, str):
            _refuse_key(self, index)
        found = self._below(str(index))
        return _made(
            self._owner,
            f"{self._name}[{index!r}]",
            f"{self._key}.{found.key or index}",
            found,
        )

    def __iter__(self) -> Any:
        raise TypeError(f"{self!r} is a path to a field, not its value")

    @property
    def each(self) -> Path[Any]:
        """``$[]``: every element of the array, for updates and ``elem_match``."""
        return self._positional("each", "$[]")

    @property
    def matched(self) -> Path[Any]:
        """``$``: the first element that the query's filter matched, for updates."""
        return self._positional("matched", "$")

    def filtered(self, name: str) -> Path[Any]:
        """``$[name]``: the elements that the array filter ``name`` matches."""
        step = f"$[{filter_name(name)}]"
        return self._positional(f"filtered({name!r})", step)

    def _positional(self, shown: str, step: str) -> Path[Any]:
        spec = self._spec.item or self._spec
        if spec.shape is None and self._spec.shape is not None:
            spec = self._spec
        return _made(self._owner, f"{self._name}.{shown}", f"{self._key}.{step}", spec)

    def slice(self, *window: int) -> Slice:
        """
        Some elements of an array, for ``only`` and ``project``.

        Args:
            window: ``slice(3)``: the first three; ``slice(-3)``: the last three;
                ``slice(10, 3)``: three behind the first ten.
        """
        if len(window) not in (1, 2):
            raise QueryError(f"{self!r}.slice() takes one number or two")
        return Slice(self, window)

    # Comparing gives a filter, so the signature is not object's. The last form is for
    # checkers: without it, they would take the other side's ``==``, and be content.
    @overload  # type: ignore[override]
    def __eq__(self, other: T | Path[Any] | None) -> Filter: ...
    @overload
    def __eq__(self: Matching[list[V]], other: V) -> Filter: ...
    @overload
    def __eq__(self: Matching[set[V]], other: V) -> Filter: ...
    @overload
    def __eq__(self: Matching[frozenset[V]], other: V) -> Filter: ...
    @overload
    def __eq__(self: Matching[tuple[V, ...]], other: V) -> Filter: ...
    @overload
    def __eq__(self: Matching[ObjectId], other: str) -> Filter: ...  # type: ignore[overload-overlap]
    @overload
    def __eq__(self: Matching[Decimal], other: float) -> Filter: ...  # type: ignore[overload-overlap]
    @overload
    def __eq__(self: Matching[Int64], other: int) -> Filter: ...  # type: ignore[overload-overlap]
    @overload
    def __eq__(self, other: object) -> Mismatch: ...
    def __eq__(self, other: object) -> Any:
        return self._compare("$eq", other)

    @overload  # type: ignore[override]
    def __ne__(self, other: T | Path[Any] | None) -> Filter: ...
    @overload
    def __ne__(self: Matching[list[V]], other: V) -> Filter: ...
    @overload
    def __ne__(self: Matching[set[V]], other: V) -> Filter: ...
    @overload
    def __ne__(self: Matching[frozenset[V]], other: V) -> Filter: ...
    @overload
    def __ne__(self: Matching[tuple[V, ...]], other: V) -> Filter: ...
    @overload
    def __ne__(self: Matching[ObjectId], other: str) -> Filter: ...  # type: ignore[overload-overlap]
    @overload
    def __ne__(self: Matching[Decimal], other: float) -> Filter: ...  # type: ignore[overload-overlap]
    @overload
    def __ne__(self: Matching[Int64], other: int) -> Filter: ...  # type: ignore[overload-overlap]
    @overload
    def __ne__(self, other: object) -> Mismatch: ...
    def __ne__(self, other: object) -> Any:
        return self._compare("$ne", other)

    def __hash__(self) -> int:
        return hash((Path, self._owner, self._key))

    def __neg__(self) -> Order:
        return Order(self, -1)

    def __pos__(self) -> Order:
        return Order(self, 1)

    def asc(self) -> Order:
        """Ascending by this field."""
        return Order(self, 1)

    def desc(self) -> Order:
        """Descending by this field."""
        return Order(self, -1)

    def __contains__(self, value: object) -> bool:
        raise QueryError(
            f"Python makes 'in' a bool; write {self!r}.contains({value!r})"
        )

    def __bool__(self) -> bool:
        raise QueryError(
            f"{self!r} is a path and neither true nor false; "
            f"compare it: {self!r} == True"
        )

    def __str__(self) -> str:
        return self._key

    def __repr__(self) -> str:
        return f"{self._owner}.{self._name}"


if TYPE_CHECKING:

    class Called(Path[Any], Generic[Q, R]):
        """A method, or the path to an embedded field of its name."""

        def __call__(self, *args: Q.args, **kwargs: Q.kwargs) -> R: ...


def _as_stored(key: Any) -> Any:
    """A dict's key as it is stored: what is no text, as its text."""
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, date):
        return key.isoformat()
    return str(key) if isinstance(key, (Decimal, ObjectId, UUID)) else key


def _refuse_key(path: Path[Any], key: str) -> None:
    """A path's steps are parted by dots, and operators begin with a ``$``."""
    if "." in key or "\0" in key or key[:1] == "$" or not key:
        raise QueryError(
            f"{path!r}[{key!r}]: no path leads to a key that is empty, begins with $, "
            "or has a dot or NUL; set the whole field, or use $getField in expr()"
        )


_METHODS = frozenset(name for name in dir(Path) if not name.startswith("_"))
_CALLED = frozenset(name for name in _METHODS if callable(getattr(Path, name)))


def _made(owner: str, name: str, key: str, spec: FieldSpec) -> Path[Any]:
    """A path; of a class of its own where embedded names would hide behind methods."""
    hidden: frozenset[str] = frozenset()
    if spec.shape is not None:
        hidden = _METHODS.intersection(spec.shape.fields)
    elif spec.item is not None and spec.item.shape is not None:
        # ``each`` and its like are the array's own.
        hidden = _CALLED.intersection(spec.item.shape.fields)
    return (_class_for(hidden) if hidden else Path)(owner, name, key, spec)


_classes: dict[frozenset[str], type[Path[Any]]] = {}


def _class_for(hidden: frozenset[str]) -> type[Path[Any]]:
    found = _classes.get(hidden)
    if found is None:
        body: dict[str, Any] = {name: _child(name) for name in hidden}
        found = _classes[hidden] = type("Path", (Path,), {"__slots__": (), **body})
    return found


def _child(name: str) -> property:
    """The embedded field of a method's name; called, it is the method after all."""
    method = getattr(Path, name)

    def child(path: Path[Any]) -> Path[Any]:
        found = path._step(name)
        return _with_call(found, method, path) if name in _CALLED else found

    return property(child)


def _with_call(found: Path[Any], method: Any, path: Path[Any]) -> Path[Any]:
    def call(_: Path[Any], *args: Any, **kwargs: Any) -> Any:
        return method(path, *args, **kwargs)

    cls = type("Path", (type(found),), {"__slots__": (), "__call__": call})
    made: Path[Any] = cls(found._owner, found._name, found._key, found._spec)
    return made
