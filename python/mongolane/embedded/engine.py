"""Start and stop the embedded engine."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from .. import _native

__all__ = ["Engine", "serve"]


class Engine:
    """
    A running engine; a context manager that stops it::

        with Engine() as engine:
            client = pymongo.MongoClient(engine.uri)

    Args:
        folder: where the data lives; None keeps it in memory. One engine at a time
            has a folder.
        host: the address to listen on.
        port: 0 takes a free one.
        unix: a Unix socket's path instead of host and port.

    Raises:
        OSError: the port, the socket or the folder is taken or cannot be used.
    """

    __module__ = "mongolane.embedded"

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        unix: str | Path | None = None,
    ) -> None:
        engine: Any = _native
        self.folder: Path | None = Path(folder) if folder is not None else None
        self._running = engine.Engine(
            path=_text(folder), host=host, port=port, unix=_text(unix)
        )
        self._stopped = False

    def __repr__(self) -> str:
        state = "stopped" if self._stopped else self.uri
        return f"<Engine {state}>"

    @property
    def uri(self) -> str:
        """What a driver connects to."""
        return str(self._running.uri)

    def stop(self) -> None:
        """End all connections and close the files. A second call does nothing."""
        if not self._stopped:
            self._stopped = True
            self._running.stop()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    folder: str | Path | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 27017,
    unix: str | Path | None = None,
) -> Engine:
    """Start an engine where drivers look for a server by default."""
    return Engine(folder, host=host, port=port, unix=unix)


def _text(path: str | Path | None) -> str | None:
    return None if path is None else str(path)
