"""
Text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

from ..codec.plan import Kind, Scalar, Through
from ..errors import FieldError, StringLengthError, StringPatternError, StringValueError
from .field import Field

__all__ = ["StringField"]


class StringField(Field[str]):
    """
    Text, at most so long, matching a pattern.

    Args:
        min_length: in code points.
        max_length: in code points.
        regex: text or a compiled pattern; must match at the start of the value.
        kwargs: what every ``Field`` takes.
    """

    error: ClassVar[type[FieldError]] = StringValueError
    held_as: type | None = str

    min_length: int | None
    max_length: int | None

    def __init__(
        self,
        min_length: int | None = None,
        max_length: int | None = None,
        regex: str | re.Pattern[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(type=str, **kwargs)
        self.min_length, self.max_length = min_length, max_length
        self.regex: re.Pattern[str] | None = (
            re.compile(regex) if isinstance(regex, str) else regex
        )

    @property
    def narrows(self) -> bool:
        limits = (self.min_length, self.max_length, self.regex)
        return any(one is not None for one in limits)

    def validate(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.problem(StringValueError, "must be text", value)
        if self.min_length is not None and len(value) < self.min_length:
            text = f"must have at least {self.min_length} characters"
            raise self.problem(StringLengthError, text, value)
        if self.max_length is not None and len(value) > self.max_length:
            text = f"must have at most {self.max_length} characters"
            raise self.problem(StringLengthError, text, value)
        if self.regex is not None and not self.regex.match(value):
            text = f"must match {self.regex.pattern!r}"
            raise self.problem(StringPatternError, text, value)
        return value

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        if self.regex is not None:
            return Through(self.validate, _same, "a pattern of Python's")
        return Scalar("str", min_length=self.min_length, max_length=self.max_length)

    def json_schema(self) -> dict[str, Any]:
        said = {"minLength": self.min_length, "maxLength": self.max_length}
        if self.regex is not None:
            said["pattern"] = self.regex.pattern  # type: ignore[assignment]
        kept = {key: value for key, value in said.items() if value is not None}
        return {**super().json_schema(), **kept} if not self._optional() else {}

    def _optional(self) -> bool:
        # Beside an "anyOf" of text and null, limits would also bind the null.
        return not self.required


def _same(value: Any) -> Any:
    return value
