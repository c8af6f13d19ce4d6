"""
Members of an enumeration, held and stored by value.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, Flag
from typing import Any, ClassVar
from typing import Literal as OneOfThese

from pydantic_core import core_schema

from ..codec.plan import Kind, Literal, Through
from ..errors import (
    ConfigurationError,
    FieldError,
    InvalidEnumTypeError,
    InvalidEnumValueError,
)
from .bson_types import jsonable
from .field import Field

__all__ = ["EnumField"]


class NoEnumError(InvalidEnumTypeError, ConfigurationError, TypeError):
    """What is no enumeration was declared to be one."""


class EnumField(Field[Any]):
    """
    A member of ``enum``, given as the member or its value; an instance holds the value.

    Args:
        enum: the enumeration; its values may be of any type.
        kwargs: what every ``Field`` takes.
    """

    error: ClassVar[type[FieldError]] = InvalidEnumValueError

    def __init__(self, enum: type[Enum], **kwargs: Any) -> None:
        if not (isinstance(enum, type) and issubclass(enum, Enum)):
            raise NoEnumError(f"EnumField needs an enumeration, not {enum!r}")
        super().__init__(type=enum, **kwargs)
        self.enum = enum
        self.held_as: type | None = enum

    def member(self, value: Any) -> Enum:
        """The member that is meant."""
        if isinstance(value, self.enum):
            return value
        if isinstance(value, Enum):
            raise self.problem(InvalidEnumTypeError, self._expected(), value)
        try:
            return self.enum(value)
        except ValueError:
            types = tuple({type(one.value) for one in self.enum})
            known = isinstance(value, types)
            cls = InvalidEnumValueError if known else InvalidEnumTypeError
            raise self.problem(cls, self._expected(), value) from None

    def validate(self, value: Any) -> Any:
        return self.member(value).value

    def _expected(self) -> str:
        values = ", ".join(repr(one.value) for one in self.enum)
        return f"must be a {self.enum.__name__} (one of {values})"

    def _values(self) -> tuple[Any, ...] | None:
        if issubclass(self.enum, Flag):
            # Several that are set together are a value, too, and so is none.
            return None
        values = tuple(one.value for one in self.enum)
        simple = all(type(value) in (str, int, bool) for value in values)
        return values if simple and values else None

    def annotation(self) -> Any:
        values = self._values()
        return OneOfThese[values] if values else Any

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        if values := self._values():
            return Literal(values)
        # The kind of the enumeration itself, which gives members, knows their form.
        own: Any = model(self.enum)
        undo = getattr(getattr(own, "load", None), "undo", _same)

        def load(value: Any) -> Any:
            return self.validate(undo(value))

        load.undo = undo  # type: ignore[attr-defined]
        dump = getattr(own, "dump", _value)
        return Through(load, dump, "an enumeration of unusual values")

    def serializer(self) -> Any:
        if self._values():
            return None
        return core_schema.plain_serializer_function_ser_schema(
            jsonable, when_used="json-unless-none"
        )


def _same(value: Any) -> Any:
    return value


def _value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
