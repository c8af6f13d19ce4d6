"""
``motormongo.fields.list_field`` by its old path.
"""

from mongolane.fields import ListField

__all__ = ["ListField"]
