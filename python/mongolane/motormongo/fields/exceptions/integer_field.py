"""
The errors of ``integer_field`` by their old path.
"""

from mongolane.errors import IntegerFieldError, IntegerRangeError, IntegerValueError

__all__ = ["IntegerFieldError", "IntegerRangeError", "IntegerValueError"]
