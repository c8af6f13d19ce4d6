"""
What every query is: a value that runs when awaited, and says so when it never was.

To name the line that made a forgotten query, each one keeps its maker's code object
and the offset in it: two references, about 0.2 us, and no frame is kept alive. The
line number is worked out only when there is something to warn of.
"""

from __future__ import annotations

import difflib
import sys
import warnings
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import QueryError

__all__ = ["OWN", "Query", "outside"]


class _Own(dict[str, bool]):
    """Which files are this package's own, by name; learnt when one is first seen."""

    def __missing__(self, file: str) -> bool:
        self[file] = found = file.startswith(_HERE)
        return found


_HERE = str(Path(__file__).parent.parent)
OWN = _Own()


def outside(frame: FrameType) -> FrameType:
    """The first frame, from this one outwards, that is not this package's own."""
    found: FrameType | None = frame
    while found is not None and OWN[found.f_code.co_filename]:
        found = found.f_back
    return found or frame


class Query:
    """A request that has not been sent."""

    __slots__ = ("_code", "_offset", "_used")

    _code: CodeType
    _offset: int
    _used: bool

    def _begin(self) -> None:
        """Note who makes this query. The hottest queries do the same in place."""
        self._used = False
        frame = outside(sys._getframe(1))
        self._code, self._offset = frame.f_code, frame.f_lasti

    def _come_from(self, other: Query) -> None:
        """Take the place of ``other``, from which this query was derived."""
        other._used = True
        self._used = False
        self._code, self._offset = other._code, other._offset

    def _origin(self) -> tuple[str, int]:
        """File and line that made this query."""
        code = self._code
        for start, end, line in code.co_lines():
            if start <= self._offset < end and line is not None:
                return code.co_filename, line
        return code.co_filename, code.co_firstlineno

    def __del__(self) -> None:
        try:
            forgotten = not self._used
        except AttributeError:
            return  # the constructor was not given what it needs
        if forgotten and not sys.is_finalizing():
            file, line = self._origin()
            warnings.warn_explicit(
                f"{self!r} was made at {file}:{line} and never awaited, so nothing "
                "was sent",
                RuntimeWarning,
                file,
                line,
            )

    def __bool__(self) -> NoReturn:
        self._used = True
        raise QueryError(f"{self!r} is neither true nor false; is an 'await' missing?")

    if not TYPE_CHECKING:
        # A checker knows what a query has; this is for who has none.

        def __getattr__(self, name: str) -> Any:
            # Only for names that a query does not have.
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name[:1] == "_":
                raise AttributeError(text)
            source = getattr(self, "_source", None)
            fields = () if source is None else source.shape.fields
            if name in fields:
                self._used = True
                text = f"{name!r} is a field of {source.owner}, but this query"
            else:
                known = [*_public(type(self)), *fields]
                near = difflib.get_close_matches(name, known, n=1)
                text += f", did you mean {near[0]!r}?" if near else ";"
                text = f"{text} It" if near else f"{text} it"
            raise AttributeError(f"{text} was not awaited: write (await ...).{name}")

        def __eq__(self, other: object) -> Any:
            return self._compared("==", other)

        def __ne__(self, other: object) -> Any:
            return self._compared("!=", other)

        def __lt__(self, other: object) -> Any:
            return self._compared("<", other)

        def __le__(self, other: object) -> Any:
            return self._compared("<=", other)

        def __gt__(self, other: object) -> Any:
            return self._compared(">", other)

        def __ge__(self, other: object) -> Any:
            return self._compared(">=", other)

        __hash__ = object.__hash__

        def _compared(self, symbol: str, other: object) -> Any:
            if not isinstance(other, Query) and other is not None:
                self._refuse_use(f"is compared: write (await ...) {symbol} ...")
            return NotImplemented

        def __getitem__(self, index: Any) -> NoReturn:
            self._refuse_use(f"is not subscriptable: write (await ...)[{index!r}]")

        def __iter__(self) -> NoReturn:
            each = hasattr(self, "__aiter__")
            how = "use 'async for', or await it" if each else "await it"
            self._refuse_use(f"is not iterable: {how} first")

        def __len__(self) -> NoReturn:
            self._refuse_use("has no len(): await it first")

        def _refuse_use(self, text: str) -> NoReturn:
            self._used = True
            raise TypeError(f"{type(self).__name__!r} object {text}")

    def command(self) -> Any:
        """Exactly what is sent, but for what the conversation adds."""
        raise NotImplementedError


def _public(cls: type) -> list[str]:
    return [name for name in dir(cls) if name[:1] != "_"]
