"""
Integers.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..errors import FieldError, IntegerRangeError, IntegerValueError
from ._number import NumberField

__all__ = ["IntegerField"]

_INT64 = 2**63


class IntegerField(NumberField[int]):
    """
    An integer of at most 64 bits; not a float, not text.

    Args:
        min_value: the smallest that is allowed.
        max_value: the largest that is allowed.
        kwargs: what every ``Field`` takes.
    """

    error: ClassVar[type[FieldError]] = IntegerValueError
    held_as: type | None = int
    range_error: ClassVar[type[FieldError]] = IntegerRangeError
    tag = "int"

    def __init__(
        self, min_value: int | None = None, max_value: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(min_value, max_value, **{**kwargs, "type": int})

    def validate(self, value: Any) -> int:
        if not isinstance(value, int):
            raise self.problem(IntegerValueError, "must be an integer", value)
        value = int(value)
        if not -_INT64 <= value < _INT64:
            raise self.problem(IntegerRangeError, "must fit into 64 bits", value)
        return self.limit(value)
