"""
CSV: a header of field names, then a document a row.

Cells are text. With ``infer`` a cell that is a number, ``true`` or ``false``, or an
ISO 8601 date with time and zone becomes that, and an empty cell no field at all; what
would not read back as it was written stays text (``02134``, ``1e5``, ``+1``, ``True``).
"""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from ._json import split_lines
from ._row import Bad, Row, Rows, UnreadableError

__all__ = ["csv_rows", "infer_value"]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\Z"
)
_INT64 = 1 << 63
LARGEST_CELL = 16 * 1024 * 1024


def csv_rows(
    chunks: Iterable[bytes], *, delimiter: str = ",", infer: bool = False
) -> Rows:
    """
    The rows as documents; ``address.city`` in the header makes a nested document.

    Raises:
        UnreadableError: there is no usable header.
    """
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(_lines(chunks), delimiter=delimiter, strict=True)
    paths = _header(reader)
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Bad(place, str(error))
            continue
        if cells:
            yield _row(place, cells, paths, infer_value if infer else None)


def infer_value(cell: str) -> Any:
    """The value a cell stands for; the cell itself where that is not certain."""
    if _INTEGER.match(cell):
        whole = int(cell)
        return whole if -_INT64 <= whole < _INT64 and cell != "-0" else cell
    if _FLOAT.match(cell):
        number = float(cell)
        return number if Decimal(repr(number)) == Decimal(cell) else cell
    if cell in ("true", "false"):
        return cell == "true"
    if _MOMENT.match(cell):
        try:
            return datetime.datetime.fromisoformat(cell)
        except ValueError:
            return cell
    return cell


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    encoding = "utf-8-sig"
    for line in split_lines(chunks):
        yield line.decode(encoding, "surrogateescape")
        encoding = "utf-8"


def _header(reader: Any) -> list[list[str]]:
    try:
        names = next(reader, None)
    except csv.Error as error:
        raise UnreadableError("line 1", str(error)) from error
    if not names:
        raise UnreadableError("line 1", "a header with the names of the fields was due")
    paths = [name.strip().split(".") for name in names]
    for name, path in zip(names, paths, strict=True):
        if "" in path:
            raise UnreadableError("line 1", f"{name!r} cannot be a field's name")
        if sum(other[: len(path)] == path for other in paths) > 1:
            raise UnreadableError("line 1", f"{name!r} is there twice")
    return paths


def _row(
    place: str,
    cells: list[str],
    paths: list[list[str]],
    infer: Callable[[str], Any] | None,
) -> Row | Bad:
    if len(cells) != len(paths):
        return Bad(place, f"{len(cells)} cells, but the header names {len(paths)}")
    document: dict[str, Any] = {}
    for path, cell in zip(paths, cells, strict=True):
        if infer is None:
            _put(document, path, cell)
        elif cell:
            _put(document, path, infer(cell))
    return Row(place, document)


def _put(document: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value
