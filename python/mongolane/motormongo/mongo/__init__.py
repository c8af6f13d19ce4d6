"""
``motormongo.mongo`` by its old path.
"""

from mongolane.documents import DataBase, get_db

__all__ = ["DataBase", "get_db"]
