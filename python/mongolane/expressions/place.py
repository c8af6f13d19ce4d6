"""What a path is to whoever takes one: a stored key, and what is known there."""

from __future__ import annotations

from .shape import FieldSpec

__all__ = ["Place"]


class Place:
    """A stored path, which is its text, and its field; ``Path`` is the only one."""

    __slots__ = ()
    _key: str
    _spec: FieldSpec
