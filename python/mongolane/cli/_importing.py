"""
The import itself: records into a collection, batch by batch, and the account of it.

Every record read is in the end imported, skipped, or part of what the account says
about the moment it stopped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ..errors import MongolaneError, NetworkError
from ._records import Batch, Record, batches
from ._rows import Bad, UnreadableError
from ._text import brief

__all__ = ["Account", "Refused", "Target", "import_records"]


class Refused(NamedTuple):
    """A document of a batch that the server did not take."""

    position: int
    reason: str


class Target(Protocol):
    """A collection, as far as an import is concerned."""

    async def insert(
        self, documents: Sequence[bytes], *, ordered: bool
    ) -> list[Refused]:
        """Insert; tell what was refused. ``ordered`` stops at the first of them."""


@dataclass
class Account:
    """
    What happened.

    Attributes:
        imported: the documents the server has confirmed.
        skipped: the bad rows passed over.
        stopped: why the import ended early, None when the file was read to its end.
        uncertain: the documents sent and not yet, or never, answered for.
    """

    imported: int = 0
    skipped: int = 0
    stopped: Bad | None = None
    uncertain: int = 0
    on_bad: Callable[[Bad], None] = field(default=lambda bad: None, repr=False)

    def skip(self, bad: Bad) -> None:
        """Count a row that is passed over, and tell of it."""
        self.skipped += 1
        self.on_bad(bad)


async def import_records(
    found: Iterable[Record | Bad],
    target: Target,
    account: Account,
    *,
    skip_bad: bool = False,
    batch_size: int = 1000,
    after_batch: Callable[[], Awaitable[None] | None] = lambda: None,
) -> None:
    """
    Insert all records into ``target``; ``account`` tells how it went.

    Without ``skip_bad`` the first bad record ends it, with all before it imported and
    nothing after it.
    """
    good = _Good(found, account, skip_bad)
    for batch in batches(good, batch_size):
        if not await _send(batch, target, account, skip_bad):
            return
        if (pause := after_batch()) is not None:
            await pause
    account.stopped = good.stopped


class _Good:
    """The records that can be sent; ends, and remembers why, where the import must."""

    def __init__(
        self, found: Iterable[Record | Bad], account: Account, skip_bad: bool
    ) -> None:
        self._found, self._account, self._skip_bad = found, account, skip_bad
        self.stopped: Bad | None = None

    def __iter__(self) -> Iterator[Record]:
        try:
            for record in self._found:
                if not isinstance(record, Bad):
                    yield record
                elif self._skip_bad:
                    self._account.skip(record)
                else:
                    self.stopped = record
                    return
        except UnreadableError as error:
            self.stopped = Bad(error.place, error.reason)


async def _send(batch: Batch, target: Target, account: Account, skip_bad: bool) -> bool:
    """Insert a batch; whether the import may go on."""
    documents = [record.data for record in batch]
    account.uncertain = len(batch)
    try:
        refused = await target.insert(documents, ordered=not skip_bad)
    except NetworkError as error:
        account.stopped = Bad(_span(batch), brief(error))
        return False
    except MongolaneError as error:
        account.uncertain = 0
        account.stopped = Bad(_span(batch), brief(error))
        return False
    account.uncertain = 0
    return _book(batch, refused, account, skip_bad)


def _book(
    batch: Batch, refused: list[Refused], account: Account, skip_bad: bool
) -> bool:
    if refused and not skip_bad:
        # The server stops at the first refusal: all before it are in, none after it.
        first = refused[0]
        account.imported += first.position
        account.stopped = Bad(batch[first.position].place, first.reason)
        return False
    account.imported += len(batch) - len(refused)
    for one in refused:
        account.skip(Bad(batch[one.position].place, one.reason))
    return True


def _span(batch: Batch) -> str:
    first, last = batch[0].place, batch[-1].place
    return first if first == last else f"{first} to {last}"
