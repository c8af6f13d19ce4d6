"""
Points in time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from ..codec.plan import DateTime, Kind
from ..errors import DateTimeFormatError, DateTimeValueError, FieldError
from .field import Field

__all__ = ["DateTimeField", "millisecond"]

_FORMATS = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y",
    "%B %d, %Y %H:%M:%S",
    "%B %d, %Y",
    "%Y%m%dT%H%M%S",
    "%Y%m%d",
)
_ISO = TypeAdapter(datetime)


def millisecond(value: datetime) -> datetime:
    """The same moment as BSON can hold it: aware UTC, whole milliseconds."""
    value = value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class DateTimeField(Field[datetime]):
    """
    A moment, held as a database can give it back: aware UTC, in milliseconds.

    Args:
        auto_now: set to the current time at each write.
        auto_now_add: set to the current time at the first write.
        datetime_formats: formats for text, and no others. When None: thirteen usual
            ones, and ISO 8601 with an offset or ``Z``.
        kwargs: what every ``Field`` takes, and ``aware=False`` for naive UTC.
    """

    error: ClassVar[type[FieldError]] = DateTimeValueError
    held_as: type | None = datetime

    auto_now: bool
    auto_now_add: bool

    if TYPE_CHECKING:
        # Text and dates become moments.
        def __set__(self, instance: Any, value: str | date | None, /) -> None: ...

    def __init__(
        self,
        auto_now: bool = False,
        auto_now_add: bool = False,
        datetime_formats: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.aware: bool = kwargs.pop("aware", True)
        super().__init__(type=datetime, **kwargs)
        self.auto_now, self.auto_now_add = auto_now, auto_now_add
        self.datetime_formats: list[str] = datetime_formats or list(_FORMATS)
        self._takes_iso = not datetime_formats

    @property
    def narrows(self) -> bool:
        # To UTC, and to milliseconds.
        return True

    def validate(self, value: Any) -> datetime:
        if isinstance(value, str):
            value = self._parse(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        if not isinstance(value, datetime):
            raise self.problem(DateTimeValueError, "must be a datetime", value)
        moment = millisecond(value)
        return moment if self.aware else moment.replace(tzinfo=None)

    def _parse(self, text: str) -> datetime:
        for form in self.datetime_formats:
            try:
                moment = datetime.strptime(text, form)  # noqa: DTZ007 (%z may be there)
            except ValueError:
                continue
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if self._takes_iso and not _is_number(text):
            with contextlib.suppress(ValidationError):
                iso: datetime = _ISO.validate_python(text)
                return iso
        known = "must be in one of the formats " + ", ".join(self.datetime_formats)
        raise self.problem(DateTimeFormatError, known, text)

    def kind(self, model: Callable[[Any], Kind]) -> Kind:
        return DateTime(self.aware)


def _is_number(text: str) -> bool:
    """Whether pydantic would take a text for the seconds since 1970."""
    try:
        float(text)
    except ValueError:
        return False
    return True
