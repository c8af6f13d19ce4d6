"""
A document takes over what was set in another model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ..errors import UnknownFieldError
from ..schema import describe

__all__ = ["builds_on_another", "patch"]


def patch(document: Any, changes: BaseModel | Mapping[str, Any]) -> None:
    """
    Set the fields that were set in ``changes``; all of them are checked first.

    Raises:
        UnknownFieldError: for a name that the document does not declare.
        ValueError: for a value that a field does not take.
    """
    schema = describe(type(document))
    given = _given(changes)
    given.pop(schema.version, None)
    checked = {}
    for name, value in given.items():
        one = schema.fields.get(name)
        if one is None:
            raise UnknownFieldError(schema.cls.__name__, name, schema.fields)
        if one.key != "_id":
            checked[name] = one.validate(value)
    for name, value in checked.items():
        document.__dict__[name] = value
        document.__pydantic_fields_set__.add(name)


def builds_on_another(document: Any, changes: BaseModel | Mapping[str, Any]) -> bool:
    """Whether ``changes`` name a version, and it is not the document's."""
    name = describe(type(document)).version
    version = None if name is None else _given(changes).get(name)
    return version is not None and version != document.__dict__.get(name)


def _given(changes: BaseModel | Mapping[str, Any]) -> dict[Any, Any]:
    if isinstance(changes, BaseModel):
        return {name: getattr(changes, name) for name in changes.model_fields_set}
    return dict(changes)
