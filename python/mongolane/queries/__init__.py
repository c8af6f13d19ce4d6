"""Requests collected lazily and run when awaited; they hold a source, no class."""

from ._query import Query
from .aggregate import Aggregate
from .ask import Ask
from .bulk import Bulk, bulk
from .cursor import Rows
from .delete import Delete
from .find import Find
from .find_and_modify import FindAndModify
from .find_one import FindOne, One
from .insert import Insert, InsertMany
from .json import Json
from .results import BulkResult, UpdateResult
from .save import Save
from .source import Source, Target
from .update import Update

__all__ = [
    "Aggregate",
    "Ask",
    "Bulk",
    "BulkResult",
    "Delete",
    "Find",
    "FindAndModify",
    "FindOne",
    "Insert",
    "InsertMany",
    "Json",
    "One",
    "Query",
    "Rows",
    "Save",
    "Source",
    "Target",
    "Update",
    "UpdateResult",
    "bulk",
]
