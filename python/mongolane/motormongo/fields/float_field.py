"""
``motormongo.fields.float_field`` by its old path.
"""

from mongolane.fields import FloatField

__all__ = ["FloatField"]
