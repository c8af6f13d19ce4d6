"""
BSON to values and back, by a plan.

``decode`` and ``encode`` work without one and take and give the values that ``bson``
has; ``compile`` makes a :class:`ModelCodec` of a :class:`plan.ModelPlan`; ``Reply`` is
a server's answer, scanned once. The work is done by the native module, or, where there
is none or ``MONGOLANE_CODEC=python`` is set, by its twin in Python: ``implementation``
tells which.
"""

import os
from typing import TYPE_CHECKING

from .repairing import decode_repaired

__all__ = [
    "ModelCodec",
    "Reply",
    "compile",
    "decode",
    "decode_repaired",
    "encode",
    "encode_command",
    "encode_natural",
    "from_json",
    "implementation",
    "share_fields_set",
    "to_extended_json",
    "to_json",
]

implementation: str = "native"

if TYPE_CHECKING or os.environ.get("MONGOLANE_CODEC") != "python":
    try:
        from .._native import (
            ModelCodec,
            Reply,
            compile,
            decode,
            encode,
            encode_command,
            encode_natural,
            from_json,
            share_fields_set,
            to_extended_json,
            to_json,
        )
    except ImportError:
        implementation = "python"
else:
    implementation = "python"

if not TYPE_CHECKING and implementation == "python":
    from ._python import (
        ModelCodec,
        Reply,
        compile,
        decode,
        encode,
        encode_command,
        encode_natural,
        from_json,
        share_fields_set,
        to_extended_json,
        to_json,
    )
