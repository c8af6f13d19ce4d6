"""
``motormongo.utils`` by its old path.
"""

__all__: list[str] = []
