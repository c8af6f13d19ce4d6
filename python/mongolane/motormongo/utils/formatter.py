"""
``motormongo.utils.formatter`` by its old path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mongolane.documents.stamps import now
from mongolane.schema import snake_case

__all__ = ["add_timestamps_if_required", "camel_to_snake_or_lower", "enforce_types"]


def camel_to_snake_or_lower(name: str) -> str:
    """The default name of a class's collection."""
    return snake_case(name)


def add_timestamps_if_required(
    cls: Any, /, operation: str = "update", **kwargs: Any
) -> dict[str, Any]:
    """
    The given fields with the timestamps that the class asks for.

    Args:
        cls: the document class.
        operation: all but ``update`` add ``created_at``, too.
        kwargs: the fields.
    """
    settings = cls.__mongolane_settings__
    moment = now()
    if settings.created_at and operation != "update":
        kwargs.setdefault("created_at", moment)
    if settings.updated_at:
        kwargs["updated_at"] = moment
    return kwargs


def enforce_types(args_with_types: Iterable[tuple[Any, Any, str]]) -> None:
    """
    Check types.

    Args:
        args_with_types: ``(value, type, label)`` each.

    Raises:
        TypeError: names the first label whose value is of another type.
    """
    for value, expected, label in args_with_types:
        if not isinstance(value, expected):
            names = getattr(expected, "__name__", expected)
            raise TypeError(f"{label} must be {names}, not {type(value).__name__}")
