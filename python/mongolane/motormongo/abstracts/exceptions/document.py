"""
``motormongo.abstracts.exceptions.document`` by its old path.
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

__all__ = [
    "DocumentAggregationError",
    "DocumentDeleteError",
    "DocumentError",
    "DocumentInsertError",
    "DocumentNotFoundError",
    "DocumentUpdateError",
    "DocumentValidationError",
]
