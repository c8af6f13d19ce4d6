"""
The BSON that a document equals: as it was read, or last written.
"""

from __future__ import annotations

from typing import Any

__all__ = ["RAW", "raw_of", "set_raw"]

RAW = "__mongolane_raw__"

_put = object.__setattr__


def raw_of(instance: Any) -> bytes | None:
    """The BSON that an instance was read from, or last written as."""
    return getattr(instance, RAW, None)


def set_raw(instance: Any, data: bytes | None) -> None:
    """Remember the BSON that an instance equals."""
    _put(instance, RAW, data)
