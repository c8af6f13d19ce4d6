"""Several writes of any kind, to any collections, in as few commands as possible."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import takewhile
from typing import Any

from .. import codec, commands
from ..commands.options import acknowledged
from ..errors import BulkWriteError, QueryError, VersionConflictError
from ._query import Query
from ._send import send, write_command
from ._write import Operation
from .delete import Delete
from .insert import Insert, InsertMany
from .results import BulkResult
from .save import Save
from .update import Update

__all__ = ["Bulk", "Write", "bulk"]

Write = Insert[Any] | InsertMany[Any] | Update | Delete | Save

_WRITES = (Insert, InsertMany, Update, Delete, Save)
_Numbered = tuple[int, Operation]


class Bulk(Query):
    """
    Several writes; awaited, a ``BulkResult``. Made by ``bulk``.

    Raises:
        BulkWriteError: some were refused; ``details`` says which by their number,
            and what the others have done; ``conflicts`` says which documents somebody
            else wrote.
    """

    __slots__ = ("_ordered", "_writes")

    def __init__(self, writes: tuple[Write, ...], ordered: bool) -> None:
        self._begin()
        self._writes = writes
        self._ordered = ordered
        for write in writes:
            write._used = True

    def __await__(self) -> Generator[Any, None, BulkResult]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> BulkResult:
        outcome = commands.Outcome()
        conflicts: dict[int, VersionConflictError] = {}
        operations: list[Operation] = []
        for write in self._writes:
            operations += write._operations()
        numbered = list(enumerate(operations))
        try:
            await self._await_pending(numbered)
            for group in self._groups(numbered):
                await self._send(group, outcome, conflicts)
                if outcome.write_errors and self._ordered:
                    break
        finally:
            for _, one in numbered:
                if one.saving is not None:
                    one.saving.undone()
        if outcome.failed:
            raise BulkWriteError(outcome.details(), conflicts)
        return BulkResult.of(outcome)

    def command(self) -> list[dict[str, Any]]:
        """What is sent, one after another; a server's limits may part it further."""
        self._used = True
        operations = [one for write in self._writes for one in write._operations()]
        try:
            groups = self._groups(list(enumerate(operations)))
            return [self._shown([one for _, one in group]) for group in groups]
        finally:
            for one in operations:
                if one.saving is not None:
                    one.saving.undone()

    def _shown(self, operations: list[Operation]) -> dict[str, Any]:
        first = operations[0]
        data = [one.data for one in operations]
        multi = any(one.multi for one in operations)
        made = write_command(
            first.source, first.kind, data, first.options, self._ordered, multi
        )
        if made.sequence is None:
            return dict(made.body)
        name, statements = made.sequence
        return {**made.body, name: [codec.decode(one) for one in statements]}

    async def _await_pending(self, numbered: list[_Numbered]) -> None:
        last: Any = None
        for _, one in numbered:
            if (source := one.source) is last:
                continue
            last = source
            if (pending := source.pending()) is not None:
                await pending

    async def _send(
        self,
        group: list[_Numbered],
        outcome: commands.Outcome,
        conflicts: dict[int, VersionConflictError],
    ) -> None:
        """Send operations that go together, and tell what they were about."""
        numbers = [number for number, _ in group]
        operations = [operation for _, operation in group]
        first, matched = operations[0], outcome.matched
        await send(
            first.source,
            first.kind,
            [operation.data for operation in operations],
            numbers,
            outcome,
            options=first.options,
            ordered=self._ordered,
            multi=[operation.multi for operation in operations],
        )
        done = self._done(group, outcome)
        if first.saving is None:
            if first.kind == "insert":
                _remember(done)
        else:
            found = outcome.matched - matched == len(done)
            found = found or not acknowledged(first.options)
            await _settle(done, found, outcome, conflicts)

    def _done(
        self, group: list[_Numbered], outcome: commands.Outcome
    ) -> list[_Numbered]:
        """Those of a group that were tried, and not refused."""
        if not outcome.write_errors:
            return group
        refused = {error["index"] for error in outcome.write_errors}
        if self._ordered:
            return list(takewhile(lambda one: one[0] not in refused, group))
        return [one for one in group if one[0] not in refused]

    def _groups(self, numbered: list[_Numbered]) -> Iterator[list[_Numbered]]:
        """Operations that go together; in the given order, if that matters."""
        wanted = [one for one in numbered if one[1].data]
        groups = _grouped(wanted)
        if len(groups) > 1 and not self._ordered:
            groups = _grouped(sorted(wanted, key=_group))
        return iter(groups)

    def __repr__(self) -> str:
        return f"<Bulk of {len(self._writes)} writes>"


def _grouped(wanted: list[_Numbered]) -> list[list[_Numbered]]:
    """Neighbours that go together."""
    groups: list[list[_Numbered]] = []
    last: Operation | None = None
    for one in wanted:
        if last is None or not one[1].goes_with(last):
            groups.append([])
        groups[-1].append(one)
        last = one[1]
    return groups


def _remember(done: list[_Numbered]) -> None:
    """Tell the classes which new documents were stored, and as what."""
    for _, one in done:
        if one.source.stored:
            one.source.stored(one.document, one.data)


async def _settle(
    done: list[_Numbered],
    found: bool,
    outcome: commands.Outcome,
    conflicts: dict[int, VersionConflictError],
) -> None:
    """Tell stored documents that they were saved; find out which were not."""
    for number, one in done:
        assert one.saving is not None
        if found:
            one.saving.kept()
            continue
        conflict, made = await one.saving.missed()
        if conflict is not None:
            conflicts[number] = conflict
            outcome.write_errors.append({"index": number, "errmsg": str(conflict)})
        elif made is not None:
            outcome.upserted.append({"index": number, "_id": made})


def _group(numbered: _Numbered) -> tuple[Any, ...]:
    return numbered[1].group()


def bulk(*writes: Write | Iterable[Write], ordered: bool = True) -> Bulk:
    """
    Several writes together.

    Args:
        writes: inserts, updates and deletes that were not awaited, or lists of them;
            each may be of another class. Find-and-modify cannot be among them.
        ordered: run them in this order, and stop at the first that is refused.
            Otherwise all are tried, and fewer commands are sent.
    """
    return Bulk(tuple(_flat(writes)), ordered)


def _flat(writes: Iterable[Any]) -> Iterator[Write]:
    for one in writes:
        if type(one) is Update or isinstance(one, _WRITES):
            yield one
        elif isinstance(one, (list, tuple, Generator)):
            yield from _flat(one)
        else:
            if isinstance(one, Query):
                one._used = True
            kind = type(one).__name__
            raise QueryError(
                f"a {kind} cannot be part of a bulk; inserts, updates and deletes can"
            )
