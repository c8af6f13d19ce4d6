"""A server's answer, opened lazily by ``bson``."""

from __future__ import annotations

from typing import Any, final

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from ...errors import BSONError
from .values import AWARE, Data, decode

_RAW: CodecOptions[RawBSONDocument] = AWARE.with_options(document_class=RawBSONDocument)
_REPAIRED = AWARE.with_options(unicode_decode_error_handler="replace")


@final
class Reply:
    """A server's answer. See ``mongolane.abc.Reply``."""

    __module__ = "mongolane.codec"

    def __init__(self, data: Data) -> None:
        self.data = bytes(data)
        self.pin: Any = None
        self._top = self._open()
        cursor = self._top.get("cursor", {})
        try:
            batch = cursor.get("firstBatch", cursor.get("nextBatch", ()))
        except bson.errors.InvalidBSON as error:
            raise BSONError(str(error)) from None
        if not all(isinstance(item, RawBSONDocument) for item in batch):
            raise BSONError("a batch with something else than documents")
        self._cursor, self._batch = cursor, [item.raw for item in batch]

    def _open(self) -> dict[str, Any]:
        try:
            document = RawBSONDocument(self.data, _RAW)
            return {key: value for key, value in document.items() if key in _WANTED}
        except (bson.errors.InvalidBSON, UnicodeDecodeError):
            return self._open_repaired()

    def _open_repaired(self) -> dict[str, Any]:
        try:
            repaired = bson.decode(self.data, _REPAIRED)
        except bson.errors.InvalidBSON as error:
            raise BSONError(str(error)) from None
        return dict(RawBSONDocument(bson.encode(repaired, codec_options=AWARE), _RAW))

    @property
    def ok(self) -> bool:
        """Whether the server says ``ok: 1``."""
        return bool(self._top.get("ok") == 1)

    @property
    def cursor_id(self) -> int:
        """The cursor's id; 0 when there is none, or nothing more to fetch."""
        return int(self._cursor.get("id", 0))

    @property
    def namespace(self) -> str | None:
        """The cursor's namespace, ``database.collection``."""
        found: str | None = self._cursor.get("ns")
        return found

    @property
    def cluster_time(self) -> bytes | None:
        """The ``$clusterTime`` document, raw."""
        return self._part("$clusterTime")

    @property
    def operation_time(self) -> bson.Timestamp | None:
        """The reply's ``operationTime``."""
        return self._top.get("operationTime")

    @property
    def has_write_errors(self) -> bool:
        """Whether some write was refused."""
        return bool(self._top.get("writeErrors"))

    @property
    def has_write_concern_error(self) -> bool:
        """Whether a write was not as safe as asked."""
        return "writeConcernError" in self._top

    @property
    def n(self) -> int | None:
        """The reply's ``n``."""
        found = self._top.get("n")
        return None if found is None else int(found)

    @property
    def counts(self) -> tuple[int, int] | None:
        """What a write has done, ``n`` and ``nModified``; None: that is not all."""
        found = self._top.get("n"), self._top.get("nModified", 0)
        more = not self._top.keys().isdisjoint(_TELLING)
        if more or any(type(one) not in (int, bson.Int64) for one in found):
            return None
        return int(found[0] or 0), int(found[1])

    @property
    def error_labels(self) -> list[str]:
        """The reply's ``errorLabels``."""
        return list(self._top.get("errorLabels", ()))

    def __len__(self) -> int:
        return len(self._batch)

    def __repr__(self) -> str:
        sizes = f"documents={len(self)} bytes={len(self.data)}"
        return f"<Reply ok={int(self.ok)} {sizes}>"

    def document(self) -> dict[str, Any]:
        """The whole reply as a dict; bad text in an error is repaired."""
        if self.ok and not (self.has_write_errors or self.has_write_concern_error):
            return decode(self.data)
        return bson.decode(self.data, _REPAIRED)

    def documents(self) -> list[dict[str, Any]]:
        """The batch as dicts."""
        return [decode(data) for data in self._batch]

    def raw(self) -> list[bytes]:
        """The batch as BSON documents."""
        return [bytes(data) for data in self._batch]

    def value(self) -> bytes | None:
        """The ``value`` of findAndModify as BSON, None when no document matched."""
        return self._part("value")

    def _part(self, key: str) -> bytes | None:
        found = self._top.get(key)
        return bytes(found.raw) if isinstance(found, RawBSONDocument) else None


_TELLING = {"upserted", "writeErrors", "writeConcernError"}
_WANTED = {
    *_TELLING,
    "cursor",
    "ok",
    "n",
    "nModified",
    "$clusterTime",
    "operationTime",
    "value",
    "errorLabels",
}
