"""JSON in its four habits: an array, a line each, one after another, GeoJSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ._extended import BROKEN, decode_at, document_problem, why
from ._row import Bad, Row, Rows, UnreadableError
from ._window import Window

__all__ = ["array_rows", "feature_rows", "line_rows", "sequence_rows", "split_lines"]


def array_rows(chunks: Iterable[bytes]) -> Rows:
    """The documents of one JSON array."""
    window = Window(chunks)
    if window.peek() != "[":
        raise UnreadableError(f"line {window.line}", "an array was expected: no '['")
    yield from _elements(window)
    if window.peek():
        reason = "there is more after the end of the array"
        raise UnreadableError(f"line {window.line}", reason)


def sequence_rows(chunks: Iterable[bytes]) -> Rows:
    """Documents one after another, with any white space between them or in them."""
    window = Window(chunks)
    while window.peek():
        yield _row(window)
        if window.peek() == ",":
            window.move(window.at + 1)


def feature_rows(chunks: Iterable[bytes]) -> Rows:
    """The features of a GeoJSON FeatureCollection, as they are."""
    window = Window(chunks)
    if window.peek() != "{":
        raise UnreadableError(f"line {window.line}", "a FeatureCollection was expected")
    found = False
    for key in _keys(window):
        if key == "features" and window.peek() == "[":
            found = True
            yield from _elements(window)
        elif isinstance(bad := window.value(), Bad):
            raise UnreadableError(bad.place, bad.reason)
    if not found:
        raise UnreadableError("line 1", "there is no array called 'features'")


def line_rows(chunks: Iterable[bytes]) -> Rows:
    """A document a line (NDJSON, JSON Lines); empty lines are passed over."""
    for number, data in enumerate(split_lines(chunks), 1):
        if not data.strip():
            continue
        place = f"line {number}"
        try:
            yield _line(place, data.decode("utf-8-sig" if number == 1 else "utf-8"))
        except BROKEN as error:
            yield Bad(place, why(error))


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Bytes in lines, line ends included."""
    rest: list[bytes] = []
    for chunk in chunks:
        lines = chunk.splitlines(keepends=True) if b"\r" not in chunk else _feeds(chunk)
        for line in lines:
            rest.append(line)
            if line.endswith(b"\n"):
                yield b"".join(rest)
                rest.clear()
    if rest:
        yield b"".join(rest)


def _feeds(chunk: bytes) -> Iterator[bytes]:
    # bytes.splitlines would also end a line at a lone carriage return.
    start = 0
    while (end := chunk.find(b"\n", start) + 1) > 0:
        yield chunk[start:end]
        start = end
    if start < len(chunk):
        yield chunk[start:]


def _line(place: str, text: str) -> Row | Bad:
    start = len(text) - len(text.lstrip())
    value, end = decode_at(text, start)
    if text[end:].strip():
        return Bad(place, "there is more after the end of the document")
    problem = document_problem(value)
    return Bad(place, problem) if problem else Row(place, value)


def _row(window: Window) -> Row | Bad:
    place = f"line {window.line}"
    value = window.value()
    if isinstance(value, Bad):
        return value
    problem = document_problem(value)
    return Bad(place, problem) if problem else Row(place, value)


def _elements(window: Window) -> Rows:
    window.move(window.at + 1)
    while (char := window.peek()) != "]":
        if not char:
            reason = "the file ends inside the array"
            raise UnreadableError(f"line {window.line}", reason)
        yield _row(window)
        if not _separated(window, "]"):
            break
    window.move(window.at + 1)


def _keys(window: Window) -> Iterator[str]:
    """The keys of the object here; its reader takes each value before the next."""
    window.move(window.at + 1)
    while window.peek() == '"':
        key = window.value()
        if not isinstance(key, str) or window.peek() != ":":
            raise UnreadableError(f"line {window.line}", "a key and ':' were expected")
        window.move(window.at + 1)
        yield key
        if not _separated(window, "}"):
            break
    if window.peek() != "}":
        raise UnreadableError(f"line {window.line}", "the object does not end")


def _separated(window: Window, closer: str) -> bool:
    """Pass a comma; False at ``closer``."""
    char = window.peek()
    if char == ",":
        window.move(window.at + 1)
        return True
    if char == closer:
        return False
    told = "the file ends" if not char else f"{char!r} stands"
    reason = f"{told} where ',' or {closer!r} was expected"
    raise UnreadableError(f"line {window.line}", reason)
