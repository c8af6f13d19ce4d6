"""
The models that a document is made of: itself, and all that it embeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from ..schema import describe
from .stamps import holders

__all__ = ["models_in"]


def models_in(instance: Any) -> Iterator[Any]:
    """A document and all it embeds, at any depth."""
    yield instance
    held = instance.__dict__
    for name in holders(describe(type(instance))):
        for one in _models(held.get(name)):
            yield from models_in(one)


def _models(value: Any) -> Iterator[Any]:
    """The models in a value: itself, or what lists of them hold."""
    if isinstance(value, list):
        for one in value:
            yield from _models(one)
    elif BaseModel in type(value).__mro__:
        yield value
