"""Change, replace or remove one document and give it, in one step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Generic, Literal, TypeVar, overload

from .. import codec as bson
from .. import commands
from ..abc import ModelCodec, Reply
from ..commands import Command
from ..errors import DocumentDecodeError, DuplicateKeyError
from ._query import Query
from ._write import refuse_unanswered
from .reading import OnInvalid, checked_policy, lenient
from .results import approve
from .source import Source

__all__ = ["FindAndModify"]

R = TypeVar("R", covariant=True)
Read = Callable[[ModelCodec[Any], Reply], R]


class FindAndModify(Query, Generic[R]):
    """
    One document, changed and given.

    Args:
        parent: the query this one was derived from.
        source: where it goes.
        filter: the filter document.
        change: the update document, pipeline or replacement; None removes.
        options: in the server's spelling.
        codec: reads the document.
        read: makes the result of the reply.
        new: give the document as it is afterwards.
        upsert: make one when none matches.
    """

    __slots__ = (
        "_change",
        "_codec",
        "_filter",
        "_new",
        "_options",
        "_read",
        "_source",
        "_upsert",
    )

    def __init__(
        self,
        parent: Query,
        source: Source[Any],
        filter: Mapping[str, Any],
        change: Any,
        options: Mapping[str, Any],
        codec: ModelCodec[Any],
        read: Read[R],
        *,
        new: bool = False,
        upsert: bool = False,
    ) -> None:
        self._come_from(parent)
        self._source = source
        self._filter = filter
        self._change = change
        self._options = options
        self._codec = codec
        self._read = read
        self._new = new
        self._upsert = upsert

    def __await__(self) -> Generator[Any, None, R]:
        self._used = True
        return self._run()

    def _run(self) -> Generator[Any, None, R]:
        lane = self._source.database.lane
        if self._upsert and (pending := self._source.pending()) is not None:
            yield from pending.__await__()
        try:
            reply = yield from lane.ask(self._command())
        except DuplicateKeyError:
            # Two upserts at once: this one finds what the other one has made.
            if not self._upsert:
                raise
            reply = yield from lane.ask(self._command())
        approve(reply)
        return self._read(self._codec, reply)

    @overload
    def on_invalid(
        self,
        policy: Literal["raise", "skip"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> FindAndModify[R]: ...
    @overload
    def on_invalid(
        self,
        policy: Literal["raw"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> FindAndModify[R | dict[str, Any]]: ...
    def on_invalid(
        self,
        policy: OnInvalid,
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> FindAndModify[Any]:
        """What to do with a document that does not fit; it is written all the same."""
        self._used = True
        return FindAndModify(
            self,
            self._source,
            self._filter,
            self._change,
            self._options,
            lenient(self._codec, checked_policy(policy), collect, self._source.owner),
            self._read,
            new=self._new,
            upsert=self._upsert,
        )

    def _command(self) -> Command:
        source = self._source
        refuse_unanswered(self._options)
        return commands.find_and_modify(
            source.database.name,
            source.collection,
            self._filter,
            self._change,
            self._options,
            new=self._new,
            upsert=self._upsert,
        )

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._command().body)

    def __repr__(self) -> str:
        return f"<FindAndModify of {self._source.owner}>"


def read_value(codec: ModelCodec[Any], reply: Reply) -> Any:
    """
    The document of a reply, None when there is none.

    Raises:
        DocumentDecodeError: it does not fit; carries it whole, since the write is done.
    """
    data = reply.value()
    if data is None:
        return None
    try:
        return codec.decode(data)
    except DocumentDecodeError as error:
        error.document = bson.decode(data)
        error.add_note("the write was done; .document holds what it gave")
        raise


def read_upserted(codec: ModelCodec[Any], reply: Reply) -> Any:
    """The document, and whether it was made."""
    facts = reply.document().get("lastErrorObject")
    # Not updatedExisting: DocumentDB calls it false for an update without effect.
    made = isinstance(facts, Mapping) and facts.get("upserted") is not None
    return read_value(codec, reply), made
