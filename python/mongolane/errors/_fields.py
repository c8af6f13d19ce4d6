"""
What field objects raise: one family a field, each of them a ValueError.

The facts are attributes, so that nobody has to read them out of the message.
"""

from __future__ import annotations

from typing import Any

from ._base import MongolaneError

__all__ = [
    "BinaryDecodingError",
    "BinaryFieldError",
    "BooleanFieldError",
    "DateTimeFieldError",
    "DateTimeFormatError",
    "DateTimeValueError",
    "EmbeddedDocumentFieldError",
    "EmbeddedDocumentTypeError",
    "EnumFieldError",
    "FieldError",
    "FloatFieldError",
    "FloatRangeError",
    "FloatValueError",
    "GeoCoordinateError",
    "GeoJSONFieldError",
    "IntegerFieldError",
    "IntegerRangeError",
    "IntegerValueError",
    "InvalidBinaryTypeError",
    "InvalidEnumTypeError",
    "InvalidEnumValueError",
    "ListFieldError",
    "ListItemTypeError",
    "ListValueTypeError",
    "MissingTypeAnnotationError",
    "ReferenceConversionError",
    "ReferenceFieldError",
    "ReferenceTypeError",
    "ReferenceValueError",
    "StringFieldError",
    "StringLengthError",
    "StringPatternError",
    "StringValueError",
]


class FieldError(MongolaneError, ValueError):
    """
    A value that a field does not take.

    Attributes:
        document: the class's name, None for a field outside any class.
        field: the field's name.
        value: what was given; None when the field holds a secret.
        told: the message without place and value.
    """

    __module__ = "mongolane.errors"

    document: str | None
    field: str | None
    value: Any
    told: str

    def __init__(
        self,
        message: str = "",
        document: str | None = None,
        field: str | None = None,
        value: Any = None,
    ) -> None:
        where = ".".join(part for part in (document, field) if part)
        super().__init__(f"{where}: {message}" if where else message)
        self.reason = self.told = message
        self.document, self.field, self.value = document, field, value

    def __reduce__(self) -> tuple[Any, ...]:
        facts = (self.reason, self.document, self.field, self.value)
        return type(self), facts, self.__dict__


class MissingTypeAnnotationError(FieldError, TypeError):
    """
    A hash function does not say what it takes. Kept for its name; nothing raises it,
    since a function without annotations is given text.
    """

    __module__ = "mongolane.errors"


class BinaryFieldError(FieldError):
    """A value does not fit its BinaryField."""

    __module__ = "mongolane.errors"


class InvalidBinaryTypeError(BinaryFieldError):
    """The value is neither text nor bytes."""

    __module__ = "mongolane.errors"


class BinaryDecodingError(BinaryFieldError):
    """The bytes could not be decoded, or the text not encoded."""

    __module__ = "mongolane.errors"


class BooleanFieldError(FieldError):
    """The value is neither True nor False."""

    __module__ = "mongolane.errors"


class DateTimeFieldError(FieldError):
    """A value does not fit its DateTimeField."""

    __module__ = "mongolane.errors"


class DateTimeFormatError(DateTimeFieldError):
    """The text is in none of the field's formats."""

    __module__ = "mongolane.errors"


class DateTimeValueError(DateTimeFieldError):
    """The value is no date."""

    __module__ = "mongolane.errors"


class EmbeddedDocumentFieldError(FieldError):
    """A value does not fit its EmbeddedDocumentField."""

    __module__ = "mongolane.errors"


class EmbeddedDocumentTypeError(EmbeddedDocumentFieldError):
    """The value is no instance of the embedded type, and no mapping that makes one."""

    __module__ = "mongolane.errors"


class EnumFieldError(FieldError):
    """A value does not fit its EnumField."""

    __module__ = "mongolane.errors"


class InvalidEnumTypeError(EnumFieldError):
    """The value is of a type that no member has."""

    __module__ = "mongolane.errors"


class InvalidEnumValueError(EnumFieldError):
    """No member has the value."""

    __module__ = "mongolane.errors"


class FloatFieldError(FieldError):
    """A value does not fit its FloatField."""

    __module__ = "mongolane.errors"


class FloatRangeError(FloatFieldError):
    """The number is too small or too large."""

    __module__ = "mongolane.errors"


class FloatValueError(FloatFieldError):
    """The value is no number."""

    __module__ = "mongolane.errors"


class GeoJSONFieldError(FieldError):
    """A value does not fit its GeoJSONField."""

    __module__ = "mongolane.errors"


class GeoCoordinateError(GeoJSONFieldError):
    """The value is no point on earth."""

    __module__ = "mongolane.errors"


class IntegerFieldError(FieldError):
    """A value does not fit its IntegerField."""

    __module__ = "mongolane.errors"


class IntegerRangeError(IntegerFieldError):
    """The number is too small or too large."""

    __module__ = "mongolane.errors"


class IntegerValueError(IntegerFieldError):
    """The value is no integer."""

    __module__ = "mongolane.errors"


class ListFieldError(FieldError):
    """A value does not fit its ListField."""

    __module__ = "mongolane.errors"


class ListItemTypeError(ListFieldError):
    """An item does not fit."""

    __module__ = "mongolane.errors"


class ListValueTypeError(ListFieldError):
    """The value is no list."""

    __module__ = "mongolane.errors"


class ReferenceFieldError(FieldError):
    """A value does not fit its ReferenceField."""

    __module__ = "mongolane.errors"


class ReferenceConversionError(ReferenceFieldError):
    """The text is no id."""

    __module__ = "mongolane.errors"


class ReferenceTypeError(ReferenceFieldError, TypeError):
    """The value is neither a saved document of the class nor an id."""

    __module__ = "mongolane.errors"


class ReferenceValueError(ReferenceFieldError):
    """The reference leads nowhere, where it had to lead somewhere."""

    __module__ = "mongolane.errors"


class StringFieldError(FieldError):
    """A value does not fit its StringField."""

    __module__ = "mongolane.errors"


class StringLengthError(StringFieldError):
    """The text is too short or too long."""

    __module__ = "mongolane.errors"


class StringPatternError(StringFieldError):
    """The text does not match the pattern."""

    __module__ = "mongolane.errors"


class StringValueError(StringFieldError):
    """The value is no text."""

    __module__ = "mongolane.errors"
