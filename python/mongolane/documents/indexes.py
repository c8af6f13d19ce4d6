"""
Indexes of classes: created where they are missing, dropped only when asked.

At connect for the classes known by then; for others before their first write. Two
classes on one collection share its indexes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from .. import commands
from ..abc import Connected
from ..errors import ConfigurationError, ServerError
from ..schema import describe
from .index_plan import IndexPlan, Step, planned
from .index_specs import (
    declared_indexes,
    declared_together,
    differences,
    same,
)
from .known_classes import by_collection, declared_by_collection, known_documents

__all__ = ["Indexes", "refuse_clashes"]

log: logging.Logger = logging.getLogger("mongolane")

_NAMESPACE_NOT_FOUND = 26
# CommandNotFound, CommandNotSupported, NotImplemented, and an option it has not.
_UNSUPPORTED = (59, 115, 238, 72)

_LISTED_ONLY = ("ns", "storageEngine")


def refuse_clashes(cls: Any) -> None:
    """
    Raise for a class whose indexes and those of another exclude each other.

    Raises:
        ConfigurationError: names both, and what they want.
    """
    declared_together(known_documents([cls]))


def _had(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> bool:
    return any(
        same(one, wanted) and not differences(one, wanted) for one in existing.values()
    )


class Indexes:
    """What one connection knows of the indexes it has created."""

    def __init__(self) -> None:
        self._done: set[type] = set()
        self._looked_at: set[str] = set()

    def known(self, cls: type) -> bool:
        """Whether nothing is left to do for a class."""
        return cls in self._done

    async def ensure(
        self, cls: Any, database: Connected, *, again: bool = False
    ) -> None:
        """Create what ``cls`` declares and its collection lacks."""
        if self.known(cls) and not again:
            return
        collection = describe(cls).collection
        if collection not in self._looked_at:
            self._warn_of_clashes(collection, known_documents([cls]))
        await self._ensure(collection, [cls], database)

    async def ensure_all(self, classes: Iterable[Any], database: Connected) -> None:
        """The same for many classes, looking at each collection once."""
        for collection, sharing in by_collection(classes).items():
            self._warn_of_clashes(collection, sharing)
            await self._ensure(collection, sharing, database)

    def _warn_of_clashes(self, collection: str, sharing: list[Any]) -> None:
        self._looked_at.add(collection)
        try:
            declared_together(sharing)
        except ConfigurationError as error:
            log.warning("%s: %s", collection, error)

    async def _ensure(
        self, collection: str, classes: list[Any], database: Connected
    ) -> None:
        wanted = [spec for one in classes for spec in declared_indexes(describe(one))]
        if wanted:
            existing = await self.existing(collection, database)
            for one in wanted:
                if not _had(one, existing):
                    await self._create(collection, database, one, existing)
        self._done.update(classes)

    async def _create(
        self,
        collection: str,
        database: Connected,
        wanted: dict[str, Any],
        existing: dict[str, Any],
    ) -> None:
        name = wanted["name"]
        if name in existing or any(same(wanted, one) for one in existing.values()):
            log.warning(
                "index %r of %r exists with other options; it is left as it is",
                name,
                collection,
            )
            return
        try:
            await database.lane.run(
                commands.create_indexes(database.name, collection, [wanted])
            )
            existing[name] = wanted
        except ServerError as error:
            # One index that cannot be had must not keep an application down.
            log.warning(
                "index %r of %r was refused: %s (code %s)",
                name,
                collection,
                error.code_name,
                error.code,
            )

    async def existing(self, collection: str, database: Connected) -> dict[str, Any]:
        """The indexes that a collection has: name to description."""
        command = commands.list_indexes(database.name, collection)
        try:
            reply = await database.lane.run(command)
        except ServerError as error:
            if error.code == _NAMESPACE_NOT_FOUND:
                return {}
            raise
        return {one["name"]: one for one in reply.documents()}

    async def drop(self, cls: Any, database: Connected, name: str) -> None:
        """Drop one index by its name."""
        collection = describe(cls).collection
        await database.lane.run(commands.drop_indexes(database.name, collection, name))

    async def plan(self, classes: Iterable[Any], database: Connected) -> IndexPlan:
        """
        What would make the server's indexes those that classes declare.

        Raises:
            ConfigurationError: classes on one collection want what excludes itself.
        """
        steps: list[Step] = []
        for collection, declared in declared_by_collection(classes).items():
            wanted = [one.spec for one in declared]
            existing = await self.existing(collection, database)
            steps += planned(collection, wanted, list(existing.values()))
        return IndexPlan(tuple(steps))

    async def sync(
        self,
        classes: Iterable[Any],
        database: Connected,
        *,
        drop: bool,
        show: Callable[[IndexPlan], object] | None = None,
    ) -> IndexPlan:
        """
        Show the plan, and do what it says; what would drop an index only if ``drop``.

        What only drops comes last, when all that is wanted is there. An index that
        cannot be rebuilt is put back as it was.

        Raises:
            ServerError: one was refused; its note says which.
        """
        found = await self.plan(classes, database)
        if show is not None:
            show(found)
        order = ("modify", "rebuild", "create", "drop")
        done: dict[int, Step] = {}
        for one in sorted(found.steps, key=lambda step: order.index(step.action)):
            left = one.destructive and not drop
            done[id(one)] = one if left else await self._do(one, database, drop)
        return IndexPlan(tuple(done[id(one)] for one in found.steps))

    async def _do(self, step: Step, database: Connected, drop: bool) -> Step:
        run, where = database.lane.run, (database.name, step.collection)
        if step.action == "modify":
            command = commands.modify_index(*where, step.name, step.changed)
            try:
                await run(command)
            except ServerError as error:
                if error.code not in _UNSUPPORTED:
                    raise
                # The server cannot change an index in place.
                step = replace(step, action="rebuild")
                return await self._do(step, database, drop) if drop else step
            return replace(step, done=True)
        if step.destructive:
            await run(commands.drop_indexes(*where, step.name))
        if step.wanted is not None:
            try:
                await run(commands.create_indexes(*where, [step.wanted]))
            except ServerError as error:
                error.add_note(f"while making {step.collection}: {step}")
                if step.existing is not None:
                    await run(commands.create_indexes(*where, [_as_it_was(step)]))
                raise
        return replace(step, done=True)


def _as_it_was(step: Step) -> dict[str, Any]:
    # A namespace and DocumentDB's own remark are listed, and not taken.
    existing = step.existing or {}
    return {key: existing[key] for key in existing if key not in _LISTED_ONLY}
