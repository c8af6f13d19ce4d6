"""
True and False.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..codec.plan import Kind, Scalar
from ..errors import BooleanFieldError, FieldError
from .field import Field

__all__ = ["BooleanField"]


class BooleanField(Field[bool]):
    """True or False; neither 1 nor "true"."""

    error: ClassVar[type[FieldError]] = BooleanFieldError
    held_as: type | None = bool

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(type=bool, **kwargs)

    def validate(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.problem(BooleanFieldError, "must be True or False", value)
        return value

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        return Scalar("bool")
