"""
A document takes over what was set in another model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from ..errors import QueryError, UnknownFieldError
from ..expressions.identity import id_change, same_id
from ..schema import describe

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
    checked = _checked(document, _given(changes))
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


def _checked(document: Any, given: dict[Any, Any]) -> dict[str, Any]:
    schema = describe(type(document))
    given.pop(schema.version, None)
    checked = {}
    for name, value in given.items():
        one = schema.fields.get("id" if name == "_id" else name)
        if one is None:
            raise UnknownFieldError(schema.cls.__name__, name, schema.fields)
        if one.key != "_id":
            checked[name] = one.validate(value)
        elif value is not None:
            new = one.validate(value)
            if not same_id(document.id, new):
                raise id_change(schema.cls.__name__, "patch", document.id, new)
    return checked


def builds_on_another(document: Any, changes: BaseModel | Mapping[str, Any]) -> bool:
    """Whether ``changes`` name a version, and it is not the document's."""
    name = describe(type(document)).version
    version = None if name is None else _given(changes).get(name)
    return version is not None and version != document.__dict__.get(name)


def _given(changes: BaseModel | Mapping[str, Any]) -> dict[Any, Any]:
    if isinstance(changes, BaseModel):
        return {name: getattr(changes, name) for name in changes.model_fields_set}
    if not isinstance(changes, Mapping):
        kind = type(changes).__name__
        raise QueryError(f"a patch is a model or a dict, not a {kind}")
    return dict(changes)
