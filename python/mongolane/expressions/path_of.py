"""
``path_of(User.age)``: the path of a field that is annotated plainly, typed as one.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

from ..errors import QueryError
from .path import Path

__all__ = ["path_of"]

T = TypeVar("T")


@overload
def path_of(field: Path[T]) -> Path[T]: ...
@overload
def path_of(field: type[T]) -> Path[T]: ...
@overload
def path_of(field: T) -> Path[T]: ...
def path_of(field: Any) -> Path[Any]:
    """
    A field as a path, for type checkers; when a program runs, it is one already.

    To a checker, ``User.age`` of ``age: int`` is an ``int``, and has no ``in_``;
    ``path_of(User.age).in_([1, 2])`` is checked like that of ``age: Mapped[int]``.

    Args:
        field: of a document's class, or below one: ``path_of(User.address.city)``.

    Raises:
        QueryError: it is no path.
    """
    if not isinstance(field, Path):
        raise QueryError(
            f"path_of() takes a field of a class, as in path_of(User.name), "
            f"not {field!r}"
        )
    return field
