"""New documents: one, or tens of thousands."""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Callable,
    Generator,
    Iterable,
    Mapping,
    Sequence,
    Sized,
)
from contextlib import aclosing
from itertools import islice
from typing import Any, Generic, TypeVar, cast

from .. import codec, commands
from .._compat import signature_of
from ..commands import Command, Outcome
from ..errors import BulkWriteError, QueryError
from ._query import Query
from ._send import send
from ._write import Operation, top_options
from .results import approve
from .source import Source

__all__ = ["Insert", "InsertMany", "Progress"]

T = TypeVar("T", covariant=True)

Progress = Callable[[int], object] | Callable[[int, int | None], object]
"""Called with how many are done, and, if it takes two, of how many: None: unknown."""

# So many are encoded before the first of them is sent, when they come one by one.
_CHUNK = 10_000
# Below this, no server refuses a document for its size.
_LARGE = 16_000_000


class Insert(Query, Generic[T]):
    """
    One new document; awaited, the document itself, with its id.

    Args:
        source: where it goes.
        document: an instance of the class.
        options: in the server's spelling.
    """

    __slots__ = ("_document", "_options", "_source")

    def __init__(
        self,
        source: Source[Any],
        document: T,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._begin()
        self._source = source
        self._document = document
        self._options = options

    def __await__(self) -> Generator[Any, None, T]:
        self._used = True
        return self._run()

    def _run(self) -> Generator[Any, None, T]:
        source, document = self._source, self._document
        data = _encoded(source, document)
        options = _options(source, self._options)
        command = commands.insert(
            source.database.name, source.collection, (data,), options
        )
        lane = source.database.lane
        if len(data) > _LARGE:
            # Asked only here, since the answer may need a round trip.
            tuple(commands.batches((data,), (yield from lane.limits().__await__())))
        reply = yield from lane.ask(command)
        if command.acknowledged:
            approve(reply)
        if source.stored is not None:
            source.stored(document, data)
        return document

    def _command(self) -> Command:
        source = self._source
        return commands.insert(
            source.database.name,
            source.collection,
            (_encoded(source, self._document),),
            _options(source, self._options),
        )

    def _operations(self) -> list[Operation]:
        self._used = True
        source = self._source
        options = top_options(_options(source, self._options) or {})
        return [_operation(source, self._document, options)]

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return _shown(self._command())

    def __repr__(self) -> str:
        return f"<Insert of one {self._source.owner}>"


class InsertMany(Query, Generic[T]):
    """
    New documents; awaited, the list of their ids.

    Args:
        source: where they go.
        documents: instances. A list is encoded before anything is sent, so that a
            document that cannot be encoded stops all of them; anything else, which
            may be asynchronous, is read and sent by the ten thousand.
        ordered: stop at the first one that is refused.
        progress: called after each command with how many are done and, if it takes a
            second argument, of how many (None for what comes one by one).
        batch_size: at most so many in one command.
        options: in the server's spelling.

    Raises:
        BulkWriteError: some were refused; ``details`` says which, and how many were
            stored.
    """

    __slots__ = ("_batch", "_documents", "_options", "_ordered", "_progress", "_source")

    def __init__(
        self,
        source: Source[Any],
        documents: Iterable[T] | AsyncIterable[T],
        *,
        ordered: bool = True,
        progress: Progress | None = None,
        batch_size: int | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._begin()
        self._source = source
        self._documents = documents
        self._ordered = ordered
        self._progress = progress
        self._batch = batch_size
        self._options = options

    def __await__(self) -> Generator[Any, None, list[Any]]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> list[Any]:
        outcome = commands.Outcome()
        ids: list[Any] = []
        progress = counting(self._progress, self._documents)
        async with aclosing(self._chunks(outcome)) as chunks:
            async for chunk in chunks:
                first = len(ids)
                data = self._encoded(chunk, ids, outcome)
                await send(
                    self._source,
                    "insert",
                    data,
                    range(first, len(ids)),
                    outcome,
                    options=_options(self._source, self._options),
                    ordered=self._ordered,
                    batch_size=self._batch,
                    progress=progress,
                )
                self._remember(chunk, data, first, outcome)
                if outcome.write_errors and self._ordered:
                    break
        if outcome.failed:
            raise BulkWriteError(outcome.details())
        return ids

    def _encoded(self, chunk: list[T], ids: list[Any], outcome: Outcome) -> list[bytes]:
        """Prepare and encode documents; their ids come to ``ids``."""
        first = len(ids)
        data: list[bytes] = []
        try:
            _prepare(self._source, chunk, ids)
            # What is encoded by then tells where it stopped.
            self._source.codec.encode_all(chunk, data)
        except Exception as error:
            prepared = len(ids) == first + len(chunk)
            at = first + len(data) if prepared else len(ids)
            error.add_note(f"this is document {at}")
            _add_outcome(error, outcome)
            raise
        return data

    def _remember(
        self, chunk: list[T], data: list[bytes], first: int, outcome: Outcome
    ) -> None:
        """Tell the class which documents were stored, and as what."""
        stored = self._source.stored
        if stored is None:
            return
        if not outcome.write_errors and self._source.stored_all is not None:
            self._source.stored_all(chunk, data)
            return
        if not outcome.write_errors:
            for document, written in zip(chunk, data, strict=True):
                stored(document, written)
            return
        refused = {error["index"] - first for error in outcome.write_errors}
        end = min(refused) if self._ordered else len(data)
        for number in range(end):
            if number not in refused:
                stored(chunk[number], data[number])

    async def _chunks(self, outcome: Outcome) -> AsyncGenerator[list[T], None]:
        documents = self._documents
        if isinstance(documents, Sequence):
            # The caller's own may change while they are sent.
            yield list(documents)
            return
        if not isinstance(documents, (Iterable, AsyncIterable)):
            kind = type(documents).__name__
            raise QueryError(f"new documents come in a list, not in a {kind}")
        try:
            if isinstance(documents, AsyncIterable):
                async for several in _async_chunks(documents):
                    yield several
                return
            rest = iter(documents)
            while chunk := list(islice(rest, _CHUNK)):
                yield chunk
        except Exception as error:
            _add_outcome(error, outcome)
            raise

    def _operations(self) -> list[Operation]:
        self._used = True
        source = self._source
        options = top_options(_options(source, self._options) or {})
        return [
            _operation(source, document, options)
            for document in _listed(self._documents)
        ]

    def command(self) -> dict[str, Any]:
        """What is sent, if it fits into one command; a list of documents only."""
        self._used = True
        source = self._source
        documents = [
            _encoded(source, document) for document in _listed(self._documents)
        ]
        return _shown(
            commands.insert(
                source.database.name,
                source.collection,
                documents,
                _options(source, self._options),
                ordered=self._ordered,
            )
        )

    def __repr__(self) -> str:
        return f"<InsertMany of {self._source.owner}>"


async def _async_chunks(documents: AsyncIterable[T]) -> AsyncGenerator[list[T], None]:
    chunk: list[T] = []
    async for one in documents:
        chunk.append(one)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _listed(documents: Iterable[T] | AsyncIterable[T]) -> Iterable[T]:
    """Documents for what cannot wait for them."""
    if isinstance(documents, AsyncIterable):
        raise QueryError("documents that come asynchronously can only be awaited")
    return documents


def _add_outcome(error: Exception, outcome: Outcome) -> None:
    """Tell what was stored before an error that no server raised."""
    if outcome.inserted:
        error.add_note(f"before that: {outcome.details()}")


def counting(
    progress: Progress | None, documents: Any
) -> Callable[[int], object] | None:
    """``progress``, given the number of all documents if it wants that."""
    if progress is None or not _takes_two(progress):
        return cast("Callable[[int], object] | None", progress)
    total = len(documents) if isinstance(documents, Sized) else None
    return lambda done: cast("Any", progress)(done, total)


def _takes_two(function: Callable[..., object]) -> bool:
    try:
        signature_of(function).bind(0, None)
    except (TypeError, ValueError):
        # The second for what is written in C and does not tell.
        return False
    return True


def _prepare(source: Source[Any], documents: list[Any], ids: list[Any]) -> None:
    """Let the class fill in what new documents need; one id each, as far as known."""
    if source.prepare_all is not None:
        source.prepare_all(documents, ids)
    else:
        ids.extend(_prepared(source, document) for document in documents)


def _prepared(source: Source[Any], document: Any) -> Any:
    """Let the class fill in what a new document needs; its id."""
    return None if source.prepare is None else source.prepare(document)


def _operation(
    source: Source[Any], document: Any, options: Mapping[str, Any]
) -> Operation:
    data = _encoded(source, document)
    return Operation("insert", source, data, options, document=document)


def _encoded(source: Source[Any], document: Any) -> bytes:
    _prepared(source, document)
    return source.encoded(document)


def _options(
    source: Source[Any], options: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    return {**source.options, **(options or {})} if source.options else options


def _shown(command: Command) -> dict[str, Any]:
    name, documents = command.sequence or ("documents", ())
    return {**command.body, name: [codec.decode(data) for data in documents]}
