"""
A document takes over what was set in another model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

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
    checked = _checked(document, _given(document, changes))
    held, known = dict(document.__dict__), set(document.__pydantic_fields_set__)
    document.__dict__.update(checked)
    document.__pydantic_fields_set__.update(checked)
    try:
        yield
    except BaseException:
        document.__dict__.clear()
        document.__dict__.update(held)
        document.__pydantic_fields_set__.intersection_update(known)
        raise


def _checked(document: Any, given: dict[str, Any]) -> dict[str, Any]:
    schema = describe(type(document))
    given.pop(schema.version or "", None)
    checked = {}
    for name, value in given.items():
        one = schema.fields[name]
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
    """Models of a body as what was set in them, upon what is there."""
    if isinstance(value, BaseModel):
        base = dict(held) if isinstance(held, BaseModel) else {}
        given = {name: getattr(value, name) for name in value.model_fields_set}
        return base | {
            name: _opened(one, base.get(name)) for name, one in given.items()
        }
    if isinstance(value, (list, tuple)) and any(map(_is_model, value)):
        return [_opened(one, None) for one in value]
    if isinstance(value, Mapping) and any(map(_is_model, value.values())):
        old = held if isinstance(held, Mapping) else {}
        return {key: _opened(one, old.get(key)) for key, one in value.items()}
    return value


def _is_model(value: Any) -> bool:
    return isinstance(value, BaseModel)


def builds_on_another(document: Any, changes: BaseModel | Mapping[str, Any]) -> bool:
    """Whether ``changes`` name a version, and it is not the document's."""
    name = describe(type(document)).version
    version = None if name is None else _given(document, changes).get(name)
    return version is not None and version != document.__dict__.get(name)


def _given(document: Any, changes: BaseModel | Mapping[str, Any]) -> dict[str, Any]:
    """What was set, by the names of the document's fields."""
    schema = describe(type(document))
    if isinstance(changes, BaseModel):
        fields = type(changes).model_fields
        names = {
            name: (name, *_aliases(fields.get(name)))
            for name in changes.model_fields_set
        }
        return {
            _field_name(schema, several): getattr(changes, name)
            for name, several in names.items()
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
    raise UnknownFieldError(schema.cls.__name__, names[0], schema.fields)


def _aliases(info: FieldInfo | None) -> list[str]:
    """What a field is called in a request, besides its name."""
    found = () if info is None else (info.validation_alias, info.alias)
    return [one for one in found if isinstance(one, str)]
