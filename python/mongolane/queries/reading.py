"""What becomes of a reply's documents: instances, dicts, bytes; and of those unfit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from .. import codec
from ..abc import ModelCodec, Reply
from ..errors import BSONError, DocumentDecodeError, QueryError
from .json import json_rows

__all__ = ["BYTES", "DICTS", "Lenient", "OnInvalid", "checked_policy", "lenient"]

OnInvalid = Literal["raise", "skip", "raw"]
Collect = Callable[[DocumentDecodeError], object] | None


def checked_policy(policy: Any) -> OnInvalid:
    """A policy, if it is one."""
    if policy not in ("raise", "skip", "raw"):
        raise QueryError(f"the policy is raise, skip or raw, not {policy!r}")
    found: OnInvalid = policy
    return found


class _Dicts:
    """Plain dicts with stored keys."""

    def decode(self, data: bytes) -> dict[str, Any]:
        return codec.decode(data)

    def decode_reply(self, reply: Reply) -> list[dict[str, Any]]:
        return reply.documents()

    def encode(self, instance: Any) -> bytes:
        return codec.encode(instance)

    def encode_all(self, instances: list[Any], into: list[bytes]) -> None:
        into.extend(map(codec.encode, instances))

    def json(self, data: bytes) -> bytes:
        return codec.to_json(data)

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        return json_rows((codec.to_json(data) for data in reply.raw()), whole)


class _Bytes(_Dicts):
    """BSON as it came."""

    def decode(self, data: bytes) -> Any:
        return data

    def decode_reply(self, reply: Reply) -> list[Any]:
        return reply.raw()


DICTS: Final[ModelCodec[dict[str, Any]]] = _Dicts()
BYTES: Final[ModelCodec[bytes]] = _Bytes()


class Lenient:
    """
    A codec that lets documents pass that do not fit.

    Args:
        inner: the model's codec.
        policy: ``skip`` leaves them out, ``raw`` gives them as dicts.
        collect: called with the error of each.
        owner: the class's name, for errors.
    """

    def __init__(
        self,
        inner: ModelCodec[Any],
        policy: OnInvalid,
        collect: Collect,
        owner: str,
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._collect = collect
        self._owner = owner
        self.encode: Callable[[Any], bytes] = inner.encode
        self.encode_all: Callable[[list[Any], list[bytes]], None] = inner.encode_all

    def of(self, inner: ModelCodec[Any]) -> Lenient:
        """The same for another model's codec."""
        return Lenient(inner, self._policy, self._collect, self._owner)

    def decode(self, data: bytes) -> Any:
        found = self._decode(data)
        return found[0] if found else None

    def decode_reply(self, reply: Reply) -> list[Any]:
        try:
            return self._inner.decode_reply(reply)
        except (DocumentDecodeError, BSONError):
            return [row for data in reply.raw() for row in self._decode(data)]

    def json(self, data: bytes) -> bytes:
        return self._json(data) or b"null"

    def json_reply(self, reply: Reply, *, whole: bool = False) -> bytes:
        try:
            return self._inner.json_reply(reply, whole=whole)
        except (DocumentDecodeError, BSONError):
            rows = (self._json(data) for data in reply.raw())
            return json_rows((row for row in rows if row is not None), whole)

    def _json(self, data: bytes) -> bytes | None:
        try:
            return self._inner.json(data)
        except (DocumentDecodeError, BSONError):
            found = self._decode(data)
        return codec.to_json(codec.encode(found[0])) if found else None

    def _decode(self, data: bytes) -> list[Any]:
        try:
            return [self._inner.decode(data)]
        except DocumentDecodeError as error:
            document, refused = None, error
        except BSONError as error:
            document = codec.decode_repaired(data)
            problems = [(error.path, error.reason)]
            refused = DocumentDecodeError(self._owner, document.get("_id"), problems)
        if self._collect is not None:
            self._collect(refused)
        if self._policy == "skip":
            return []
        return [codec.decode(data) if document is None else document]


def lenient(
    codec: ModelCodec[Any], policy: OnInvalid, collect: Collect, owner: str
) -> ModelCodec[Any]:
    """A codec by a policy; one that it has already is replaced."""
    inner = codec._inner if isinstance(codec, Lenient) else codec
    return inner if policy == "raise" else Lenient(inner, policy, collect, owner)
