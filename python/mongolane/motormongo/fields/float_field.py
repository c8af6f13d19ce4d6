"""
``motormongo.fields.float_field`` by its old path.
"""

from mongolane.errors import FloatRangeError, FloatValueError
from mongolane.fields import Field, FloatField

__all__ = ["Field", "FloatField", "FloatRangeError", "FloatValueError"]
