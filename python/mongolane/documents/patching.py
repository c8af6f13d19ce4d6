"""
A document takes over what was set in another model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from operator import is_not
from typing import Any

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo
from pydantic_core import MISSING

from ..errors import FieldError, QueryError, UnknownFieldError
from ..expressions.identity import id_change, same_id
from ..schema import FieldSchema, Schema, describe

__all__ = ["builds_on_another", "patched"]


@contextmanager
def patched(document: Any, changes: BaseModel | Mapping[str, Any]) -> Iterator[None]:
    """
    Set the fields that were set in ``changes``; undo it when what follows fails.

    All of them are checked first.

    Raises:
        UnknownFieldError: for a name that the document does not declare.
        ValueError: for a value that a field does not take, and for another id.
    """
    given = _given(document, changes)
    checked = _checked(document, given)
    undeclared = given.keys() - describe(type(document)).fields.keys()
    held, known = dict(document.__dict__), set(document.__pydantic_fields_set__)
    more = dict(document.__pydantic_extra__ or {})
    document.__dict__.update(checked)
    document.__pydantic_fields_set__.update(checked, undeclared)
    for name in undeclared:
        document.__pydantic_extra__[name] = given[name]
    try:
        yield
    except BaseException:
        document.__dict__.clear()
        document.__dict__.update(held)
        document.__pydantic_fields_set__.intersection_update(known)
        if undeclared:
            document.__pydantic_extra__.clear()
            document.__pydantic_extra__.update(more)
        raise


def _checked(document: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The values of declared fields, as the document will hold them."""
    schema = describe(type(document))
    given.pop(schema.version or "", None)
    checked = {}
    for name, value in given.items():
        one = schema.fields.get(name)
        if one is None:
            continue
        if one.key != "_id":
            checked[name] = _value(one, value, document.__dict__.get(name))
        elif value is not None:
            new = one.validate(value)
            if not same_id(document.id, new):
                raise id_change(schema.cls.__name__, "patch", document.id, new)
    return checked


def _value(one: FieldSchema, value: Any, held: Any) -> Any:
    """A field's new value; a part of another class changes what was set in it."""
    try:
        return one.validate(value)
    except FieldError:
        inside = _opened(value, held)
        if inside is value:
            raise
        return one.validate(inside)


def _opened(value: Any, held: Any) -> Any:
    """Models of a body as what was set in them, upon what is there; else the same."""
    if isinstance(value, RootModel):
        return _opened(value.root, held.root if isinstance(held, RootModel) else held)
    if isinstance(value, BaseModel):
        base = dict(held) if isinstance(held, BaseModel) else {}
        return base | {
            name: _opened(one, base.get(name)) for name, one in _set_in(value).items()
        }
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: _opened(getattr(value, one.name), None) for one in fields(value)
        }
    if isinstance(value, (list, tuple)):
        items = [_opened(one, None) for one in value]
        return items if any(map(is_not, items, value)) else value
    if isinstance(value, Mapping):
        old = held if isinstance(held, Mapping) else {}
        parts = {key: _opened(one, old.get(key)) for key, one in value.items()}
        return parts if any(map(is_not, parts.values(), value.values())) else value
    return value


def _set_in(changes: BaseModel) -> dict[str, Any]:
    """What was set in a model; pydantic's ``MISSING`` is nothing."""
    given = {name: getattr(changes, name) for name in changes.model_fields_set}
    return {name: one for name, one in given.items() if one is not MISSING}


def builds_on_another(document: Any, changes: BaseModel | Mapping[str, Any]) -> bool:
    """Whether ``changes`` name a version, and it is not the document's."""
    name = describe(type(document)).version
    version = None if name is None else _given(document, changes).get(name)
    return version is not None and version != document.__dict__.get(name)


def _given(document: Any, changes: BaseModel | Mapping[str, Any]) -> dict[str, Any]:
    """What was set, by the names of the document's fields."""
    schema = describe(type(document))
    if isinstance(changes, BaseModel):
        declared = type(changes).model_fields
        return {
            _field_name(schema, (name, *_aliases(declared.get(name)))): value
            for name, value in _set_in(changes).items()
        }
    if not isinstance(changes, Mapping):
        kind = type(changes).__name__
        raise QueryError(f"a patch is a model or a dict, not a {kind}")
    return {_field_name(schema, (name,)): value for name, value in changes.items()}


def _field_name(schema: Schema, names: tuple[Any, ...]) -> str:
    """The field that has one of these names, or aliases."""
    for name in names:
        name = "id" if name == "_id" else name
        if name in schema.fields:
            return str(name)
        for one in schema.fields.values():
            if name in _aliases(one.info):
                return one.name
    if schema.shape.open:
        return str(names[0])
    raise UnknownFieldError(schema.cls.__name__, names[0], schema.fields)


def _aliases(info: FieldInfo | None) -> list[str]:
    """What a field is called in a request, besides its name."""
    found = () if info is None else (info.validation_alias, info.alias)
    return [one for one in found if isinstance(one, str)]
