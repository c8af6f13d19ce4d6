"""
Classes whose embedded parts a write has nothing to do with: most of them.

A new document is walked through to set dates and to check lists in all that it
embeds. Whether anything could be found there is known when the class is.
"""

from __future__ import annotations

from typing import Any

from ..codec.plan import DictOf, Kind, ListOf, Model, Nullable, OneOf
from ..fields import ListField
from ..schema import Schema, describe
from .stamps import holders, may_hold, ways

__all__ = ["has_lists", "is_quiet", "quiet_parts"]

Parts = tuple[Any, ...]


def has_lists(schema: Schema) -> bool:
    """Whether a class itself has lists that say what is in them, or secrets."""
    return bool(schema.cls.model_config.get("hide_input_in_errors")) or any(
        isinstance(one.field, ListField) and one.field.field is not None
        for one in schema.fields.values()
    )


def quiet_parts(schema: Schema) -> Parts | None:
    """The classes that a class embeds; None if there may be something to do in one."""
    found: dict[Any, None] = {}
    return tuple(found) if _collect(schema, found) else None


def is_quiet(parts: Parts | None) -> bool:
    """Whether that still holds: an instance of a subclass may have dates of its own."""
    return parts is not None and not any(cls.__subclasses__() for cls in parts)


def _collect(schema: Schema, found: dict[Any, None]) -> bool:
    names = set(holders(schema))
    kinds = (one.kind for one in schema.plan.fields if one.name in names)
    return all(_is_known(kind, found) for kind in kinds)


def _is_known(kind: Kind, found: dict[Any, None]) -> bool:
    if isinstance(kind, Nullable):
        return _is_known(kind.inner, found)
    if isinstance(kind, (ListOf, DictOf)):
        return _is_known(kind.item if isinstance(kind, ListOf) else kind.value, found)
    if isinstance(kind, OneOf):
        parts = (*kind.alternatives, *kind.models)
        return all(not may_hold(one) or _is_known(one, found) for one in parts)
    if not isinstance(kind, Model):
        return False
    cls = kind.plan.cls
    if cls in found:
        return True
    found[cls] = None
    schema = describe(cls)
    if getattr(cls, "__mongolane_open__", False) or ways(schema) or has_lists(schema):
        return False
    return _collect(schema, found)
