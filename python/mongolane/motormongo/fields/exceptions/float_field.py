"""
The errors of ``float_field`` by their old path.
"""

from mongolane.errors import FloatFieldError, FloatRangeError, FloatValueError

__all__ = ["FloatFieldError", "FloatRangeError", "FloatValueError"]
