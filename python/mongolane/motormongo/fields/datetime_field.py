"""
``motormongo.fields.datetime_field`` by its old path.
"""

from mongolane.fields import DateTimeField

__all__ = ["DateTimeField"]
