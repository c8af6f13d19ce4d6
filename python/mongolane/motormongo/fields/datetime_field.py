"""
``motormongo.fields.datetime_field`` by its old path.
"""

from mongolane.errors import DateTimeFormatError, DateTimeValueError
from mongolane.fields import DateTimeField, Field

__all__ = ["DateTimeField", "DateTimeFormatError", "DateTimeValueError", "Field"]
