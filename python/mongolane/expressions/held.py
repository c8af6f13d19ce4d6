"""
What a field holds, said to type checkers.

An overload chooses by these what ``User.field`` is on the class. Nothing here is used
when a program runs. Why it is Protocols, and not type variables with bounds, stands in
``docs/design/typing.md``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar, final

from bson.decimal128 import Decimal128

__all__ = [
    "Holding",
    "HoldsItems",
    "HoldsNamed",
    "HoldsNumber",
    "HoldsPart",
    "HoldsPartByKey",
    "HoldsParts",
    "HoldsText",
    "HoldsUnknown",
    "Owner",
    "Part",
    "PartToMypy",
]

T = TypeVar("T", covariant=True)
C = TypeVar("C", contravariant=True)
P = TypeVar("P")
X = TypeVar("X")


class Part(Protocol[P]):
    """An instance of an ``EmbeddedDocument``, which is a ``Part`` of itself alone."""

    def _mongolane_same(self) -> Callable[[P], P]: ...


class PartToMypy(Protocol[P, X]):
    """
    A ``Part`` to mypy, which finds no ``X`` and goes on; to pyright nothing at all.

    Pyright takes any subscript of a model's class for the class itself, unless the
    metaclass has some for that class; and then ``Box[int]`` is one of those.
    """

    def _mongolane_same(self) -> Callable[[P], P]: ...
    def _mongolane_two(self) -> tuple[list[X], list[X]]: ...


class Owner(Protocol[C, T]):
    """Any class of ours, if ``C`` is a ``T``; else no class at all."""

    def _mongolane_passes(self, value: C, /) -> T: ...


class Holding(Generic[T]):
    """What holds a ``T``: a path, or what declares one."""

    __slots__ = ()

    if TYPE_CHECKING:
        # The same twice, since Protocols of two variables ask for each by a name.
        @property
        def _holds(self) -> T: ...
        @property
        def _holds_part(self) -> T: ...


I = TypeVar("I")  # noqa: E741


class HoldsItems(Protocol[I]):
    """An array of ``I``, or None."""

    @property
    def _holds(
        self,
    ) -> list[I] | set[I] | frozenset[I] | tuple[I, ...] | deque[I] | None: ...


class HoldsText(Protocol):
    """A text, or None."""

    @property
    def _holds(self) -> str | None: ...


class HoldsNumber(Protocol):
    """A number, or None."""

    @property
    def _holds(self) -> float | Decimal | Decimal128 | None: ...


@final
class _Nothing:
    """Only Any is this."""


class HoldsUnknown(Protocol):
    """Any, a list of Any, a dict of Any, or None: nothing is known of what is below."""

    @property
    def _holds(
        self,
    ) -> _Nothing | Iterable[_Nothing] | Mapping[Any, _Nothing] | None: ...


class HoldsPart(Protocol[T, P]):
    """An embedded document, or none."""

    @property
    def _holds(self) -> T | None: ...
    @property
    def _holds_part(self) -> Part[P] | None: ...


class HoldsParts(Protocol[T, P]):
    """A list, set or tuple of embedded documents of one class."""

    @property
    def _holds(self) -> Iterable[T] | None: ...
    @property
    def _holds_part(self) -> Iterable[Part[P]] | None: ...


class HoldsPartByKey(Protocol[T, P]):
    """A dict of embedded documents of one class."""

    @property
    def _holds(self) -> Mapping[Any, T] | None: ...
    @property
    def _holds_part(self) -> Mapping[Any, Part[P]] | None: ...


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


class _Model(Protocol):
    __pydantic_fields__: ClassVar[dict[str, Any]]


class _Tuple(Protocol):
    def _asdict(self) -> dict[str, Any]: ...


_Named = _Dataclass | _Model | _Tuple | Mapping[Any, Any]


class HoldsNamed(Protocol):
    """What has names below it, or holds a list of such."""

    @property
    def _holds(self) -> _Named | Iterable[_Named | None] | None: ...
