"""
Kinds within kinds.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..codec.plan import DictOf, Fixed, Kind, ListOf, Nullable, OneOf, Through

__all__ = ["alike", "any_through", "kinds_in", "lying", "slow"]


def kinds_in(kind: Kind) -> Iterable[Kind]:
    """A kind and those inside of it, not looking into embedded models."""
    yield kind
    if isinstance(kind, Nullable):
        yield from kinds_in(kind.inner)
    elif isinstance(kind, ListOf):
        yield from kinds_in(kind.item)
    elif isinstance(kind, DictOf):
        yield from kinds_in(kind.value)
    elif isinstance(kind, Fixed):
        for one in kind.items:
            yield from kinds_in(one)
    elif isinstance(kind, Through) and kind.exact and kind.besides is not None:
        yield from kinds_in(kind.besides)
    elif isinstance(kind, OneOf):
        for one in (*kind.alternatives, *kind.models):
            yield from kinds_in(one)


def any_through(kinds: Iterable[Kind]) -> bool:
    """Whether one of several kinds, or one within it, goes through Python."""
    return any(isinstance(one, Through) for kind in kinds for one in kinds_in(kind))


def slow(kind: Kind) -> Through | None:
    """What goes through Python, in a kind, also where its values fit; or None."""
    found = (one for one in kinds_in(kind) if isinstance(one, Through))
    return next((one for one in found if not one.exact), None)


def lying(kind: Kind) -> Kind:
    """How a value lies in BSON, whether or not it goes through Python."""
    while isinstance(kind, (Nullable, Through)) and kind.inner is not None:
        kind = kind.inner
    return kind


def alike(kind: Kind) -> bool:
    """Whether values have no other stored form than ``encode`` has for them."""
    return all(one.alike for one in kinds_in(kind) if isinstance(one, Through))
