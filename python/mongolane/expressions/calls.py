"""A path's method call, as one would type it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .filters import Filter
from .masking import shown
from .shape import FieldSpec

__all__ = ["call_text"]


def call_text(
    path: object, spec: FieldSpec, name: str, args: Any, kwargs: Mapping[str, Any]
) -> str:
    """A method call as one would type it; secrets are not shown."""
    listed = [_shown(spec, arg) for arg in args]
    listed += [f"{key}={_shown(spec, value)}" for key, value in kwargs.items()]
    return f"{path!r}.{name}({', '.join(listed)})"


def _shown(spec: FieldSpec, value: Any) -> str:
    # A filter masks what is its own.
    return repr(value) if isinstance(value, Filter) else shown(spec, value)
