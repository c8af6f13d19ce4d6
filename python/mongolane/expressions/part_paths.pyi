"""
``User.address`` to type checkers, where ``Address`` is an ``EmbeddedDocument``.

It is ``type[Address]``, so that ``User.address.city`` is what ``Address`` declares,
known to checkers and completed by editors; and the metaclass has the methods of a path.
When a program runs it is a ``Path``, and nothing here is used.
"""

import builtins
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

from .changes import Change
from .filters import Filter, Given
from .held import PartToMypy
from .orders import Order
from .path import Called, Key, Mismatch, Path
from .slices import Slice

__all__ = ["PartPaths", "PathByKey"]

P = TypeVar("P")
F = TypeVar("F")
Q = ParamSpec("Q")
R = TypeVar("R")
X = TypeVar("X")

MYPY: bool

# Of a metaclass's method and a class's field, mypy takes the method, and pyright the
# field. To mypy alone ``MYPY`` is true; pyright takes what is declared last.
if MYPY:
    def _or_field(method: Callable[Concatenate[Any, Q], R], /) -> Called[Q, R]: ...
else:
    def _or_field(method: F, /) -> F: ...

# The class is the type of the values; of a path, ``T`` is.
class PartPaths(type):
    """
    What the metaclass of embedded documents has of a path.

    A list of parts is the same to a checker as one, and so takes either.
    """

    @overload  # type: ignore[override]
    def __eq__(
        cls: builtins.type[P], other: P | Collection[P] | Path[Any] | None
    ) -> Filter: ...
    @overload
    def __eq__(cls, other: builtins.type[Any]) -> bool: ...  # type: ignore[overload-overlap]
    @overload
    def __eq__(cls, other: object) -> Mismatch: ...
    @overload  # type: ignore[override]
    def __ne__(
        cls: builtins.type[P], other: P | Collection[P] | Path[Any] | None
    ) -> Filter: ...
    @overload
    def __ne__(cls, other: builtins.type[Any]) -> bool: ...  # type: ignore[overload-overlap]
    @overload
    def __ne__(cls, other: object) -> Mismatch: ...
    def __hash__(cls) -> int: ...
    def __gt__(cls: builtins.type[P], value: P | Path[Any]) -> Filter: ...
    def __ge__(cls: builtins.type[P], value: P | Path[Any]) -> Filter: ...
    def __lt__(cls: builtins.type[P], value: P | Path[Any]) -> Filter: ...
    def __le__(cls: builtins.type[P], value: P | Path[Any]) -> Filter: ...
    def __neg__(cls) -> Order: ...
    def __pos__(cls) -> Order: ...
    @_or_field
    def asc(cls) -> Order: ...
    @_or_field
    def desc(cls) -> Order: ...
    def in_(
        cls: builtins.type[P], values: Iterable[P | Collection[P] | None]
    ) -> Filter: ...
    def not_in(
        cls: builtins.type[P], values: Iterable[P | Collection[P] | None]
    ) -> Filter: ...
    @_or_field
    def exists(cls, present: bool = True) -> Filter: ...
    @_or_field
    def elem_match(cls, *conditions: Given) -> Filter: ...
    def __getitem__(
        cls: builtins.type[PartToMypy[P, X]], index: int
    ) -> builtins.type[P]: ...
    @property
    def each(cls: builtins.type[P]) -> builtins.type[P]: ...
    @property
    def matched(cls: builtins.type[P]) -> builtins.type[P]: ...
    def filtered(cls: builtins.type[P], name: str) -> builtins.type[P]: ...
    def set(cls: builtins.type[P], value: P | Collection[P] | None) -> Change: ...
    def set_on_insert(
        cls: builtins.type[P], value: P | Collection[P] | None
    ) -> Change: ...
    @_or_field
    def unset(cls) -> Change: ...
    def push(
        cls: builtins.type[P],
        value: P | Mapping[str, Any] | None = None,
        *,
        each: Iterable[P | Mapping[str, Any]] | None = None,
        slice: int | None = None,
        sort: Any = None,
        position: int | None = None,
    ) -> Change: ...
    def add_to_set(
        cls: builtins.type[P],
        value: P | Mapping[str, Any] | None = None,
        *,
        each: Iterable[P | Mapping[str, Any]] | None = None,
    ) -> Change: ...
    def pull(cls: builtins.type[P], value: P | Given) -> Change: ...
    def pull_all(
        cls: builtins.type[P], values: Iterable[P | Mapping[str, Any]]
    ) -> Change: ...
    @_or_field
    def all(cls, values: Iterable[Any]) -> Filter: ...
    @_or_field
    def contains(cls, value: Any) -> Filter: ...
    @_or_field
    def pop(cls, end: int = 1) -> Change: ...
    @_or_field
    def rename(cls, to: object) -> Change: ...
    @_or_field
    def size(cls, length: int) -> Filter: ...
    @_or_field
    def slice(cls, *window: int) -> Slice: ...
    @_or_field
    def type(cls, *types: str | int | Sequence[str | int]) -> Filter: ...

class PathByKey(Path[dict[Any, P]]):
    """A dict of embedded documents: below it are keys, and below them fields."""

    def __getattr__(self, name: str) -> type[P]: ...  # type: ignore[override]
    def __getitem__(self, index: Key) -> type[P]: ...  # type: ignore[override]
