"""A write as part of something larger: what ``bulk`` needs to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..commands.options import pick
from ..errors import QueryError, VersionConflictError
from .source import Source

__all__ = [
    "TOP_OPTIONS",
    "Operation",
    "Saving",
    "UpdateOperation",
    "refuse_unanswered",
    "top_options",
]

TOP_OPTIONS = (
    "writeConcern",
    "comment",
    "let",
    "maxTimeMS",
    "bypassDocumentValidation",
)


class Saving(Protocol):
    """A stored document while a bulk saves it."""

    @property
    def alone(self) -> bool:
        """
        Whether it needs a command of its own.

        A reply tells how many documents were found, not which: one that counts its
        versions would not learn that it came too late.
        """
        ...

    def statement(self) -> bytes:
        """What is to be sent, made and encoded now; empty: nothing has changed."""
        ...

    def kept(self) -> None:
        """It was stored."""
        ...

    async def missed(self) -> tuple[VersionConflictError | None, Any]:
        """
        Perhaps it was not found.

        Returns:
            The conflict, when somebody else wrote it; its ``_id``, when it was gone,
            and is stored anew.
        """
        ...

    def undone(self) -> None:
        """It was not stored: the document is as it was."""
        ...


class Operation:
    """
    One entry of a write command.

    Not a dataclass: a frozen one costs three times as much to make.

    Attributes:
        kind: ``insert``, ``update`` or ``delete``.
        source: where it goes.
        data: the document or statement, encoded; empty: there is nothing to send.
        options: those of the command, which all entries of it share.
        multi: whether it may touch several documents.
        document: the new document itself, of an insert.
        saving: the stored document, of a save.
    """

    __slots__ = ("data", "document", "kind", "multi", "options", "saving", "source")

    def __init__(
        self,
        kind: str,
        source: Source[Any],
        data: bytes,
        options: Mapping[str, Any],
        multi: bool = False,
        document: Any = None,
        saving: Saving | None = None,
    ) -> None:
        self.kind: str = kind
        self.source: Source[Any] = source
        self.data: bytes = data
        self.options: Mapping[str, Any] = options
        self.multi: bool = multi
        self.document: Any = document
        self.saving: Saving | None = saving

    def goes_with(self, other: Operation) -> bool:
        """Whether both may go in one command."""
        if (
            self.source is other.source
            and self.kind == other.kind
            and not self.options
            and not other.options
        ):
            one, two = self.saving, other.saving
            if one is None or two is None:
                return one is two
            return not (one.alone or two.alone)
        return self.group() == other.group()

    def group(self) -> tuple[Any, ...]:
        """Operations with the same group may go in one command."""
        return (
            self.kind,
            self.source.database.name,
            id(self.source.database),
            self.source.collection,
            repr(self.options),
            self.saving is not None,
            id(self) if self.saving is not None and self.saving.alone else 0,
        )


class UpdateOperation(Operation):
    """An update: many are made at once, with less to set."""

    __slots__ = ()

    kind = "update"
    document = None
    saving = None

    def __init__(
        self,
        source: Source[Any],
        data: bytes,
        options: Mapping[str, Any],
        multi: bool,
    ) -> None:
        self.source = source
        self.data = data
        self.options = options
        self.multi = multi


def refuse_unanswered(options: Mapping[str, Any]) -> None:
    """
    Refuse what a server could only refuse in an answer, when none is asked for.

    Raises:
        QueryError: names the option.
    """
    if not options or (options.get("writeConcern") or {}).get("w") != 0:
        return
    for name in ("hint", "collation", "arrayFilters"):
        if options.get(name):
            raise QueryError(
                f"{name} needs an answer: not with write_concern=0, where an error "
                "would stay unseen"
            )


def top_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that belong to a command and not to a statement in it."""
    return pick(options, TOP_OPTIONS)
