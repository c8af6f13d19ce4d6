"""
``motormongo.fields.boolean_field`` by its old path.
"""

from mongolane.fields import BooleanField

__all__ = ["BooleanField"]
