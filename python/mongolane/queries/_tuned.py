"""What finds and pipelines have in common: how to run them, and what to show of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

from ..commands import Command
from ..errors import QueryError
from ._query import Query
from .ask import Ask, Verbosity, explained
from .options import milliseconds, to_hint
from .source import Source

__all__ = ["Tuned"]


class Tuned(Query):
    """A query with options; each method gives a new one."""

    __slots__ = ()

    _source: Source[Any]

    def hint(self, index: Any) -> Self:
        """Use an index: by its name, or by its keys as for ``sort``."""
        self._used = True
        return self._with(hint=to_hint(index, self._source.shape))

    def collation(self, locale: str | Mapping[str, Any], **more: Any) -> Self:
        """Compare text by a language's rules: ``collation("de", strength=2)``."""
        self._used = True
        if not isinstance(locale, (str, Mapping)):
            raise QueryError(f"a collation is a locale or a dict, not {locale!r}")
        given = {"locale": locale} if isinstance(locale, str) else dict(locale)
        return self._with(collation={**given, **more})

    def comment(self, comment: Any) -> Self:
        """Show up in the server's log and profiler under this comment."""
        return self._with(comment=comment)

    def max_time(self, time: float | timedelta) -> Self:
        """Let the server give up after so many seconds."""
        self._used = True
        return self._with(maxTimeMS=milliseconds(time))

    def let(self, **variables: Any) -> Self:
        """Variables for ``$expr`` and stages: ``$$name``."""
        return self._with(let=variables)

    def explain(self, verbosity: Verbosity = "executionStats") -> Ask[dict[str, Any]]:
        """
        How the server would run this: the plan, and what it cost.

        Args:
            verbosity: ``queryPlanner``: the plan alone; ``executionStats``: what it
                cost; ``allPlansExecution``: what the others would have cost, too.
        """
        return explained(self, self._source.database, self._command, verbosity)

    def command(self) -> dict[str, Any]:
        """Exactly what is sent, but for what the conversation adds."""
        self._used = True
        return dict(self._command().body)

    def _with(self, **options: Any) -> Self:
        raise NotImplementedError

    def _command(self) -> Command:
        raise NotImplementedError
