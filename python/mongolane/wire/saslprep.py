"""
SASLprep: the one spelling of a password that all clients agree on.

https://www.rfc-editor.org/rfc/rfc4013, on the tables of the standard library's
``stringprep`` (RFC 3454, Unicode 3.2).
"""

from __future__ import annotations

import stringprep
import unicodedata

from ..errors import ConfigurationError

__all__ = ["saslprep"]

_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)


def saslprep(text: str) -> str:
    """
    ``text`` as RFC 4013 says; unassigned code points are refused (a "stored string").

    Raises:
        ConfigurationError: a character that may not be in a password. The message
            doesn't show it.
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in text
        if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    if any(prohibited(char) for char in prepared for prohibited in _PROHIBITED):
        raise ConfigurationError("the password holds a character SASLprep prohibits")
    _check_direction(prepared)
    return prepared


def _check_direction(text: str) -> None:
    """RFC 3454 section 6: right-to-left text begins and ends with such letters."""
    if not any(map(stringprep.in_table_d1, text)):
        return
    ends_right = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    if any(map(stringprep.in_table_d2, text)) or not ends_right:
        raise ConfigurationError("the password mixes writing directions (SASLprep)")
