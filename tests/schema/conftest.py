"""Schemas are checked with real databases, too."""

from tests.support.connected import one_database

__all__ = ["one_database"]
