"""
What the fields for numbers share: limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from ..codec.plan import Kind, Scalar
from ..errors import FieldError
from .field import Field

__all__ = ["NumberField"]

N = TypeVar("N", int, float)


class NumberField(Field[N]):
    """A number between two limits."""

    range_error: ClassVar[type[FieldError]]
    tag: ClassVar[str]

    def __init__(
        self, min_value: N | None = None, max_value: N | None = None, **kwargs: Any
    ) -> None:
        super().__init__(type=kwargs.pop("type"), **kwargs)
        self.min_value: N | None = min_value
        self.max_value: N | None = max_value

    @property
    def narrows(self) -> bool:
        return self.min_value is not None or self.max_value is not None

    def limit(self, value: N) -> N:
        """The value, if it is within the limits."""
        # Written so that NaN, which compares False with everything, is outside.
        if self.min_value is not None and not value >= self.min_value:
            text = f"must be at least {self.min_value}"
            raise self.problem(self.range_error, text, value)
        if self.max_value is not None and not value <= self.max_value:
            text = f"must be at most {self.max_value}"
            raise self.problem(self.range_error, text, value)
        return value

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        return Scalar(self.tag, ge=self.min_value, le=self.max_value)

    def json_schema(self) -> dict[str, Any]:
        said = {"minimum": self.min_value, "maximum": self.max_value}
        kept = {key: value for key, value in said.items() if value is not None}
        return {**super().json_schema(), **kept} if self.required else {}
