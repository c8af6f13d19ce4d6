"""CSV files as records."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from tests.cli.test_json_rows import SIZES, documents, pieces

from mongolane.cli._rows import Bad, Row, UnreadableError, csv_rows, infer_value

MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


@SIZES
def test_rows_in_any_pieces(size: int) -> None:
    """Rows read the same however the bytes are cut, quotes and line ends included."""
    text = 'name,address.city,address.zip\r\n"a, ""b""\nc",Porto,00123\r\n\r\nd,,5\r\n'

    assert documents(csv_rows(pieces(text, size))) == [
        {"name": 'a, "b"\nc', "address": {"city": "Porto", "zip": "00123"}},
        {"name": "d", "address": {"city": "", "zip": "5"}},
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("2.50", 2.5),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("FALSE", "FALSE"),
        ("0.1000000000000000055", "0.1000000000000000055"),
        ("9" * 400 + ".0", "9" * 400 + ".0"),
        ("2020-01-02T03:04:05Z", MOMENT),
        ("00501", "00501"),
        ("1e5", "1e5"),
        ("+1", "+1"),
        ("-0", "-0"),
        (" 1", " 1"),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808"),
        ("2020-01-02", "2020-01-02"),
        ("2020-13-02T03:04:05Z", "2020-13-02T03:04:05Z"),
        ("1\n", "1\n"),
    ],
)
def test_only_certain_values_inferred(cell: str, value: Any) -> None:
    """A cell becomes another type only where it would be written the same again."""
    found = infer_value(cell)

    assert (found, type(found)) == (value, type(value))


def test_numbers_stay_text() -> None:
    """Without infer, each cell is text, an empty one too."""
    assert documents(csv_rows(pieces("a,b\n1,\n"))) == [{"a": "1", "b": ""}]


def test_empty_cells_left_out() -> None:
    """With infer an empty cell is no field."""
    assert documents(csv_rows(pieces("a,b\n1,\n"), infer=True)) == [{"a": 1}]


def test_bad_rows_named_by_line() -> None:
    """Rows with too many or too few cells or a lost quote are named by their line."""
    rows = list(csv_rows(pieces('a,b\n1,2\n1\n1,2,3\n"x"y,2\n5,6\n')))

    assert [row.place for row in rows if isinstance(row, Bad)] == [
        "line 3",
        "line 4",
        "line 5",
    ]
    assert rows[-1] == Row("line 6", {"a": "5", "b": "6"})


@pytest.mark.parametrize("header", ["", "a,,b", "a,a", "a.b,a", "a,a.b", "a..b", '"a'])
def test_unusable_header_refused(header: str) -> None:
    """A header that is missing, or names nothing or something twice, is refused."""
    with pytest.raises(UnreadableError, match="line 1"):
        list(csv_rows(pieces(header + "\n1,2\n" if header else "")))


def test_other_delimiters() -> None:
    """Cells may be told apart by another character."""
    assert documents(csv_rows(pieces("a;b\n1,5;2\n"), delimiter=";")) == [
        {"a": "1,5", "b": "2"}
    ]
