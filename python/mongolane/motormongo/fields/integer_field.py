"""
``motormongo.fields.integer_field`` by its old path.
"""

from mongolane.fields import IntegerField

__all__ = ["IntegerField"]
