"""Many writes of one kind, sent in as few commands as the server allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import commands
from ..abc import Limits
from ..commands import Command, Outcome
from ..errors import MongolaneError
from .source import Source

__all__ = ["send", "write_command"]


async def send(
    source: Source[Any],
    kind: str,
    data: Sequence[bytes],
    indexes: range | list[int],
    outcome: Outcome,
    *,
    options: Mapping[str, Any] | None = None,
    ordered: bool = True,
    multi: Sequence[bool] = (),
    batch_size: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> None:
    """
    Send all of ``data``, or, if ordered, until something is refused.

    Args:
        source: where it goes.
        kind: ``insert``, ``update`` or ``delete``.
        data: documents or statements.
        indexes: each one's number among all of the caller's operations.
        outcome: takes in the replies; what an error leaves behind is in it, too.
        options: those of the commands.
        ordered: stop at the first that is refused.
        multi: which of the statements may touch several documents.
        batch_size: at most so many in one command.
        progress: called with how many operations are done, after each command.
    """
    lane = source.database.lane
    limits = await lane.limits()
    if batch_size is not None:
        limits = _Narrowed(limits, batch_size)
    for part in commands.batches(data, limits, statements=kind != "insert"):
        command = write_command(
            source, kind, data[part], options, ordered, any(multi[part])
        )
        try:
            reply = await lane.run(command)
        except MongolaneError as error:
            error.add_note(f"before that: {outcome.details()}")
            raise
        if command.acknowledged:
            outcome.add(kind, reply.document(), indexes[part])
        if progress is not None:
            progress(indexes[part.stop - 1] + 1)
        if ordered and outcome.write_errors:
            return


class _Narrowed:
    """Limits with a smaller batch."""

    def __init__(self, limits: Limits, batch_size: int) -> None:
        self.max_document_size = limits.max_document_size
        self.max_message_size = limits.max_message_size
        self.max_write_batch_size = min(limits.max_write_batch_size, batch_size)


def write_command(
    source: Source[Any],
    kind: str,
    data: Sequence[bytes],
    options: Mapping[str, Any] | None,
    ordered: bool,
    multi: bool,
) -> Command:
    """The command of several documents, or statements, of one kind."""
    where = (source.database.name, source.collection)
    if kind == "insert":
        return commands.insert(*where, data, options, ordered=ordered)
    make = commands.updates if kind == "update" else commands.deletes
    return make(*where, data, options, ordered=ordered, multi=multi)
