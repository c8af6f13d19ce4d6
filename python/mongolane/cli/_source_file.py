"""The file of an import as chunks of bytes; gzip and standard input included."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from ._rows import UnreadableError

__all__ = ["SourceFile"]

_CHUNK = 1024 * 1024
_GZIP = b"\x1f\x8b"


class SourceFile:
    """
    A context manager over an open file.

    Attributes:
        name: the file's name.
        size: its bytes on disk, None when that is not known.
        head: its first bytes, unpacked.

    Raises:
        OSError: it cannot be opened or read.
        UnreadableError: it is packed, and cannot be unpacked.
    """

    def __init__(self, path: Path) -> None:
        self.name = "standard input" if str(path) == "-" else path.name
        self._file: BinaryIO = sys.stdin.buffer if str(path) == "-" else path.open("rb")
        try:
            self.size = path.stat().st_size if path.is_file() else None
            first = self._file.read(2)
            self._rest = _Joined(first, self._file)
            self._data: Callable[[int], bytes] = self._rest.read
            if first == _GZIP:
                packed = cast(BinaryIO, self._rest)
                self._data = gzip.GzipFile(mode="rb", fileobj=packed).read
            self.head = self._read(64 * 1024)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> SourceFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """How many bytes of the file have been read."""
        return self._rest.position

    def chunks(self) -> Iterator[bytes]:
        """All of the file, a piece at a time."""
        yield self.head
        while data := self._read(_CHUNK):
            yield data

    def _read(self, size: int) -> bytes:
        try:
            return self._data(size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableError("the compressed file", str(error)) from error


class _Joined:
    """The bytes looked at already, and then the file, which may be a pipe."""

    def __init__(self, first: bytes, file: BinaryIO) -> None:
        self._first, self._file, self.position = first, file, 0

    def read(self, size: int = -1) -> bytes:
        data, self._first = self._first, b""
        data += self._file.read(size - len(data) if size >= 0 else -1)
        self.position += len(data)
        return data
