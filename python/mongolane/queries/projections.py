"""Which fields are fetched, and how: projection documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import QueryError, UnknownFieldError
from ..expressions.computed import to_expression
from ..expressions.filters import Filter
from ..expressions.resolve import resolve
from ..expressions.shape import Shape
from ..expressions.slices import Slice
from .options import to_key
from .source import Target

__all__ = ["of_fields", "of_target"]


def of_fields(
    fields: Iterable[Any], computed: Mapping[str, Any], shape: Shape
) -> dict[str, Any]:
    """
    A projection of some fields alone.

    Args:
        fields: paths and names; ``User.items.slice(3)``, ``User.items.elem_match(...)``
            and ``User.items.matched`` for a part of an array.
        computed: aggregation expressions, and ``meta(...)``, by the keys they get.
        shape: the fields of the documents.

    Raises:
        QueryError: when there are none.
    """
    projection: dict[str, Any] = {}
    for field in fields:
        key, what = _part(field, shape)
        projection[key] = what
    projection |= {name: to_expression(one) for name, one in computed.items()}
    if not projection:
        raise QueryError("only() needs at least one field")
    if not any(one == 1 for key, one in projection.items() if key != "_id"):
        # A $slice or $meta alone would come beside all other fields.
        projection[_NO_FIELD] = 1
    projection.setdefault("_id", 0)
    return projection


_NO_FIELD = "(none)"


def of_target(
    target: Target[Any], parts: Iterable[Any], computed: Mapping[str, Any], shape: Shape
) -> dict[str, Any] | None:
    """
    A projection of what a model needs; None: whole documents.

    Args:
        target: the model.
        parts: which elements of arrays; as for ``of_fields``.
        computed: by the model's names.
        shape: the fields of the documents.
    """
    keys = target.keys or {}
    projection = dict(target.projection or {})
    if not projection and computed:
        projection = dict.fromkeys(keys.values(), 1)
    for part in parts:
        key, what = _part(part, shape)
        if what == 1 and not key.endswith(".$"):
            raise QueryError(
                f"{part!r} is no part of an array; which fields are fetched is for the "
                f"model {target.owner} to say"
            )
        projection.pop(key.removesuffix(".$"), None)
        projection[key] = what
    for name, one in computed.items():
        key = keys.get(name) or target.shape.locate(name)[0]
        projection[key] = to_expression(one)
    return projection or None


def _part(field: Any, shape: Shape) -> tuple[str, Any]:
    if isinstance(field, Slice):
        return str(field.field), field.to_projection()
    if isinstance(field, Filter):
        [(key, value)] = field.to_filter(lambda one: resolve(one, shape)).items()
        if not isinstance(value, Mapping) or value.keys() != {"$elemMatch"}:
            raise QueryError(
                f"{field!r} chooses documents; for elements of an array, write "
                "path.elem_match(...)"
            )
        return key, value
    key = to_key(field, shape)
    _refuse_index(field, key, shape)
    return key, 1


def _refuse_index(field: Any, key: str, shape: Shape) -> None:
    """A server takes a number in a projection for the name of a field."""
    steps = key.split(".")
    for at in range(1, len(steps)):
        try:
            above = shape.locate(".".join(steps[:at]))[1]
        except UnknownFieldError:
            return
        if steps[at].isdecimal() and (above.item or above.holds == "array"):
            raise QueryError(
                f"{field!r}: no projection gives one element by its index; use "
                f".slice({steps[at]}, 1)"
            )
