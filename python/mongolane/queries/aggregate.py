"""Pipelines."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Generic, Literal, Self, TypeVar, overload

from .. import commands
from ..abc import ModelCodec, Reply
from ..commands import Command
from ..errors import DocumentDecodeError, QueryError
from ..expressions.filters import Filter
from ..expressions.matched_ids import with_ids
from ..expressions.resolve import refuse_javascript
from ..expressions.values import TOO_DEEP
from ._query import Query
from ._tuned import Tuned
from .ask import Ask
from .cursor import Rows, collect
from .json import Json
from .options import concerns
from .reading import DICTS, Lenient, OnInvalid, checked_policy, lenient
from .source import Source

__all__ = ["Aggregate"]

R = TypeVar("R", covariant=True)
M = TypeVar("M")


class Aggregate(Tuned, Generic[R]):
    """
    The results of a pipeline; awaited, a list of dicts, or of a model's instances.

    Args:
        source: where it goes.
        pipeline: stages as the server takes them; ``$match`` also takes expressions,
            and the first ones ids as text.
        before: stages that come first.
        options: in the server's spelling.
        codec: reads the rows.
        read_preference: instead of the source's.
        allow_javascript: instead of the source's.
    """

    __slots__ = (
        "_before",
        "_codec",
        "_javascript",
        "_options",
        "_pipeline",
        "_read_preference",
        "_source",
    )

    def __init__(
        self,
        source: Source[Any],
        pipeline: Sequence[Mapping[str, Any]],
        *,
        before: Sequence[Mapping[str, Any]] | None = None,
        options: Mapping[str, Any] | None = None,
        codec: ModelCodec[Any] = DICTS,
        read_preference: Any = None,
        allow_javascript: bool = False,
    ) -> None:
        self._begin()
        if isinstance(pipeline, (str, bytes, Mapping)) or not isinstance(
            pipeline, Iterable
        ):
            self._used = True
            raise QueryError(f"a pipeline is a list of stages, not {pipeline!r}")
        self._read_preference = read_preference or source.read_preference
        self._javascript = allow_javascript or source.allow_javascript
        if before is None:
            before = [{"$match": source.scope}] if source.scope else []
        self._source = source
        self._pipeline = pipeline
        self._before = before
        self._options = options
        self._codec = codec

    def __await__(self) -> Generator[Any, None, list[R]]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> list[R]:
        lane = self._source.database.lane
        return await collect(lane, self._command(), self._codec.decode_reply)

    async def to_list(self) -> list[R]:
        """All results: the same as awaiting the query."""
        return await self

    def __aiter__(self) -> Rows[R]:
        return self.cursor()

    def cursor(self) -> Rows[R]:
        """The results one by one; ``async with`` frees what is left on the server."""
        self._used = True
        lane = self._source.database.lane
        return Rows(lane, self._command(), self._codec.decode_reply)

    def to(self, model: type[M]) -> Aggregate[M]:
        """As instances of a model."""
        if self._source.target is None:
            raise QueryError(f"{self._source.owner} cannot be read as {model!r}")
        codec, inner = self._source.target(model).codec, self._codec
        if isinstance(inner, Lenient):
            codec = inner.of(codec)
        derived: Aggregate[M] = self._derived(codec=codec)
        return derived

    @overload
    def on_invalid(
        self,
        policy: Literal["raise", "skip"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> Aggregate[R]: ...
    @overload
    def on_invalid(
        self,
        policy: Literal["raw"],
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> Aggregate[R | dict[str, Any]]: ...
    def on_invalid(
        self,
        policy: OnInvalid,
        collect: Callable[[DocumentDecodeError], object] | None = None,
    ) -> Aggregate[Any]:
        """What to do with rows that do not fit the model; as for a find."""
        self._used = True
        codec = lenient(
            self._codec, checked_policy(policy), collect, self._source.owner
        )
        derived: Aggregate[Any] = self._derived(codec=codec)
        return derived

    def first(self) -> Ask[R | None]:
        """The first result, or None."""
        limited = self._derived(pipeline=[*self._pipeline, {"$limit": 1}])

        def read(reply: Reply) -> R | None:
            rows: list[R] = self._codec.decode_reply(reply)
            return rows[0] if rows else None

        limited._used = True
        return Ask(self, self._source.database, limited._command, read)

    def json(self) -> Json:
        """Bytes of a JSON array of all results, for a response."""
        return Json(self, self._source, self._command, self._codec.json_reply)

    # How to run it.

    def batch_size(self, count: int) -> Self:
        """So many in each reply."""
        return self._with(batchSize=count)

    def allow_disk_use(self, allowed: bool = True) -> Self:
        """Let the server put large sorts and groups on disk."""
        return self._with(allowDiskUse=allowed)

    def with_options(
        self,
        *,
        read_preference: Any = None,
        read_concern: Any = None,
        write_concern: Any = None,
        allow_javascript: bool | None = None,
    ) -> Self:
        """Options of this query alone; as those of a find."""
        self._used = True
        derived = self._with(**concerns(read_concern, write_concern))
        if read_preference is not None:
            derived._read_preference = read_preference
        if allow_javascript is not None:
            derived._javascript = allow_javascript
        return derived

    def _with(self, **options: Any) -> Self:
        derived: Self = self._derived(options={**(self._options or {}), **options})
        return derived

    def _derived(self, **changed: Any) -> Any:
        new = object.__new__(type(self))
        new._source = self._source
        new._before = self._before
        new._pipeline = changed.get("pipeline", self._pipeline)
        new._options = changed.get("options", self._options)
        new._codec = changed.get("codec", self._codec)
        new._read_preference = self._read_preference
        new._javascript = self._javascript
        new._come_from(self)
        return new

    def _from(self, parent: Query) -> Self:
        self._come_from(parent)
        return self

    def _command(self) -> Command:
        source = self._source
        try:
            if not self._javascript:
                refuse_javascript(self._pipeline)
        except RecursionError:
            raise QueryError(f"a pipeline of {source.owner} {TOO_DEEP}") from None
        return commands.aggregate(
            source.database.name,
            source.collection,
            [*self._before, *with_ids([*map(_stage, self._pipeline)], source.shape)],
            {**(source.options or {}), **(self._options or {})},
            self._read_preference,
        )

    def __repr__(self) -> str:
        return f"<Aggregate of {self._source.owner}>"


def _stage(stage: Any) -> Any:
    if not isinstance(stage, Mapping):
        raise QueryError(f"a stage is a dict, not {stage!r}")
    match = stage.get("$match")
    return {"$match": match.to_filter()} if isinstance(match, Filter) else stage
