"""
BSON to values and back, by a plan.

``decode`` and ``encode`` work without one and take and give the values that ``bson``
has; ``compile`` makes a :class:`ModelCodec` of a :class:`plan.ModelPlan`; ``Reply`` is a
server's answer, scanned once. The work is done by the native module.
"""

from mongolane._native import Reply, decode, encode, encode_command

__all__ = ["Reply", "decode", "encode", "encode_command"]
