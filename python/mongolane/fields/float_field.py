"""
Floating point numbers.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..errors import FieldError, FloatRangeError, FloatValueError
from ._number import NumberField

__all__ = ["FloatField"]


class FloatField(NumberField[float]):
    """
    A double; an int becomes one. NaN is outside of any limits.

    Args:
        min_value: the smallest that is allowed.
        max_value: the largest that is allowed.
        kwargs: what every ``Field`` takes.
    """

    error: ClassVar[type[FieldError]] = FloatValueError
    held_as: type | None = float
    range_error: ClassVar[type[FieldError]] = FloatRangeError
    tag = "float"

    def __init__(
        self,
        min_value: float | None = None,
        max_value: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(min_value, max_value, **{**kwargs, "type": float})

    def validate(self, value: Any) -> float:
        if not isinstance(value, (int, float)):
            raise self.problem(FloatValueError, "must be a number", value)
        try:
            return self.limit(float(value))
        except OverflowError:
            raise self.problem(FloatRangeError, "must fit a double", value) from None
