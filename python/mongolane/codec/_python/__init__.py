"""
The codec in Python: the specification in readable form, and the fallback.

It leans on ``bson`` for the bytes, so what is here is only what ``bson`` doesn't do:
``values`` (more types, errors with a path), ``reply``, and ``model``, which follows a
plan kind by kind (``load``, ``dump``, ``json``). The native module gives the same
results.
"""

from .model import ModelCodec, compile, share_fields_set
from .reply import Reply
from .values import (
    decode,
    encode,
    encode_command,
    encode_natural,
    from_json,
    to_extended_json,
    to_json,
)

__all__ = [
    "ModelCodec",
    "Reply",
    "compile",
    "decode",
    "encode",
    "encode_command",
    "encode_natural",
    "from_json",
    "share_fields_set",
    "to_extended_json",
    "to_json",
]
