"""
Indexes of classes: created where they are missing, dropped only when asked.

At connect for the classes known by then; for others before their first write. Two
classes on one collection share its indexes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from .. import commands
from ..abc import Connected
from ..errors import ConfigurationError, ServerError
from ..expressions import Order, Path
from ..fields import Index
from ..schema import Schema, describe

__all__ = ["Indexes", "declared_indexes", "document_classes"]

log = logging.getLogger("mongolane")

_ROOTS: list[type] = []
_NAMESPACE_NOT_FOUND = 26

R = TypeVar("R")


def root(cls: type[R]) -> type[R]:
    """Mark the class whose subclasses are the documents."""
    _ROOTS.append(cls)
    return cls


def document_classes() -> Iterator[Any]:
    """Every document class there is by now, parents first, each once."""
    seen: set[type] = set()
    waiting: list[type] = [*_ROOTS]
    while waiting:
        children: list[type] = waiting.pop(0).__subclasses__()
        for one in children:
            if one not in seen:
                seen.add(one)
                waiting.append(one)
                if _has_collection(one):
                    yield one


def _has_collection(cls: Any) -> bool:
    # An unparametrized generic, and a class that still waits for a name, is no
    # document yet.
    generic = cls.__pydantic_generic_metadata__["parameters"]
    return not generic and cls.__pydantic_complete__


class Indexes:
    """What one connection knows of the indexes it has created."""

    def __init__(self) -> None:
        self._done: set[tuple[type, str]] = set()

    def known(self, cls: type) -> bool:
        """Whether nothing is left to do for a class."""
        return (cls, "") in self._done

    async def ensure(
        self, cls: Any, database: Connected, *, again: bool = False
    ) -> None:
        """Create what ``cls`` declares and its collection lacks."""
        if self.known(cls) and not again:
            return
        schema = describe(cls)
        wanted = declared_indexes(schema)
        if wanted:
            existing = await self.existing(schema.collection, database)
            taken = {_identity(one) for one in existing.values()}
            missing = [one for one in wanted if _identity(one) not in taken]
            await self._create(schema, database, missing, existing)
        self._done.add((cls, ""))

    async def _create(
        self,
        schema: Schema,
        database: Connected,
        missing: list[dict[str, Any]],
        existing: Mapping[str, Any],
    ) -> None:
        for one in missing:
            if one["name"] in existing:
                log.warning(
                    "index %r of %r exists with other options; it is left as it is",
                    one["name"],
                    schema.collection,
                )
                continue
            command = commands.create_indexes(database.name, schema.collection, [one])
            try:
                await database.lane.run(command)
            except ServerError as error:
                # One index that cannot be had must not keep an application down.
                log.warning(
                    "index %r of %r was refused: %s (code %s)",
                    one["name"],
                    schema.collection,
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


def declared_indexes(schema: Schema) -> list[dict[str, Any]]:
    """The indexes of a class as the server takes them, stored keys, names filled in."""
    found: dict[Any, dict[str, Any]] = {}
    for one in schema.fields.values():
        if one.index is not None and one.key != "_id":
            spec = _spec({one.key: one.index.direction}, one.index)
            found[_identity(spec)] = spec
    for index in schema.settings.indexes:
        spec = _spec({_key(name, schema): way for name, way in index.keys}, index)
        found[_identity(spec)] = spec
    return list(found.values())


def _key(name: Any, schema: Schema) -> str:
    if isinstance(name, (Path, Order)):
        return str(name)
    try:
        return schema.shape.locate(name)[0]
    except AttributeError as error:
        raise ConfigurationError(
            f"an index of {schema.cls.__name__}: {error}"
        ) from None


def _spec(key: dict[str, Any], index: Index) -> dict[str, Any]:
    options = dict(index.options)
    name = options.pop("name", None) or "_".join(
        f"{part}_{way}" for part, way in key.items()
    )
    return {"key": key, "name": name, **options}


def _identity(spec: Mapping[str, Any]) -> Any:
    """What makes two indexes the same, whatever they are called."""
    keys = tuple(spec["key"].items())
    text = "_fts" in spec["key"] or "text" in spec["key"].values()
    flags = ("unique", "sparse", "hidden")
    options = tuple(bool(spec.get(one)) for one in flags)
    expiry = spec.get("expireAfterSeconds")
    partial = repr(spec.get("partialFilterExpression"))
    return (("text",) if text else keys, options, expiry, partial)
