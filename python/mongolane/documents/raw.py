"""
The BSON that a document equals: as it was read, or last written.
"""

from __future__ import annotations

from typing import Any

__all__ = ["RAW", "raw_of", "set_raw", "share_raw"]

RAW = "__mongolane_raw__"

_put = object.__setattr__


def raw_of(instance: Any) -> bytes | None:
    """The BSON that an instance was read from, or last written as."""
    held = getattr(instance, RAW, None)
    # A large document is kept as a view of its reply, or by what the instance holds.
    return held if held is None or type(held) is bytes else bytes(held)


def set_raw(instance: Any, data: bytes | None) -> None:
    """Remember the BSON that an instance equals."""
    _put(instance, RAW, data)


def share_raw(made: Any, instance: Any) -> None:
    """Remember for a copy what its original equals."""
    if (held := getattr(instance, RAW, None)) is not None:
        _put(made, RAW, held)
