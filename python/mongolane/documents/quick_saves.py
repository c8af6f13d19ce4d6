"""
Saves of documents in which only plain fields have changed: most of them.

What was read or written last is compared, byte by byte, with what is held now. Where
nothing differs but whole fields, and nothing else is to be set, the statement is made
of these very bytes, and no value of the document becomes a Python object again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..codec.plan import Kind
from ..schema import Schema, describe, holds_sets, is_plain_set
from .collection import Collection
from .family import TAG
from .stamps import holders, stamp, updated_keys, ways

__all__ = ["Plain", "dates_each_save", "quick_change"]


class Plain(NamedTuple):
    """
    What a save sends.

    Attributes:
        statement: an entry of ``updates``; empty when nothing has changed.
        after: the document as it is then.
        held: what the instance held before its dates were set.
    """

    statement: bytes
    after: bytes
    held: dict[str, Any]


def quick_change(home: Collection[Any], instance: Any, raw: bytes) -> Plain | None:
    """
    What has changed in an instance since ``raw``; None: it must be looked at.

    If anything has, its dates are set. For documents that embed nothing that a write
    sets.
    """
    schema = describe(type(instance))
    if schema.version is not None:
        return None
    data, hard = home.source.encoded(instance), _hard(schema)
    statement = schema.compiled.statement(raw, data, hard)
    if statement is None:
        return None
    if not ways(schema) or not (statement or dates_each_save(schema)):
        return Plain(statement, data, {})
    held = dict(instance.__dict__)
    stamp(instance, home.clock, first=False)
    data = home.source.codec.encode(instance)
    return Plain(schema.compiled.statement(raw, data, hard) or b"", data, held)


def dates_each_save(schema: Schema) -> bool:
    """
    Whether a save is to be dated, whatever has changed.

    So it is for a class of field objects: motormongo's ``auto_now`` says when a
    document was saved last.
    """
    of_objects: bool = getattr(schema.cls, "__mongolane_open__", None) is True
    return of_objects and bool(updated_keys(schema))


def _hard(schema: Schema) -> frozenset[str]:
    """
    Keys whose change takes more.

    The id, the class's name, what embeds documents, and sets that only look changed.
    """
    if schema.hard is None:
        embedding = (schema.fields[name].key for name in holders(schema))
        unordered = (one.key for one in schema.plan.fields if _holds_sets(one.kind))
        schema.hard = frozenset(("_id", TAG, *embedding, *unordered))
    return schema.hard


def _holds_sets(kind: Kind) -> bool:
    """Whether a field has sets that the codec does not compare without an order."""
    return holds_sets(kind) and not is_plain_set(kind)
