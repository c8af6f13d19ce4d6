"""
What many documents refer to, by one query for each field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import QueryError, UnknownFieldError
from ..fields import ReferenceField, id_key
from .belonging import database_of
from .metaclass import fields_of
from .references import cache_of

__all__ = ["prefetch"]


async def prefetch(cls: Any, documents: list[Any], names: Sequence[str]) -> None:
    """Let ``documents`` remember what they refer to."""
    references = fields_of(cls, ReferenceField)
    for one in documents:
        if not hasattr(type(one), "__mongolane_id__"):
            raise QueryError(
                f"{cls.__name__}.prefetch() takes documents, not a {type(one).__name__}"
            )
    for name in names or references:
        if name not in references:
            raise UnknownFieldError(cls.__name__, name, references)
        await _one_field(documents, name, references[name])


async def _one_field(documents: list[Any], name: str, field: Any) -> None:
    groups: dict[Any, list[Any]] = {}
    for one in documents:
        groups.setdefault(database_of(one), []).append(one)
    for database, members in groups.items():
        await _one_group(members, name, field, database)


async def _one_group(
    documents: list[Any], name: str, field: Any, database: Any
) -> None:
    held_by_all = [one.__dict__.get(name) for one in documents]
    ids = {id_key(one): one for one in held_by_all if one is not None}
    if not ids:
        return
    found = await field.find({"_id": {"$in": [*ids.values()]}}, database)
    by_id = {id_key(one.id): one for one in found}
    for one in documents:
        held = one.__dict__.get(name)
        if held is not None:
            key = id_key(held)
            cache_of(one)[(field.name, key)] = by_id.get(key)
