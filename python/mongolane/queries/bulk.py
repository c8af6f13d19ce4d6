"""Several writes of any kind, to any collections, in as few commands as possible."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import groupby
from typing import Any

from .. import commands
from ..errors import BulkWriteError, QueryError
from ._query import Query
from ._send import send
from ._write import Operation
from .delete import Delete
from .insert import Insert, InsertMany
from .results import BulkResult
from .update import Update

__all__ = ["Bulk", "Write", "bulk"]

Write = Insert[Any] | InsertMany[Any] | Update | Delete

_Numbered = tuple[int, Operation]


class Bulk(Query):
    """
    Several writes; awaited, a ``BulkResult``. Made by ``bulk``.

    Raises:
        BulkWriteError: some were refused; ``details`` says which by their number,
            and what the others have done.
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
        for group in self._groups():
            numbers = [number for number, _ in group]
            operations = [operation for _, operation in group]
            await send(
                operations[0].source,
                operations[0].kind,
                [operation.data for operation in operations],
                numbers,
                outcome,
                options=operations[0].options,
                ordered=self._ordered,
                multi=[operation.multi for operation in operations],
            )
            self._remember(group, outcome)
            if outcome.write_errors and self._ordered:
                break
        if outcome.failed:
            raise BulkWriteError(outcome.details())
        return BulkResult.of(outcome)

    def _remember(self, group: list[_Numbered], outcome: commands.Outcome) -> None:
        """Tell the classes which new documents were stored, and as what."""
        refused = {error["index"] for error in outcome.write_errors}
        for number, one in group:
            if number in refused and self._ordered:
                return
            if one.kind == "insert" and one.source.stored and number not in refused:
                one.source.stored(one.document, one.data)

    def _groups(self) -> Iterator[list[_Numbered]]:
        """Operations that go together; in the given order, if that matters."""
        numbered = list(enumerate(self._operations()))
        if not self._ordered:
            numbered.sort(key=_group)
        for _, group in groupby(numbered, key=_group):
            yield list(group)

    def _operations(self) -> Iterator[Operation]:
        for write in self._writes:
            yield from write._operations()

    def __repr__(self) -> str:
        return f"<Bulk of {len(self._writes)} writes>"


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
        if isinstance(one, (Insert, InsertMany, Update, Delete)):
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
