"""
Secrets that came past a field's check: ``user.codes.append("hush")``, a copy's update.

They are hashed before the document is written or shown as a dict, and never shown in a
repr, which calls no hash function.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..fields import BinaryField, Hashed, ListField

__all__ = ["hash_secrets", "hashed_fields", "masked"]


def hashed_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Those of a class's field objects that keep hashes, or lists of them."""
    return {name: one for name, one in fields.items() if _keeps_hashes(one)}


def _keeps_hashes(field: Any) -> bool:
    while isinstance(field, ListField):
        field = field.field
    return isinstance(field, BinaryField) and field.secret


def hash_secrets(instance: Any) -> None:
    """
    Hash what an instance holds as plain text, in place.

    Raises:
        FieldError: for what cannot be hashed; names the field, and not the value.
    """
    held = instance.__dict__
    # A plain pydantic model, as a part may be, has no field objects.
    for name, field in getattr(type(instance), "__mongolane_hashed__", {}).items():
        value = held.get(name)
        if not _is_plain(value):
            continue
        made = field.validate(value)
        if isinstance(value, list):
            # The application may hold on to its list.
            value[:] = made
        else:
            held[name] = made


def masked(instance: Any, shown: Iterable[tuple[Any, Any]]) -> Iterable[Any]:
    """Names and values for a repr, without what is not hashed yet."""
    hashed = type(instance).__mongolane_hashed__
    for name, value in shown:
        yield name, _mask(value) if name in hashed else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_plain, value))
    return value is not None and not isinstance(value, Hashed)


def _mask(value: Any) -> Any:
    if isinstance(value, list):
        return [_mask(one) for one in value]
    return Hashed(b"") if _is_plain(value) else value
