"""
Documents in which some text is not UTF-8: old programs have stored such.
"""

from __future__ import annotations

from typing import Any

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion

from ..errors import BSONError

__all__ = ["decode_repaired"]

_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    uuid_representation=UuidRepresentation.STANDARD,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="replace",
)


def decode_repaired(data: bytes) -> dict[str, Any]:
    """
    A document as a dict, with U+FFFD where a text has bytes that mean nothing.

    Raises:
        BSONError: more than its text is wrong.
    """
    try:
        return bson.decode(data, _OPTIONS)
    except bson.errors.InvalidBSON as error:
        raise BSONError(str(error)) from None
