"""
The fields of a class, also of one that was made of a generic class.

In ``Tree[int]``, pydantic leaves a mark of its own where the class holds itself. What
is meant there is read off ``Tree``, which says it with type variables.
"""

from __future__ import annotations

import copy
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..fields import filled

__all__ = ["fields_of"]


def fields_of(cls: type[BaseModel]) -> dict[str, FieldInfo]:
    """Pydantic's description of each field, with no mark in place of a class."""
    return {
        name: _whole(cls, name, info) if _is_marked(info.annotation) else info
        for name, info in cls.model_fields.items()
    }


def _is_marked(annotation: Any) -> bool:
    # The mark is one of pydantic's internals; it says which class it stands for.
    if hasattr(annotation, "type_ref"):
        return True
    return any(map(_is_marked, get_args(annotation)))


def _whole(cls: type[BaseModel], name: str, info: FieldInfo) -> FieldInfo:
    for one in cls.__mro__:
        made = getattr(one, "__pydantic_generic_metadata__", None) or {}
        generic = made.get("origin")
        if generic is not None and name in generic.model_fields:
            open_ = generic.__pydantic_generic_metadata__["parameters"]
            given = dict(zip(open_, made["args"], strict=True))
            info = copy.copy(info)
            said = fields_of(generic)[name].annotation
            info.annotation = filled(said, given)
            return info
    return info
