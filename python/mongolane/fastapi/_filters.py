"""
A filter out of a request's parameters, which can hold values and nothing else.

Each parameter is declared: its name, the field, and what is asked of it. FastAPI
checks its value against the field's own type, so a value is never a dict, and
an operator is only ever one that was declared here.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pydantic
from fastapi import Query

from ..errors import ConfigurationError, UnknownFieldError
from ..expressions import Path
from ..fields import told

__all__ = [
    "Ask",
    "all_of",
    "at_least",
    "at_most",
    "contains",
    "equals",
    "filter_by",
    "one_of",
]

_LONGEST = 1000
_MOST = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """
    What a parameter asks of a field.

    Attributes:
        field: the field's path in the class, joined by dots.
        operator: the query operator.
        many: whether the parameter may come several times.
    """

    field: str | Path[Any]
    operator: str
    many: bool = False


def equals(field: str | Path[Any]) -> Ask:
    """The field has the value."""
    return Ask(field, "$eq")


def at_least(field: str | Path[Any]) -> Ask:
    """The field is the value or more."""
    return Ask(field, "$gte")


def at_most(field: str | Path[Any]) -> Ask:
    """The field is the value or less."""
    return Ask(field, "$lte")


def one_of(field: str | Path[Any]) -> Ask:
    """The field has one of the values: ``?city=Porto&city=Oahu``."""
    return Ask(field, "$in", many=True)


def all_of(field: str | Path[Any]) -> Ask:
    """The list holds all of the values."""
    return Ask(field, "$all", many=True)


def contains(field: str | Path[Any]) -> Ask:
    """The text has the value in it, as it stands there, in any case."""
    return Ask(field, "$regex")


def filter_by(
    model: type[pydantic.BaseModel], **parameters: str | Path[Any] | Ask
) -> Callable[..., dict[str, Any]]:
    """
    A dependency that turns request parameters into a filter::

        Wanted = Annotated[dict, Depends(filter_by(Stay, city="address.market",
                                                   max_price=at_most("price")))]

    Args:
        model: the class whose fields are asked about.
        parameters: name to field (then it must be equal), or to an ``Ask``.

    Raises:
        ConfigurationError: a field whose values cannot stand in a request.
        UnknownFieldError: a field the class does not declare.
    """
    asked = {
        name: one if isinstance(one, Ask) else equals(one)
        for name, one in parameters.items()
    }
    keys = {name: _key(model, ask) for name, ask in asked.items()}

    def given(**values: Any) -> dict[str, Any]:
        return _filter(asked, keys, values)

    given.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [_parameter(model, name, ask) for name, ask in asked.items()],
        return_annotation=dict[str, Any],
    )
    return given


def _filter(
    asked: Mapping[str, Ask], keys: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        if value is None or value == []:
            continue
        operator = asked[name].operator
        condition = found.setdefault(keys[name], {})
        if operator == "$regex":
            condition.update({"$regex": re.escape(value), "$options": "i"})
        else:
            condition[operator] = value
    return found


def _parameter(
    model: type[pydantic.BaseModel], name: str, ask: Ask
) -> inspect.Parameter:
    kind = str if ask.operator == "$regex" else _scalar(model, ask)
    query = Query(max_length=_MOST) if ask.many else Query()
    if kind is str and not ask.many:
        query = Query(max_length=_LONGEST)
    if ask.operator == "$regex":
        kind = Annotated[str, pydantic.AfterValidator(_searchable)]
    wanted = list[kind] if ask.many else kind  # type: ignore[valid-type]
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[wanted | None, query],
    )


def _searchable(text: str) -> str:
    if "\0" in text:
        raise ValueError("no text with a NUL in it can be searched for")
    return text


def _key(model: type[pydantic.BaseModel], ask: Ask) -> str:
    """The path in Python's names: what a filter given as a dict is written in."""
    names = _names(ask)
    _annotation(model, names)
    return ".".join(names)


def _names(ask: Ask) -> list[str]:
    return str(ask.field).split(".")


def _scalar(model: type[pydantic.BaseModel], ask: Ask) -> Any:
    kind = _bare(_annotation(model, _names(ask)))
    if get_origin(kind) in (list, set, tuple, frozenset):
        kind = _bare(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return kind
    usable = isinstance(kind, type) and not issubclass(
        kind, (pydantic.BaseModel, dict, list, set, tuple)
    )
    if not usable or kind in (object, Any):
        raise ConfigurationError(
            f"{model.__name__}.{'.'.join(_names(ask))} is {kind!r}, and a value of it "
            "cannot stand in a request's parameter"
        )
    return told(kind)


def _annotation(model: type[pydantic.BaseModel], names: list[str]) -> Any:
    kind: Any = model
    for name in names:
        kind = _bare(kind)
        if get_origin(kind) in (list, set, tuple, frozenset):
            kind = _bare(get_args(kind)[0])
        fields = getattr(kind, "model_fields", None) or {}
        if name == "_id":
            name = "id"
        if name not in fields:
            owner = getattr(kind, "__name__", str(kind))
            raise UnknownFieldError(owner, name, fields)
        kind = fields[name].annotation
    return kind


def _bare(kind: Any) -> Any:
    """The type without Optional and Annotated."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif get_origin(kind) in (Union, types.UnionType):
            rest = [one for one in get_args(kind) if one is not types.NoneType]
            if len(rest) != 1:
                return kind
            kind = rest[0]
        else:
            return kind
