"""killCursors: the end of a cursor that nobody reads to its end."""

from __future__ import annotations

from collections.abc import Sequence

from .command import Command

__all__ = ["kill_cursors"]


def kill_cursors(database: str, collection: str, cursor_ids: Sequence[int]) -> Command:
    """
    Free cursors on the server.

    Args:
        cursor_ids: ints that the codec encodes in 64 bits, even if they are small.
    """
    body = {"killCursors": collection, "cursors": list(cursor_ids)}
    return Command(database, body)
