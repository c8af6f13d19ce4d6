"""
What a class says of one field, or of its private attributes, in the plan's words.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pydantic
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from ..codec.plan import MISSING
from ..fields import Field, Index, Stored

__all__ = [
    "default_of",
    "index_of",
    "names_given",
    "private_of",
    "serializer_of",
    "stored_key",
    "validators_of",
]


def stored_key(cls: type[BaseModel], name: str) -> str:
    """The stored key of a field: our own metadata, never pydantic's alias."""
    for mark in cls.model_fields[name].metadata:
        if isinstance(mark, Stored) and mark.name is not None:
            return mark.name
        if isinstance(mark, Field) and (said := mark.options.get("stored")):
            return str(said)
    return "_id" if name == "id" and hasattr(cls, "__mongolane_id__") else name


def validators_of(cls: type[BaseModel], name: str) -> list[Any]:
    """A class's validators of one field, as metadata with the same effect."""
    made = {
        "before": pydantic.BeforeValidator,
        "after": pydantic.AfterValidator,
        "wrap": pydantic.WrapValidator,
        "plain": pydantic.PlainValidator,
    }
    found: list[Any] = []
    for one in cls.__pydantic_decorators__.field_validators.values():
        if name in one.info.fields or "*" in one.info.fields:
            found.append(made[one.info.mode](one.func))
    return found


def serializer_of(cls: type[BaseModel], name: str) -> list[Any]:
    """A class's serializer of one field, as metadata with the same effect."""
    found = cls.__pydantic_decorators__
    all_names = [one.info.fields for one in found.field_serializers.values()]
    if found.model_serializers or not any({name, "*"} & {*some} for some in all_names):
        return []

    def serialized(value: Any, info: pydantic.SerializationInfo) -> Any:
        holder = cls.__new__(cls)
        object.__setattr__(holder, "__dict__", {name: value})
        object.__setattr__(holder, "__pydantic_fields_set__", {name})
        object.__setattr__(holder, "__pydantic_extra__", None)
        object.__setattr__(holder, "__pydantic_private__", None)
        return cls.__pydantic_serializer__.to_python(
            holder, mode=info.mode, include={name}, by_alias=False
        )[name]

    return [pydantic.PlainSerializer(serialized)]


def index_of(marks: list[Any], declared: Field[Any] | None) -> Index | None:
    """The index that a field asks for."""
    index = next((one for one in marks if isinstance(one, Index)), None)
    if declared is None:
        return index
    said = declared.options.get("index")
    if said:
        index = Index() if said is True else said
    if declared.unique:
        options = {**(index.options if index else {}), "unique": True}
        way = index.direction if index else 1
        index = Index(direction=way, **{"name": f"{declared.name}_unique", **options})
    return index


def names_given(name: str, info: FieldInfo) -> tuple[str, ...]:
    """The names that a constructor takes a field by; none if they are not so clear."""
    alias = info.validation_alias
    if alias is None:
        return (name,)
    choices = alias.choices if isinstance(alias, pydantic.AliasChoices) else [alias]
    texts = tuple(one for one in choices if isinstance(one, str))
    # Where only some names are aliases, settings say whether the field's own counts.
    return texts if len(texts) == len(choices) and name in texts else ()


def default_of(info: FieldInfo) -> tuple[Any, Callable[[], Any] | None]:
    """A field's default, and what makes it, as the plan has them."""
    if info.default_factory is not None:
        return MISSING, info.default_factory  # type: ignore[return-value]
    value = info.default
    if value is PydanticUndefined:
        return MISSING, None
    try:
        hash(value)
    except TypeError:
        return MISSING, _copier(value)
    return value, None


def private_of(cls: type[BaseModel]) -> dict[str, Any] | None:
    """What private attributes begin with, or what makes it; None: there are none."""
    private: dict[str, Any] = {}
    for name, one in cls.__private_attributes__.items():
        if one.default_factory is not None:
            private[name] = one.default_factory
        elif one.default is not PydanticUndefined:
            value = one.default
            simple = isinstance(value, (str, int, float, bool, type(None), tuple))
            private[name] = value if simple else _copier(value)
    return private or ({} if cls.__private_attributes__ else None)


def _copier(value: Any) -> Callable[[], Any]:
    return lambda: copy.deepcopy(value)
