"""
``motormongo.fields.enum_field`` by its old path.
"""

from mongolane.fields import EnumField

__all__ = ["EnumField"]
