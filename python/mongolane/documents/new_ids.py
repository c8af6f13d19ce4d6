"""
ObjectIds for many new documents at once, from the same counter as ``ObjectId()``.

One after the other costs a lock, a clock, and a process id each. A range of the
counter is set aside instead: ids go on rising, whoever makes the next one, and no two
are equal.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId

__all__ = ["CAN_RESERVE", "reserve"]

_VALUES = 2**24

CAN_RESERVE: bool = hasattr(ObjectId, "_inc") and hasattr(ObjectId, "_inc_lock")
"""Whether PyMongo counts where it always did; else ids are made one by one."""


def reserve(count: int) -> tuple[bytes, int]:
    """
    Set ids aside.

    Args:
        count: how many there may be.

    Returns:
        Their first nine bytes (time, process), and the first value of the counter in
        the other three; ``count`` values from there on, 0 after the last, are free.
    """
    # PyMongo's, which also sees to it that a forked process has other bytes.
    first = ObjectId().binary
    number = int.from_bytes(first[9:], "big")
    if count > 1:
        number = _set_aside(count)
    return first[:9], number


def _set_aside(count: int) -> int:
    """Move PyMongo's counter on; gives its value from before."""
    counter: Any = ObjectId
    with counter._inc_lock:
        number: int = counter._inc
        counter._inc = (number + count) % _VALUES
    return number
