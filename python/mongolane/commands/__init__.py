"""Requests as frozen values: one file an operation, no I/O, no encoding."""

from .aggregate import aggregate
from .batches import batches
from .command import Command
from .count import count, estimated_count, plain_count
from .delete import delete, delete_statement, deletes
from .distinct import distinct
from .drop import drop, drop_database
from .explain import explain
from .find import OPTIONS as find_options
from .find import find, find_first
from .find_and_modify import find_and_modify
from .get_more import get_more
from .indexes import create_indexes, drop_indexes, list_indexes, modify_index
from .insert import insert
from .kill_cursors import kill_cursors
from .outcome import ODD, Outcome, odd
from .update import update, update_statement, updates

__all__ = [
    "ODD",
    "Command",
    "Outcome",
    "aggregate",
    "batches",
    "count",
    "create_indexes",
    "delete",
    "delete_statement",
    "deletes",
    "distinct",
    "drop",
    "drop_database",
    "drop_indexes",
    "estimated_count",
    "explain",
    "find",
    "find_and_modify",
    "find_first",
    "find_options",
    "get_more",
    "insert",
    "kill_cursors",
    "list_indexes",
    "modify_index",
    "odd",
    "plain_count",
    "update",
    "update_statement",
    "updates",
]
