"""
A text that is read bit by bit, and the JSON values in it.

Only the part around the current position is held. A value is given to the JSON
parser where it stands; when the parser fails, the brackets tell whether the value
goes on beyond what has been read, or is broken, and then where it ends.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import Any

from ._extended import BROKEN, decoder_for, why
from ._row import Bad, UnreadableError

__all__ = ["LARGEST", "Window"]

# No server takes a document of more than 16 MiB; as JSON it may be longer.
LARGEST = 128 * 1024 * 1024

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^,\]}\s]*")
# A string ends at the latest with its line, so that a lost quote harms one line only.
_TOKEN = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*(?:["\n]|\\?\Z)|[{}\[\]]')
_OPENER = {"}": "{", "]": "["}


class Window:
    """
    Attributes:
        text: what has been read and not yet been left behind.
        at: the position in ``text``.
        line: the line of that position, from 1.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        # Wrong UTF-8 becomes lone surrogates, which fail when the record is encoded.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._ended = False
        self.text, self.at, self.line = "", 0, 1
        self._decode = decoder_for("")

    def peek(self) -> str:
        """Skip white space; the character there, empty at the end of the file."""
        while True:
            match = _SPACE.match(self.text, self.at)
            assert match is not None
            self.move(match.end())
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def move(self, to: int) -> None:
        """Go on to position ``to``."""
        self.line += self.text.count("\n", self.at, to)
        self.at = to

    def value(self) -> Any:
        """
        The value here, or ``Bad``; the position is behind it.

        Raises:
            UnreadableError: it has no end, or there is none.
        """
        if not self.peek():
            raise UnreadableError(f"line {self.line}", "the file ends before a value")
        while True:
            try:
                value, end = self._decode(self.text, self.at)
            except BROKEN as error:
                found = self._extent()
                if found is not None:
                    return self._bad(found, error)
            else:
                # A number that touches the edge may go on beyond it.
                if end < len(self.text) or self._ended:
                    self.move(end)
                    return value
            self._grow()

    def _bad(self, end: int, error: BaseException) -> Bad:
        first = self.line
        self.move(end)
        place = f"line {first}" if self.line == first else f"lines {first}-{self.line}"
        return Bad(place, why(error))

    def _grow(self) -> None:
        if len(self.text) - self.at > LARGEST:
            raise UnreadableError(f"line {self.line}", "this value does not end")
        if not self._more() and self._extent() is None:
            reason = "the file ends inside the value that starts here"
            raise UnreadableError(f"line {self.line}", reason)

    def _more(self) -> bool:
        """Read at least as much as is still ahead, so that growing stays linear."""
        if self._ended:
            return False
        parts = [self.text[self.at :]]
        wanted = max(len(parts[0]), 1)
        while wanted > 0:
            chunk = next(self._chunks, None)
            self._ended = chunk is None
            parts.append(self._decoder.decode(chunk or b"", final=chunk is None))
            wanted -= len(parts[-1])
            if self._ended:
                break
        self.text, self.at = "".join(parts), 0
        self._decode = decoder_for(self.text)
        return True

    def _extent(self) -> int | None:
        """Where the value here ends by its brackets alone; None if it goes on."""
        if self.text[self.at] not in '{["':
            end = _SCALAR.match(self.text, self.at).end()  # type: ignore[union-attr]
            return (
                max(end, self.at + 1) if end < len(self.text) or self._ended else None
            )
        open_: list[str] = []
        for match in _TOKEN.finditer(self.text, self.at):
            token = match.group()
            if token[0] == '"':
                if match.end() == len(self.text) and not self._ended:
                    return None
            elif token in "{[":
                open_.append(token)
            elif _OPENER[token] not in open_:
                return match.start()
            else:
                while open_.pop() != _OPENER[token]:
                    pass
            if not open_:
                return match.end()
        return None
