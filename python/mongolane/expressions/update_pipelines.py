"""Updates that are pipelines: their stages, what they say of ``_id``, and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import QueryError
from .hiding import hidden_stage
from .identity import UNKNOWN, id_change, same_id
from .resolve import refuse_javascript
from .shape import Shape

__all__ = ["to_pipeline"]

_STAGES = ("$set", "$addFields", "$unset", "$project", "$replaceRoot", "$replaceWith")
_KEPT = ("$_id", "$$ROOT._id", "$$CURRENT._id")


def to_pipeline(
    stages: Any, shape: Shape, allow_javascript: bool, old: Callable[[], Any]
) -> list[dict[str, Any]]:
    """
    The stages of an update; plain values of fields that are kept hashed are hashed.

    Args:
        stages: as the server takes them, with stored keys.
        shape: the class's fields.
        allow_javascript: whether ``$function`` may be in it.
        old: gives the ``_id`` of the document, or ``UNKNOWN``.

    Raises:
        QueryError: for what is no stage of an update, or would change ``_id``.
    """
    if not stages:
        raise QueryError("an update without changes")
    if not allow_javascript:
        refuse_javascript(stages)
    for stage in stages:
        _check_stage(stage)
        for operator, new in _new_ids(stage, shape):
            known = old()
            if known is UNKNOWN or new is UNKNOWN or not same_id(known, new):
                raise id_change(shape.owner, operator, known, new)
    return [hidden_stage(stage, shape) for stage in stages]


def _check_stage(stage: Any) -> None:
    if not isinstance(stage, Mapping) or len(stage) != 1:
        # Without the values: some may be kept hashed.
        what = ", ".join(map(str, stage)) if isinstance(stage, Mapping) else type(stage)
        raise QueryError(f"a stage of an update is a dict of one stage, not {what}")
    name = next(iter(stage))
    if name not in _STAGES:
        raise QueryError(f"{name} is no stage of an update: {', '.join(_STAGES)} are")
    if name not in ("$unset", "$replaceWith") and not isinstance(stage[name], Mapping):
        what = type(stage[name]).__name__
        raise QueryError(f"{name} needs a dict, not a value of type {what}")


def _new_ids(stage: Mapping[str, Any], shape: Shape) -> Iterator[tuple[str, Any]]:
    """What a stage would make of ``_id``: by which operator, and the id if it says."""
    [(operator, operand)] = stage.items()
    if operator == "$unset":
        names = [operand] if isinstance(operand, str) else operand
        if any(_is_id(name, shape) for name in names):
            yield operator, UNKNOWN
    elif operator in ("$set", "$addFields", "$project"):
        kept = (0, 1) if operator == "$project" else ()
        for name, value in operand.items():
            if _is_id(name, shape) and value not in (*_KEPT, *kept):
                yield operator, _literal(value) if "." not in name else UNKNOWN
    else:
        whole = operand.get("newRoot") if operator == "$replaceRoot" else operand
        if (new := _id_of(whole)) not in _KEPT:
            yield operator, _literal(new)


def _is_id(name: Any, shape: Shape) -> bool:
    first = str(name).partition(".")[0]
    if first != "id":
        return first == "_id"
    spec = shape.fields.get("id")
    return spec is not None and spec.key == "_id"


def _id_of(document: Any) -> Any:
    """What an expression for a whole document says of ``_id``; nothing: it is kept."""
    if isinstance(document, Mapping) and "$mergeObjects" in document:
        parts = document["$mergeObjects"]
        for part in reversed(parts if isinstance(parts, (list, tuple)) else [parts]):
            if part == "$$ROOT" or (isinstance(part, Mapping) and "_id" in part):
                return _id_of(part)
    if isinstance(document, Mapping) and "$literal" in document:
        document = document["$literal"]
    if isinstance(document, Mapping):
        return document.get("_id", _KEPT[0])
    return _KEPT[0]


def _literal(value: Any) -> Any:
    """A value that stands for itself in an expression; ``UNKNOWN`` if it doesn't."""
    if isinstance(value, Mapping):
        return value.get("$literal", UNKNOWN)
    computed = isinstance(value, str) and value[:1] == "$"
    return UNKNOWN if computed else value
