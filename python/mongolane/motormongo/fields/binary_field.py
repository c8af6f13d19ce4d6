"""
``motormongo.fields.binary_field`` by its old path.
"""

from mongolane.fields import BinaryField

__all__ = ["BinaryField"]
