"""A collection on a server, as far as an import needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..abc import Lane
from ..commands import drop, insert
from ..errors import ServerError, from_reply
from ._importing import Refused

__all__ = ["Collection"]

_NAMESPACE_NOT_FOUND = 26
_DUPLICATE_KEY = 11000


class Collection:
    """The ``Target`` of an import; see there."""

    def __init__(self, lane: Lane, database: str, name: str) -> None:
        self._lane, self._database, self._name = lane, database, name

    async def empty(self) -> None:
        """Drop the collection if there is one."""
        try:
            await self._lane.run(drop(self._database, self._name))
        except ServerError as error:
            if error.code != _NAMESPACE_NOT_FOUND:
                raise

    async def insert(
        self, documents: Sequence[bytes], *, ordered: bool
    ) -> list[Refused]:
        """Insert; tell what was refused. ``ordered`` stops at the first of them."""
        command = insert(self._database, self._name, documents, ordered=ordered)
        reply = await self._lane.run(command)
        if not reply.has_write_errors:
            return []
        told = reply.document()
        if "writeErrors" not in told:
            raise from_reply(told.get("writeConcernError", told))
        return [
            Refused(int(error["index"]), _reason(error))
            for error in told["writeErrors"]
        ]


def _reason(error: Mapping[str, Any]) -> str:
    message = " ".join(str(error.get("errmsg", "refused without a reason")).split())
    if error.get("code") != _DUPLICATE_KEY:
        return message
    values = error.get("keyValue")
    if not values:
        return f"duplicate key: {message}"
    told = ", ".join(f"{name} {value!r}" for name, value in values.items())
    return f"duplicate key: {told} is already there"
