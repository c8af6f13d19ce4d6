"""
``motormongo.fields.reference_field`` by its old path.
"""

from mongolane.fields import ReferenceField

__all__ = ["ReferenceField"]
