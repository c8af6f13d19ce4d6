"""How far an import is: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

__all__ = ["ImportProgress"]


class ImportProgress:
    """A context manager; ``update`` tells how far it is."""

    def __init__(
        self, console: Console, name: str, size: int | None, quiet: bool = False
    ) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[imported]:,} imported"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._bar.add_task(name, total=size, imported=0)

    def __enter__(self) -> ImportProgress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def update(self, position: int, imported: int) -> None:
        """So many bytes of the file are read, so many documents are stored."""
        self._bar.update(self._task, completed=position, imported=imported)
