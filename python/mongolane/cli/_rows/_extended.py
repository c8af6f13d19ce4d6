"""
JSON text to values, Extended JSON (``$oid``, ``$date``, ``$numberDecimal``) included.

https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import bson.errors
from bson import json_util

__all__ = ["BROKEN", "decode_at", "decoder_for", "document_problem", "why"]

# All that decoding JSON, or the values of Extended JSON in it, is known to raise.
BROKEN = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    bson.errors.BSONError,
)

_OPTIONS = json_util.JSONOptions(tz_aware=True, tzinfo=datetime.UTC)


def _extended(pairs: Any) -> Any:
    return json_util.object_pairs_hook(pairs, _OPTIONS)


_PLAIN = json.JSONDecoder()
_EXTENDED = json.JSONDecoder(object_pairs_hook=_extended)


def decoder_for(text: str) -> Callable[[str, int], tuple[Any, int]]:
    """
    What turns the JSON value at a position of ``text`` into a value and its end.

    Python code for each object costs more than the parsing, and only Extended JSON
    needs it, which a look at the text tells.
    """
    return (_EXTENDED if '"$' in text else _PLAIN).raw_decode


def decode_at(text: str, start: int) -> tuple[Any, int]:
    """
    The value that starts at ``start``, and where it ends.

    Raises:
        BROKEN: it does not end in ``text``, or it is not JSON.
    """
    return decoder_for(text)(text, start)


def document_problem(value: Any) -> str | None:
    """What keeps ``value`` from being a document, None when it is one."""
    if isinstance(value, dict):
        return None
    kind = {list: "an array", str: "a text", type(None): "null", bool: "true or false"}
    return f"a document was expected, not {kind.get(type(value), 'a number')}"


def why(error: BaseException) -> str:
    """The reason in one line."""
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return " ".join(str(error).split()) or type(error).__name__
