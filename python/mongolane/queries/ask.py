"""Queries with one reply and one value in it: counts, distinct values, plans."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, Literal, TypeVar, get_args

from .. import commands
from ..abc import Connected, Reply
from ..commands import Command
from ..errors import QueryError
from ._query import Query

__all__ = ["Ask", "Verbosity", "document_of", "explained"]

Verbosity = Literal["queryPlanner", "executionStats", "allPlansExecution"]

R = TypeVar("R", covariant=True)


class Ask(Query, Generic[R]):
    """
    One command, one reply, one value.

    Args:
        parent: the query this one was derived from.
        database: where it goes.
        make: makes the command, when asked.
        read: takes the value out of the reply.
    """

    __slots__ = ("_database", "_make", "_read")

    def __init__(
        self,
        parent: Query,
        database: Connected,
        make: Callable[[], Command],
        read: Callable[[Reply], R],
    ) -> None:
        self._come_from(parent)
        self._database = database
        self._make = make
        self._read = read

    def __await__(self) -> Generator[Any, None, R]:
        self._used = True
        return self._run().__await__()

    async def _run(self) -> R:
        return self._read(await self._database.lane.run(self._make()))

    def explain(self, verbosity: Verbosity = "executionStats") -> Ask[dict[str, Any]]:
        """How the server would run this; as for a find."""
        return explained(self, self._database, self._make, verbosity)

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._make().body)

    def __repr__(self) -> str:
        return f"<a query that gives one value: {self._make().name}>"


def explained(
    query: Query,
    database: Connected,
    make: Callable[[], Command],
    verbosity: Verbosity,
) -> Ask[dict[str, Any]]:
    """
    What explains a query instead of running it.

    Args:
        query: the query.
        database: where it goes.
        make: makes its command, when asked.
        verbosity: how much is told.
    """
    if verbosity not in get_args(Verbosity):
        query._used = True
        raise QueryError(
            f"{verbosity!r} is none of {', '.join(map(repr, get_args(Verbosity)))}"
        )
    return Ask(
        query, database, lambda: commands.explain(make(), verbosity), document_of
    )


def document_of(reply: Reply) -> dict[str, Any]:
    """The whole reply, decoded."""
    return reply.document()
