"""
A codec that only uses pydantic, for as long as there is no compiled one.
"""

from __future__ import annotations

from typing import Any

from .. import codec
from ..abc import Reply
from ..codec.plan import ModelPlan

__all__ = ["ByHand"]


class ByHand:
    """BSON to instances and back, by the plan's own functions."""

    def __init__(self, plan: ModelPlan) -> None:
        self._plan = plan

    def decode(self, data: bytes) -> Any:
        assert self._plan.fallback is not None
        made = self._plan.fallback(codec.decode(data))
        if self._plan.keep_raw:
            object.__setattr__(made, self._plan.keep_raw, bytes(data))
        return made

    def decode_reply(self, reply: Reply) -> list[Any]:
        return [self.decode(data) for data in reply.raw()]

    def encode(self, instance: Any) -> bytes:
        assert self._plan.dump is not None
        return codec.encode(self._plan.dump(instance))

    def json_reply(self, reply: Reply) -> bytes:
        assert self._plan.json_dump is not None
        return b",".join(self._plan.json_dump(one) for one in self.decode_reply(reply))
