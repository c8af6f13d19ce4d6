"""The version of this package, as servers are told it."""

from __future__ import annotations

from functools import cache
from importlib import metadata

__all__ = ["package_version"]


@cache
def package_version() -> str:
    """The installed version; ``0`` when the package isn't installed."""
    try:
        return metadata.version("mongolane")
    except metadata.PackageNotFoundError:
        return "0"
