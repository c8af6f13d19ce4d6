"""
The update builder: several changes and dicts become one update document.

Operators are merged, so that two ``$set`` keep both fields; two changes of the same
path, or of a path and one inside of it, are refused before the server sees them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import QueryError, UnknownFieldError
from .changes import Change, StoredKey
from .dict_operands import OPERANDS
from .hiding import refuse_bare_rename
from .identity import UNKNOWN, id_change, same_id
from .operands import whole
from .resolve import _field, refuse_javascript
from .shape import OPEN, Shape
from .update_pipelines import to_pipeline
from .values import TOO_DEEP, takes

__all__ = ["simple_update", "to_update"]

_OPERATORS = (
    "$set",
    "$setOnInsert",
    "$unset",
    "$rename",
    "$inc",
    "$mul",
    "$min",
    "$max",
    "$currentDate",
    "$bit",
    "$push",
    "$addToSet",
    "$pull",
    "$pullAll",
    "$pop",
)


def _no_id() -> Any:
    return UNKNOWN


def to_update(
    changes: Iterable[Any],
    shape: Shape = OPEN,
    allow_javascript: bool = False,
    document_id: Callable[[], Any] = _no_id,
) -> dict[str, Any] | list[dict[str, Any]]:
    """
    One update from expressions, dicts, or one pipeline.

    Args:
        changes: ``User.age.inc(1)``; dicts with operators; dicts of plain values, which
            are meant as ``$set``; or a single list, which is a pipeline.
        shape: the class's fields.
        allow_javascript: whether ``$function`` may be in it.
        document_id: gives the ``_id`` of the document that is changed, or ``UNKNOWN``.
            To set the same one is no change, and is left out.

    Raises:
        QueryError: for conflicting paths, a change of ``_id``, an operator that is
            none, or no change at all.
        UnknownFieldError: for a name that the class does not declare.
    """
    given = list(changes)
    if len(given) == 1 and (simple := simple_update(given[0], shape)) is not None:
        return simple
    try:
        return _update(given, shape, allow_javascript, document_id)
    except RecursionError:
        raise QueryError(f"an update of {shape.owner} {TOO_DEEP}") from None


def simple_update(change: Any, shape: Shape) -> dict[str, Any] | None:
    """
    One change of whole fields, of which nothing more is to be asked; None for others.

    Most updates are so: nothing in them can conflict, or leave a field unreadable.
    """
    if type(change) is Change:
        key, operator = change._key, change._operator
        if "." in key or key == "_id" or operator in ("$rename", "$unset"):
            return None
        return {operator: {key: change._operand}}
    if type(change) is not dict:
        return None
    operator, fields = "$set", change
    if len(change) == 1:
        [(name, inner)] = change.items()
        if name in ("$set", "$inc") and type(inner) is dict:
            operator, fields = name, inner
    made = _taken(fields, shape, operator == "$inc")
    return {operator: made} if made else None


def _taken(
    fields: dict[Any, Any], shape: Shape, numbers: bool
) -> dict[str, Any] | None:
    """Stored keys with values that their fields take; None if any does not."""
    located, made = shape.located, {}
    for name, value in fields.items():
        found = located.get(name) if type(name) is str else None
        if found is None or not takes(found[1], value):
            return None
        key = found[0]
        if "." in key or key == "_id" or (numbers and type(value) is not int):
            return None
        made[key] = value
    return made if len(made) == len(fields) else None


def _update(
    given: list[Any],
    shape: Shape,
    allow_javascript: bool,
    document_id: Callable[[], Any],
) -> dict[str, Any] | list[dict[str, Any]]:
    if len(given) == 1 and isinstance(given[0], (list, tuple)):
        return to_pipeline(given[0], shape, allow_javascript, document_id)
    build = _Builder(shape, document_id)
    for change in given:
        if isinstance(change, Change):
            operand = change.operand
            if change.operator == "$rename":
                operand = _new_name(operand, shape)
            build.add(change.operator, change.key, operand)
        elif isinstance(change, Mapping):
            if not allow_javascript:
                refuse_javascript(change)
            _add_document(build, change, shape)
        elif isinstance(change, (list, tuple)):
            raise QueryError("a pipeline update stands alone; it was given with others")
        else:
            raise QueryError(f"a change is an expression or a dict, not {change!r:.80}")
    if not build.update:
        raise QueryError("an update without changes")
    for key, to in build.update.get("$rename", {}).items():
        refuse_bare_rename(shape, key, to)
    return build.update


class _Builder:
    """Collects changes by operator and watches over their paths."""

    def __init__(self, shape: Shape, document_id: Callable[[], Any]) -> None:
        self.update: dict[str, Any] = {}
        self._shape = shape
        self._owner = shape.owner
        self._document_id = document_id
        self._taken: dict[str, str] = {}
        self._above: dict[str, str] = {}
        self._has_each = False

    def add(self, operator: str, key: str, operand: Any) -> None:
        if _is_id(key) and self._keeps_id(operator, key, operand):
            return
        self._claim(operator, key)
        if operator in ("$unset", "$rename"):
            self._check_loss(operator, key)
        if operator == "$rename":
            if not operand:
                raise QueryError(f"$rename of {self._owner}.{key} names no new path")
            if _is_id(operand):
                old = self._document_id()
                raise id_change(self._owner, f"$rename of {key!r}", old)
            self._claim(operator, operand)
        self.update.setdefault(operator, {})[key] = operand

    def _keeps_id(self, operator: str, key: str, operand: Any) -> bool:
        """Whether a change of ``_id`` may be left out, since it is none."""
        if operator == "$setOnInsert":
            return False
        old, new = self._document_id(), operand if operator == "$set" else UNKNOWN
        if key == "_id" and UNKNOWN not in (old, new) and same_id(old, new):
            return True
        raise id_change(self._owner, operator, old, new if key == "_id" else UNKNOWN)

    def _claim(self, operator: str, key: str) -> None:
        self._check_arrays(operator, key)
        above = [key[:at] for at, letter in enumerate(key) if letter == "."]
        clash = key if key in self._taken else self._above.get(key)
        clash = clash or next((one for one in above if one in self._taken), None)
        self._has_each = self._has_each or "$[]" in key
        if clash is None and self._has_each:
            clash = next((one for one in self._taken if _overlap(one, key)), None)
        if clash is not None:
            raise QueryError(
                f"conflicting changes of {self._owner}: "
                f"{self._taken[clash]} of {clash!r} and {operator} of {key!r}"
            )
        self._taken[key] = operator
        self._above.update(dict.fromkeys(above, key))

    def _check_loss(self, operator: str, key: str) -> None:
        """Refuse to take away what a document must have."""
        spec = self._shape.leading_to(key)
        if spec is None:
            return
        step = key.rpartition(".")[2]
        if operator == "$unset" and (step.isdecimal() or step[:1] == "$"):
            # What is taken out of an array leaves a null.
            whole(spec, None, f"{self._owner}.{key}")
        if spec.required:
            raise QueryError(
                f"{operator} of {key!r}: a {self._owner} without it could not be read"
            )

    def _check_arrays(self, operator: str, key: str) -> None:
        """Refuse a path into an array that does not say which elements it means."""
        if "." not in key:
            return
        for array, step in self._shape.arrays(key):
            if operator == "$rename":
                raise QueryError(
                    f"$rename of {key!r}: it cannot reach into an array, and "
                    f"{self._owner}.{array} is one"
                )
            if not step.isdecimal() and step[:1] != "$":
                raise QueryError(
                    f"{operator} of {key!r}: {self._owner}.{array} is an array; say "
                    "which elements: [0], .each, .matched or .filtered('x') in a path, "
                    "0, $[], $ or $[x] in a name"
                )


def _is_id(key: str) -> bool:
    return key == "_id" or key.startswith("_id.")


def _changes_id(operator: str, key: str) -> bool:
    return _is_id(key) and operator not in ("$set", "$setOnInsert")


def _overlap(one: str, other: str) -> bool:
    """Whether two paths may lead to the same place: ``$[]`` is every element."""
    steps = zip(one.split("."), other.split("."), strict=False)
    return all(a == b or _both_elements(a, b) for a, b in steps)


def _both_elements(one: str, other: str) -> bool:
    return "$[]" in (one, other) and all(
        step.isdecimal() or step[:1] == "$" for step in (one, other)
    )


def _new_name(to: str, shape: Shape) -> str:
    """Where ``$rename`` moves a value: a field's stored key, or the name as it is."""
    if isinstance(to, StoredKey):
        return str(to)
    try:
        return shape.locate(to)[0]
    except UnknownFieldError:
        return to


def _add_document(build: _Builder, change: Mapping[Any, Any], shape: Shape) -> None:
    operators = [isinstance(key, str) and key[:1] == "$" for key in change]
    if not any(operators):
        change = {"$set": change}
    elif not all(operators):
        raise QueryError(
            "an update dict holds operators or plain fields, not both: "
            + ", ".join(map(str, change))
        )
    for operator, fields in change.items():
        if operator not in _OPERATORS:
            raise _unknown(operator)
        if not isinstance(fields, Mapping):
            raise QueryError(f"{operator} needs a dict of fields, not {fields!r:.80}")
        for name, value in fields.items():
            key, spec, where = _field(name, shape)
            if operator == "$rename":
                value = _field(value, shape)[0]
            elif operator in OPERANDS and not _changes_id(operator, key):
                value = OPERANDS[operator](spec, value, where)
            build.add(operator, key, value)


def _unknown(operator: Any) -> QueryError:
    near = difflib.get_close_matches(str(operator), _OPERATORS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return QueryError(f"{operator} is no operator of an update{hint}")
