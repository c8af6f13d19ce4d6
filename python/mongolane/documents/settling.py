"""
Lists that were changed in place: made what assignment would have made of them.

Assignment checks a whole value, ``user.tags.append(5)`` asks nobody. Before a document
is written, items that the field may not take as they are go through its ``validate``:
what is wrong is refused, a dict becomes the embedded document, plain text its hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from ..fields import ListField
from ..schema import Schema, describe
from .secrets import hash_secrets
from .stamps import holders

__all__ = ["settle", "settle_own"]


def settle(instance: Any) -> None:
    """
    Check what was put into the lists of a document, and of all that it embeds.

    Raises:
        ListItemTypeError: an item does not fit; names document and field.
    """
    settle_own(instance)
    held = instance.__dict__
    for name in holders(describe(type(instance))):
        for inner in _models(held.get(name)):
            settle(inner)


def settle_own(instance: Any) -> None:
    """The same of what a document holds itself: for one whose parts have no lists."""
    schema = describe(type(instance))
    held = instance.__dict__
    hash_secrets(instance)
    listed, secret = _looked_at(schema)
    for name, field in listed:
        value = held.get(name)
        if isinstance(value, list):
            _settle_list(field, value)
    for name in secret:
        if _has_dicts(value := held.get(name)):
            held[name] = schema.fields[name].validate(value)


def _looked_at(schema: Schema) -> _Known:
    """Lists that say what is in them, and fields whose dicts may hold secrets."""
    found = _known.get(schema)
    if found is None:
        fields = [(name, one.field) for name, one in schema.fields.items()]
        listed = [(name, one) for name, one in fields if isinstance(one, ListField)]
        plain = [name for name, one in fields if one is None]
        found = _known[schema] = listed, plain if _has_secrets(schema) else []
    return found


_Known = tuple[list[tuple[str, ListField[Any]]], list[str]]
_known: WeakKeyDictionary[Schema, _Known] = WeakKeyDictionary()


def _settle_list(field: ListField[Any], value: list[Any]) -> None:
    item = field.field
    if item is None:
        return
    types = set(map(type, value))
    if isinstance(item, ListField) and types <= {list}:
        for one in value:
            _settle_list(item, one)
    elif item.narrows or types - {item.held_as}:
        # In place: the application may hold on to its list.
        value[:] = field.validate(value)


def _has_secrets(schema: Schema) -> bool:
    return bool(schema.cls.model_config.get("hide_input_in_errors"))


def _has_dicts(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def _models(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    items = value if isinstance(value, (list, tuple)) else (value,)
    return [one for one in items if BaseModel in type(one).__mro__]
