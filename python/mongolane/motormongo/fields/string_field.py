"""
``motormongo.fields.string_field`` by its old path.
"""

from mongolane.fields import StringField

__all__ = ["StringField"]
