"""The one shape of all requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Command", "Read"]


class Command:
    """
    A request as a frozen value (``mongolane.abc.Command`` says what each part means).

    A class with slots, not a dataclass: a frozen dataclass costs five times as
    much to make, and one is made for each operation.
    """

    __slots__ = (
        "acknowledged",
        "body",
        "database",
        "is_write",
        "read_preference",
        "retryable",
        "sequence",
    )

    elements: bytes | None = None

    def __init__(
        self,
        database: str,
        body: dict[str, Any],
        *,
        sequence: tuple[str, Sequence[bytes]] | None = None,
        is_write: bool = False,
        retryable: bool = False,
        acknowledged: bool = True,
        read_preference: Any = None,
    ) -> None:
        self.database: str = database
        self.body: dict[str, Any] = body
        self.sequence: tuple[str, Sequence[bytes]] | None = sequence
        self.is_write: bool = is_write
        self.retryable: bool = retryable
        self.acknowledged: bool = acknowledged
        self.read_preference: Any = read_preference

    @property
    def name(self) -> str:
        """The command's name: the first key of its body."""
        return next(iter(self.body))

    def __repr__(self) -> str:
        # Values of a body are the user's data and never shown.
        return f"<{type(self).__name__} {self.name} on {self.database!r}>"


class Read(Command):
    """
    A read that may be repeated: the commonest of all, with less to set.

    What is always the same stands in the class, before the slots of ``Command``.
    """

    __slots__ = ()

    acknowledged = True
    is_write = False
    retryable = True
    sequence: tuple[str, Sequence[bytes]] | None = None

    def __init__(
        self, database: str, body: dict[str, Any], read_preference: Any = None
    ) -> None:
        self.database = database
        self.body = body
        self.read_preference = read_preference
