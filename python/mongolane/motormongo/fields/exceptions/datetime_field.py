"""
The errors of ``datetime_field`` by their old path.
"""

from mongolane.errors import DateTimeFieldError, DateTimeFormatError, DateTimeValueError

__all__ = ["DateTimeFieldError", "DateTimeFormatError", "DateTimeValueError"]
