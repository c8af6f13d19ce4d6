"""What kinds of types made of other types are found with: the way back to all kinds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from pydantic import BaseModel

from ..codec.plan import Kind, Parts
from .checks import Checks

__all__ = ["Finder"]


class Finder(Protocol):
    """
    ``Kinds``, as ``containers``, ``unions``, ``secrets`` and ``through`` see it.

    Attributes:
        checks: asks pydantic, under the class's settings.
        around: types whose parts are just being looked at.
        parts: what types are made of that have parts with names.
        keeps_keys: whether the keys of a dict must not become text.
        alters_text: whether the class's settings check texts, or make others of them.
    """

    checks: Checks
    around: list[Any]
    parts: dict[Any, Parts]
    keeps_keys: bool

    @property
    def alters_text(self) -> bool:
        """See above."""

    def of(self, annotation: Any, metadata: Iterable[Any] = (), /) -> Kind:
        """The kind of an annotation with its metadata."""

    def keeping_keys(self, keeps: bool, /) -> Finder:
        """The same, for a dict all of whose keys that are not text are kept as such."""

    def key_of(self, cls: type[BaseModel], name: str, /) -> str:
        """The stored key of a field of an embedded model."""
