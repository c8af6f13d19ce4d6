"""
``motormongo.fields.integer_field`` by its old path.
"""

from mongolane.errors import IntegerRangeError, IntegerValueError
from mongolane.fields import Field, IntegerField

__all__ = ["Field", "IntegerField", "IntegerRangeError", "IntegerValueError"]
