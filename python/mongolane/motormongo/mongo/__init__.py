"""
``motormongo.mongo`` by its old path.
"""

from mongolane.documents import DataBase, get_db

from . import database

__all__ = ["DataBase", "database", "get_db"]
