"""
``motormongo.abstracts.exceptions`` by its old path.
"""

from mongolane.errors import (
    DocumentAggregationError,
    DocumentDeleteError,
    DocumentError,
    DocumentInsertError,
    DocumentNotFoundError,
    DocumentUpdateError,
    DocumentValidationError,
)

from . import document

__all__ = [
    "DocumentAggregationError",
    "DocumentDeleteError",
    "DocumentError",
    "DocumentInsertError",
    "DocumentNotFoundError",
    "DocumentUpdateError",
    "DocumentValidationError",
    "document",
]
