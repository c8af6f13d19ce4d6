"""
Options in the server's spelling, picked by each operation from what a query holds.

A query collects options for whatever it may become (a find, a count, a delete); each
operation takes those that it knows, and what is unset is never sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["READ", "WRITE", "acknowledged", "pick"]

READ = ("maxTimeMS", "comment", "readConcern")
"""What every read knows."""
WRITE = ("maxTimeMS", "comment", "writeConcern")
"""What every write knows."""


def pick(options: Mapping[str, Any] | None, names: Iterable[str]) -> dict[str, Any]:
    """The options among ``names`` that are set."""
    if not options:
        return {}
    return {name: options[name] for name in names if options.get(name) is not None}


def acknowledged(options: Mapping[str, Any] | None) -> bool:
    """Whether the server will answer a write: False for ``w: 0``."""
    if not options:
        return True
    concern = options.get("writeConcern")
    return not concern or concern.get("w", 1) != 0
