"""
Records out of files, as iterators over bytes; nothing here opens a file or a socket.

A reader yields ``Row`` and ``Bad`` in the file's order and holds a piece of the file
at a time. It raises ``UnreadableError`` where it cannot know how to go on.
"""

from ._bson import bson_rows
from ._csv import csv_rows, infer_value
from ._formats import Format, detect_format, read_rows
from ._json import array_rows, feature_rows, line_rows, sequence_rows
from ._row import Bad, Row, Rows, UnreadableError

__all__ = [
    "Bad",
    "Format",
    "Row",
    "Rows",
    "UnreadableError",
    "array_rows",
    "bson_rows",
    "csv_rows",
    "detect_format",
    "feature_rows",
    "infer_value",
    "line_rows",
    "read_rows",
    "sequence_rows",
]
