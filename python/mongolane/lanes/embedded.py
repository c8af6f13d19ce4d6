"""
``embedded://`` URIs: the engine in this process, started once for each folder.

``embedded://`` keeps its data in memory, ``embedded:///path/to/folder`` in a folder.
However many lanes name the same folder, one engine serves them, and the last one to
close stops it. Options after ``?`` go to the driver as they would in a
``mongodb://`` URI.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..errors import ConfigurationError
from ._settings import scrub

__all__ = ["SCHEME", "EmbeddedServer"]

SCHEME = "embedded://"


class _Running:
    """An engine and how many lanes hold it."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.holders, self.pid = engine, 0, os.getpid()


_running: dict[str | None, _Running] = {}
_lock = threading.Lock()


class EmbeddedServer:
    """
    One lane's hold on an engine; the engine starts when its URI is asked for.

    Args:
        uri: ``embedded://...``.

    Raises:
        ConfigurationError: a URI that names a host, or the whole machine, instead of
            a folder.
    """

    def __init__(self, uri: str) -> None:
        place, mark, self._query = uri.removeprefix(SCHEME).partition("?")
        self._query = mark + self._query
        folder = unquote(place)
        if place and (
            not place.startswith("/") or not place.strip("/") or "\0" in folder
        ):
            text = (
                f"{SCHEME}{place} is not a folder; write {SCHEME}/absolute/path,"
                f" or {SCHEME} alone to keep the data in memory"
            )
            raise ConfigurationError(scrub(text, uri))
        self.folder: str | None = str(Path(folder).resolve()) if place else None
        self._held: _Running | None = None

    @property
    def placeholder(self) -> str:
        """A URI with the same options, for checking them before anything starts."""
        return f"mongodb://localhost/{self._query}"

    def uri(self) -> str:
        """The engine's URI, with our options; starts the engine if nobody has."""
        with _lock:
            if self._held is None:
                self._held = _hold(self.folder)
        base: str = self._held.engine.uri
        if not self._query:
            return base
        return base + ("&" + self._query[1:] if "?" in base else self._query)

    def release(self) -> None:
        """Let go of the engine; the last one stops it."""
        with _lock:
            held, self._held = self._held, None
            if held is None or held.pid != os.getpid():
                return
            held.holders -= 1
            if held.holders == 0:
                _running.pop(self.folder, None)
                held.engine.stop()


def _hold(folder: str | None) -> _Running:
    running = _running.get(folder)
    # After a fork the engine is the parent's, and goes on serving there.
    if running is None:
        running = _running[folder] = _Running(_start(folder))
    running.holders += 1
    return running


def _engine() -> Any:
    """The engine's class."""
    try:
        from .. import _native
    except ImportError as error:
        raise ConfigurationError(
            f"the embedded engine is not in this build: {error}"
        ) from None
    return _native.Engine


def _start(folder: str | None) -> Any:
    engine = _engine()
    try:
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
        return engine(path=folder)
    except (OSError, RuntimeError, ValueError) as error:
        where = folder or "memory"
        raise ConfigurationError(
            f"the embedded engine cannot start in {where}: {error}"
        ) from error
