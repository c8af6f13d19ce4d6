"""
``motormongo.utils`` by its old path.
"""

from . import formatter, logging

__all__ = ["formatter", "logging"]
