"""
What motormongo's documents raise, by its names, below our one base.
"""

from __future__ import annotations

from ._base import MongolaneError

__all__ = [
    "DocumentAggregationError",
    "DocumentDeleteError",
    "DocumentError",
    "DocumentInsertError",
    "DocumentNotFoundError",
    "DocumentUpdateError",
    "DocumentValidationError",
]


class DocumentError(MongolaneError, ValueError):
    """
    An operation on documents failed; ``__cause__`` is what the server or value said.
    """

    __module__ = "mongolane.errors"


class DocumentInsertError(DocumentError):
    """A document could not be stored."""

    __module__ = "mongolane.errors"


class DocumentUpdateError(DocumentError):
    """A document could not be changed."""

    __module__ = "mongolane.errors"


class DocumentDeleteError(DocumentError):
    """A document could not be deleted."""

    __module__ = "mongolane.errors"


class DocumentNotFoundError(DocumentError):
    """A document could not be read; not raised merely because nothing matched."""

    __module__ = "mongolane.errors"


class DocumentAggregationError(DocumentError):
    """An aggregation failed."""

    __module__ = "mongolane.errors"


class DocumentValidationError(DocumentError):
    """A document as a whole is not valid. Kept for its name; nothing raises it."""

    __module__ = "mongolane.errors"
