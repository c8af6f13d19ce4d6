"""
Reads a class once: plan, shape, indexes, settings.

The only room that understands pydantic's inner side.
"""

from .as_given import AsGiven
from .declared import stored_key
from .field_schema import FieldSchema
from .forms import plain
from .located import TOO_DEEP
from .nested import lying
from .reading import describe
from .schema import Schema
from .secrets import is_secret
from .settings import Settings, collection_of, read_settings, snake_case
from .unordered import holds_sets, is_plain_set, same_but_for_sets
from .values import to_stored
from .viewed import View, viewed

__all__ = [
    "TOO_DEEP",
    "AsGiven",
    "FieldSchema",
    "Schema",
    "Settings",
    "View",
    "collection_of",
    "describe",
    "holds_sets",
    "is_plain_set",
    "is_secret",
    "lying",
    "plain",
    "read_settings",
    "same_but_for_sets",
    "snake_case",
    "stored_key",
    "to_stored",
    "viewed",
]
