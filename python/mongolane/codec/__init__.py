"""
BSON to values and back, by a plan.

``decode`` and ``encode`` work without one and take and give the values that ``bson``
has; ``compile`` makes a :class:`ModelCodec` of a :class:`plan.ModelPlan`; ``Reply`` is a
server's answer, scanned once. The work is done by the native module.
"""

from mongolane._native import (
    ModelCodec,
    Reply,
    compile,  # noqa: A004
    decode,
    encode,
    encode_command,
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
    "from_json",
    "to_extended_json",
    "to_json",
]
