"""
``motormongo.fields.field`` by its old path.
"""

from mongolane.fields import Field

__all__ = ["Field"]
