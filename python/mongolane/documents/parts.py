"""
The models that a document is made of: itself, and all that it embeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from ..schema import describe
from .stamps import holders

__all__ = ["embedded", "models_in"]


def models_in(instance: Any) -> Iterator[Any]:
    """A document and all it embeds, at any depth."""
    yield instance
    for _, inner in embedded(instance):
        for one in inner:
            yield from models_in(one)


def embedded(instance: Any) -> Iterator[tuple[str, list[Any]]]:
    """Stored keys, and the models that are directly there."""
    schema = describe(type(instance))
    for name in holders(schema):
        value = instance.__dict__.get(name)
        items = value if isinstance(value, list) else [value]
        models = [one for one in items if BaseModel in type(one).__mro__]
        if models and len(models) == len(items):
            yield schema.fields[name].key, models
