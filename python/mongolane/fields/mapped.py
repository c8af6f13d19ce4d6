"""
``Mapped[T]`` and ``field()``: fields that type checkers see exactly.

``age: Mapped[int]`` is a ``Path[int]`` on the class and an ``int`` on an instance to
a checker, and the plain annotation ``int`` to pydantic: the metaclass of documents
takes the wrapper off before pydantic looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, get_args, overload

import pydantic
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from ..expressions.held import Holding
from .marks import Index, Stored

if TYPE_CHECKING:
    from ..expressions import Path
    from ..expressions.held import (
        HoldsPart,
        HoldsPartByKey,
        HoldsParts,
        HoldsUnknown,
        Owner,
    )
    from ..expressions.part_paths import PathByKey

__all__ = ["Declared", "Mapped", "field"]

# Covariant, so that ``name: Mapped[str | None] = StringField()`` checks; what may be
# set is what the annotation says.
T = TypeVar("T", covariant=True)
P = TypeVar("P")
S = TypeVar("S")


class Mapped(Holding[T]):
    """
    The type of a field: ``Path[T]`` on the class, ``T`` on an instance.

    Where ``T`` is an ``EmbeddedDocument``, or holds some, checkers find its fields on
    the class, and a path's methods: ``User.address.city``, ``User.address.exists()``.
    For annotations only; there is nothing to call. ``name: Mapped[str] =
    StringField(required=True)`` types the constructor, too.
    """

    if TYPE_CHECKING:

        @overload
        def __get__(self: HoldsUnknown, instance: None, owner: Any, /) -> Path[T]: ...
        @overload
        def __get__(
            self: HoldsPart[P, S], instance: None, owner: Owner[P, S], /
        ) -> type[P]: ...
        @overload
        def __get__(
            self: HoldsParts[P, S], instance: None, owner: Owner[P, S], /
        ) -> type[P]: ...
        @overload
        def __get__(
            self: HoldsPartByKey[P, S], instance: None, owner: Owner[P, S], /
        ) -> PathByKey[P]: ...
        @overload
        def __get__(self, instance: None, owner: Any, /) -> Path[T]: ...
        @overload
        def __get__(self, instance: object, owner: Any, /) -> T: ...
        def __get__(self, instance: Any, owner: Any, /) -> Any: ...
        def __set__(self, instance: Any, value: T, /) -> None: ...  # type: ignore[misc]

    if not TYPE_CHECKING:

        @classmethod
        def __get_pydantic_core_schema__(
            cls, source: Any, handler: GetCoreSchemaHandler
        ) -> CoreSchema:
            # Only reached when the metaclass could not resolve a text annotation.
            return handler(get_args(source)[0])


class Declared:
    """What ``field()`` gives: pydantic's options, and marks of our own."""

    __slots__ = ("marks", "options")

    options: dict[str, Any]
    marks: tuple[Any, ...]

    def __init__(self, options: dict[str, Any], marks: tuple[Any, ...]) -> None:
        self.options, self.marks = options, marks

    def info(self) -> Any:
        """Pydantic's own description of the field."""
        return pydantic.Field(**self.options)


def field(
    default: Any = ...,
    *,
    default_factory: Callable[[], Any] | None = None,
    stored: str | Stored | None = None,
    index: bool | Index | None = None,
    **options: Any,
) -> Any:
    """
    Describe a field; typed Any, so that ``age: Mapped[int] = field(default=0)`` checks.

    Args:
        default: what an absent value becomes; without one the field is required.
        default_factory: called for an absent value instead.
        stored: the stored key, when it is not the field's name.
        index: True, or an ``Index``.
        options: anything that ``pydantic.Field`` takes.
    """
    if default_factory is not None:
        options["default_factory"] = default_factory
    elif default is not ...:
        options["default"] = default
    marks: list[Any] = []
    if stored is not None:
        marks.append(Stored(stored) if isinstance(stored, str) else stored)
    if index:
        marks.append(Index() if index is True else index)
    return Declared(options, tuple(marks))
