"""
A class's ``Meta`` or ``Settings``: collection, indexes, timestamps and the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError
from ..fields import Index

__all__ = ["Settings", "collection_name", "read_settings", "snake_case"]

_MOTORMONGO = ("collection", "created_at_timestamp", "updated_at_timestamp", "indexes")
_KNOWN = frozenset(
    {
        *_MOTORMONGO,
        "name",
        "timestamps",
        "created_at",
        "updated_at",
        "tz_aware",
        "options",
        "read_preference",
        "allow_javascript",
        "discriminator",
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What a class says about its collection.

    Attributes:
        collection: the collection's name, None for the rule's.
        indexes: declared in Meta, one ``Index`` each.
        created_at: set ``created_at`` at the first write.
        updated_at: set ``updated_at`` at each write.
        tz_aware: datetimes are read as aware UTC; False: naive UTC.
        options: ``readConcern``, ``writeConcern``, ``collation`` of each command.
        read_preference: a ``pymongo.read_preferences`` mode.
        allow_javascript: ``$where`` and its kin may be in a filter.
    """

    collection: str | None = None
    indexes: tuple[Index, ...] = ()
    created_at: bool = False
    updated_at: bool = False
    tz_aware: bool = True
    options: Mapping[str, Any] | None = None
    read_preference: Any = None
    allow_javascript: bool = False


def snake_case(name: str) -> str:
    """
    The default name of a class's collection: ``HTTPServer`` gives ``http_server``.

    A name that isn't a capital followed by letters and digits is only made small.
    """
    if not re.fullmatch(r"[A-Z][a-zA-Z0-9]*", name):
        return name.lower()
    split = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", split).lower()


def collection_name(cls: type, settings: Settings) -> str:
    """The name of the collection of ``cls``."""
    name = settings.collection
    if name is None:
        # A parametrized generic is called Box[int].
        return snake_case(re.sub(r"\W+", "_", cls.__name__).strip("_"))
    return name


def read_settings(inner: type | None, owner: str) -> Settings:
    """
    The settings that an inner class holds.

    Raises:
        ConfigurationError: for an unknown or impossible one.
    """
    said = _said(inner)
    for key in said:
        if key not in _KNOWN:
            raise ConfigurationError(f"{owner}: unknown setting {key!r}")
    both = bool(said.get("timestamps"))
    return Settings(
        collection=_name(said.get("collection", said.get("name")), owner),
        indexes=_indexes(said.get("indexes") or (), owner),
        created_at=bool(said.get("created_at_timestamp", both)),
        updated_at=bool(said.get("updated_at_timestamp", both)),
        tz_aware=bool(said.get("tz_aware", True)),
        options=said.get("options"),
        read_preference=said.get("read_preference"),
        allow_javascript=bool(said.get("allow_javascript", False)),
    )


def _said(inner: type | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for one in reversed(inner.__mro__ if inner is not None else ()):
        public = (item for item in vars(one).items() if item[0][:1] != "_")
        said.update(public)
    return said


def _name(name: Any, owner: str) -> str | None:
    if name is None:
        return None
    good = isinstance(name, str) and name and "\0" not in name and "$" not in name
    if not good or name.startswith("system."):
        raise ConfigurationError(f"{owner}: {name!r} cannot be a collection's name")
    return str(name)


def _indexes(given: Any, owner: str) -> tuple[Index, ...]:
    if not isinstance(given, (list, tuple)):
        raise ConfigurationError(f"{owner}: indexes is a list, not {given!r}")
    found = []
    for one in given:
        try:
            found.append(_index(one, owner))
        except ConfigurationError as error:
            if str(error).startswith(f"{owner}: "):
                raise
            raise ConfigurationError(f"{owner}: {error}") from None
    return tuple(found)


def _index(one: Any, owner: str) -> Index:
    # PyMongo's IndexModel holds the same as the server's own form.
    one = getattr(one, "document", one)
    if isinstance(one, Index):
        if not one.keys:
            raise ConfigurationError(f"{owner}: an index of Meta names its fields")
        return one
    if isinstance(one, str):
        return Index(one)
    if isinstance(one, Mapping):
        options = dict(one)
        keys = options.pop("fields", None) or options.pop("keys", None)
        if not keys:
            keys = list(options.pop("key", {}).items())
        if isinstance(keys, str):
            keys = [keys]
        if not keys:
            raise ConfigurationError(f"{owner}: an index names its fields: {one!r}")
        options.pop("background", None)
        return Index(*keys, **options)
    if isinstance(one, (list, tuple)):
        return Index(*one)
    raise ConfigurationError(f"{owner}: {one!r} is no index")
