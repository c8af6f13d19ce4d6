"""
Secrets: stored only where their field says how, and never shown.
"""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, get_args, get_origin

from ..codec.plan import Kind, ListOf, Nullable, Through
from ..errors import ConfigurationError
from .checks import loader
from .finder import Finder
from .forms import SECRETS, plain
from .values import shown_by

__all__ = ["holds_secret", "is_secret", "secret_kind", "secret_text"]


def is_secret(annotation: Any) -> bool:
    """Whether a type is one of pydantic's secrets, or an optional one."""
    union = get_origin(annotation) in (typing.Union, types.UnionType)
    found = get_args(annotation) if union else (annotation,)
    some = [one for one in found if one not in (None, type(None))]
    classes = [get_origin(one) or one for one in some]
    return bool(some) and all(
        isinstance(one, type) and issubclass(one, SECRETS) for one in classes
    )


def secret_kind(
    finder: Finder, annotation: Any, marks: list[Any], plainly: bool
) -> Kind:
    """
    The kind of a secret, or of an optional one.

    Args:
        finder: knows the kinds of what it holds.
        annotation: the type.
        marks: its metadata.
        plainly: its field says that it is stored as it is.
    """
    union = get_origin(annotation) in (typing.Union, types.UnionType)
    found = get_args(annotation) if union else ()
    classes = [one for one in found if one is not type(None)]
    if not plainly:
        why = "a secret, which is not stored"
        refused = Through(_refuse_secret, plain, why, secret=True)
        return Nullable(refused) if classes else refused
    held = [one for secret in classes or (annotation,) for one in get_args(secret)]
    undo = shown_by(finder.of(held[0])) if len(held) == 1 else lambda value: value
    kind = Through(
        loader(undo, finder.checks.of(Annotated[(annotation, *marks, None)])),
        secret_text,
        "a secret, stored as plain text",
        secret=True,
        alike=True,
    )
    return Nullable(kind) if classes else kind


def holds_secret(kind: Kind | None) -> bool:
    """Whether a value of this kind, or an item of it, is never shown."""
    if isinstance(kind, Nullable):
        return holds_secret(kind.inner)
    if isinstance(kind, ListOf):
        return holds_secret(kind.item)
    return isinstance(kind, Through) and kind.secret


def _shown_secret(value: Any) -> Any:
    held = value.get_secret_value() if isinstance(value, SECRETS) else value
    return plain(held)


def secret_text(value: Any) -> Any:
    """The stored form of a secret: what it holds."""
    if not isinstance(value, (*SECRETS, str, bytes)):
        raise TypeError("no secret")
    return _shown_secret(value)


def _refuse_secret(value: Any) -> Any:
    raise ConfigurationError(
        "a secret is not stored unless its field says how: "
        'Annotated[SecretStr, Stored(secret="plain")]'
    )
