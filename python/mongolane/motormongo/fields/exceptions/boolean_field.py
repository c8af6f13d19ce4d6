"""
The errors of ``boolean_field`` by their old path.
"""

from mongolane.errors import BooleanFieldError

__all__ = ["BooleanFieldError"]
