"""
A class's ``Meta`` or ``Settings``: collection, indexes, timestamps and the rest.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError
from ..fields import Index

__all__ = ["Settings", "collection_of", "read_settings", "snake_case"]

_MOTORMONGO = ("collection", "created_at_timestamp", "updated_at_timestamp", "indexes")
_KNOWN = frozenset(
    {
        *_MOTORMONGO,
        "name",
        "timestamps",
        "tz_aware",
        "options",
        "read_preference",
        "allow_javascript",
        "discriminator",
    }
)
_SWITCHES = frozenset(
    {
        "created_at_timestamp",
        "updated_at_timestamp",
        "timestamps",
        "tz_aware",
        "allow_javascript",
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


def collection_of(cls: Any) -> str:
    """The name of the collection of ``cls``, which need not be read for it."""
    settings: Settings | None = getattr(cls, "__mongolane_settings__", None)
    name = None if settings is None else settings.collection
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
    for key, value in said.items():
        _check(key, value, owner)
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


def _check(key: str, value: Any, owner: str) -> None:
    if key not in _KNOWN:
        near = difflib.get_close_matches(key, _KNOWN, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigurationError(f"{owner}: unknown setting {key!r}{hint}")
    if key in _SWITCHES and not isinstance(value, (bool, int)):
        raise ConfigurationError(f"{owner}: {key} is True or False, not {value!r}")
    if key == "options" and value is not None and not isinstance(value, Mapping):
        raise ConfigurationError(f"{owner}: options is a dict, not {value!r}")


def _said(inner: type | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for one in reversed(inner.__mro__ if inner is not None else ()):
        public = (item for item in vars(one).items() if item[0][:1] != "_")
        said.update(public)
    return said


def _name(name: Any, owner: str) -> str | None:
    if name is None:
        return None
    if not isinstance(name, str) or not _is_good(name):
        raise ConfigurationError(f"{owner}: {name!r} cannot be a collection's name")
    return name


def _is_good(name: str) -> bool:
    """Whether every lane and server takes a collection's name."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return False
    dotted = name[:1] == "." or name[-1:] == "." or ".." in name
    bad = dotted or "\0" in name or "$" in name or name.startswith("system.")
    # With the database's name in front, 255 bytes at most.
    return 0 < size <= 253 and not bad


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
        if not one:
            raise ConfigurationError(f"{owner}: an index names its fields: {one!r}")
        return Index(*one)
    raise ConfigurationError(f"{owner}: {one!r} is no index")
