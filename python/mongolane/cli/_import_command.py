"""``mongolane import``: the parts put together, and what is said about it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ..errors import MongolaneError
from ..lanes import open_lane
from ._collection import Collection
from ._importing import Account, import_records
from ._progress import ImportProgress
from ._records import records
from ._rows import Bad, Rows, UnreadableError, detect_format, read_rows
from ._source_file import SourceFile
from ._text import brief, without_password

__all__ = ["Job", "run_import"]


@dataclass(frozen=True)
class Job:
    """What the command line asked for."""

    file: Path
    uri: str
    database: str
    collection: str
    format: str | None
    skip_bad: bool
    drop: bool
    batch_size: int
    id_fields: tuple[str, ...]
    infer: bool
    delimiter: str | None
    quiet: bool


def run_import(job: Job) -> int:
    """Import; the exit code."""
    output, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    account = Account(on_bad=lambda bad: _say(errors, f"skipped {_told(bad)}"))
    started = time.monotonic()
    interrupted = False
    try:
        with _prompt_interrupt(), SourceFile(job.file) as source:
            asyncio.run(_import(job, source, account, errors))
    except KeyboardInterrupt:
        interrupted = True
        account.stopped = Bad("interrupted", "by Ctrl-C")
    except OSError as error:
        account.stopped = Bad(str(job.file), error.strerror or str(error))
    except (MongolaneError, UnreadableError) as error:
        account.stopped = Bad(job.file.name, brief(error))
    _report(job, account, time.monotonic() - started, output, errors)
    return 130 if interrupted else 1 if account.stopped else 0


@contextlib.contextmanager
def _prompt_interrupt() -> Iterator[None]:
    """
    Let Ctrl-C end a read that waits.

    asyncio's own handler only cancels the task, which a blocked read never notices.
    """

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def _import(
    job: Job, source: SourceFile, account: Account, console: Console
) -> None:
    # Whatever is wrong with the file's form is said before anything is touched.
    rows = _rows(job, source)
    lane = open_lane(job.uri)
    try:
        await lane.connect()
        limits = await lane.limits()
        collection = Collection(lane, job.database, job.collection)
        if job.drop:
            await collection.empty()
        with ImportProgress(console, source.name, source.size, job.quiet) as progress:

            def show() -> None:
                progress.update(source.position, account.imported)

            await import_records(
                records(rows, job.id_fields, limits.max_document_size),
                collection,
                account,
                skip_bad=job.skip_bad,
                batch_size=job.batch_size,
                after_batch=show,
            )
    finally:
        await lane.close()


def _rows(job: Job, source: SourceFile) -> Rows:
    format_ = job.format or detect_format(source.name, source.head)
    rows = read_rows(format_, source.chunks(), delimiter=job.delimiter, infer=job.infer)
    first = list(itertools.islice(rows, 1))
    return itertools.chain(first, rows)


def _report(
    job: Job, account: Account, seconds: float, output: Console, errors: Console
) -> None:
    where = f"{job.database}.{job.collection}"
    skipped = f", {account.skipped:,} skipped" if account.skipped else ""
    told = f"{account.imported:,} imported into {where}{skipped}"
    if account.stopped is None:
        if not job.quiet:
            _say(output, f"{told}, in {seconds:.1f} s")
        return
    _say(errors, f"stopped at {_told(account.stopped)}")
    nothing = not (account.imported or account.skipped or account.uncertain)
    _say(errors, "nothing was imported" if nothing else f"{told} before that")
    if account.uncertain:
        _say(
            errors,
            f"{account.uncertain:,} more were sent and not confirmed: "
            "they may be there or not",
        )


def _told(bad: Bad) -> str:
    return f"{bad.place}: {bad.reason}"


def _say(console: Console, text: str) -> None:
    console.print(escape(without_password(text)), soft_wrap=True)
