"""
Ids given as text in the stages that a pipeline begins with.

A ``$match`` is sent as it stands, in the server's names and values. Only text that is
compared with a declared id or reference becomes the id, as in every other query, while
documents are still what is stored: behind a ``$group`` or ``$project`` nobody knows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bson import ObjectId

from ..errors import QueryError
from .resolve import resolve
from .shape import FieldSpec, Shape

__all__ = ["with_ids"]

_IDS = (ObjectId, uuid.UUID)
_KEEPING = frozenset({"$match", "$sort", "$skip", "$limit", "$sample", "$unwind"})
"""Stages behind which a field holds what is stored in it, or an item of that."""


def with_ids(stages: Sequence[Any], shape: Shape) -> Iterator[Any]:
    """
    The stages of a pipeline, with ids for their text in the first ones.

    Args:
        stages: in the server's form; those given are not changed.
        shape: the class's fields.
    """
    stored = True
    for stage in stages:
        stored = stored and stage.keys() <= _KEEPING
        match = stage.get("$match") if stored else None
        if isinstance(match, Mapping):
            yield {"$match": resolve(match, _ids_of(shape), allow_javascript=True)}
        else:
            yield stage


def _ids_of(shape: Shape) -> Shape:
    """The same class, of whose fields nothing but ids is converted."""
    if shape.ids is None:
        shape.ids = ids = Shape(shape.owner, open=True)
        ids.part_id = shape.part_id
        ids.fields = {one.key: _only_ids(one) for one in shape.specs()}
    return shape.ids


def _only_ids(spec: FieldSpec) -> FieldSpec:
    item = None if spec.item is None else _only_ids(spec.item)
    below = None if spec.shape is None else _ids_of(spec.shape)
    encode = _or_as_it_is(spec.encode) if spec.natural in _IDS else None
    leaf = item is None and below is None
    return FieldSpec(spec.key, spec.key, encode, item, below, open=leaf)


def _or_as_it_is(encode: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    def converted(value: Any) -> Any:
        try:
            return value if encode is None else encode(value)
        except QueryError:
            return value

    return converted
