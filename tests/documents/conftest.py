"""
Documents live on each server and lane.
"""

from tests.support.connected import database, one_database

__all__ = ["database", "one_database"]
