"""getMore: the next batch of a cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .command import Command
from .options import pick

__all__ = ["get_more"]


def get_more(
    database: str,
    collection: str,
    cursor_id: int,
    options: Mapping[str, Any] | None = None,
) -> Command:
    """
    The next batch; never retried, since the server has moved on.

    Args:
        cursor_id: an int that the codec encodes in 64 bits, even if it is small.
        options: ``batchSize`` and ``comment`` are taken.
    """
    body = {"getMore": cursor_id, "collection": collection}
    return Command(database, {**body, **pick(options, ("batchSize", "comment"))})
